//! Operations: numbers taken in every environment or in none, plans used once.

use super::{Harness, Writer, production, shop, staging};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::journal::{JournalEvent, JournalRecord};
use crate::lease::{Evidence, TakeoverReason};
use crate::operation::ClosedStatus;
use crate::record::Record;
use crate::store::{CommitOutcome, ProjectRecord};

/// Counted for each environment by itself.
pub async fn an_operation_takes_the_next_number_in_each_environment(harness: &dyn Harness) {
    let staging = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let production = Writer::acquire(harness.handle().await, &production()).await.unwrap();
    let first = staging.open().await.unwrap();
    assert_eq!(first.environments, [(staging.scope().clone(), 1)]);
    assert_eq!((first.entries, first.closed), (1, None));
    staging.close(&first.id).await.unwrap();

    let mut request = staging.open_request();
    request.fences = vec![staging.lease.fence(), production.lease.fence()];
    let second = staging.store.open(&request).await.unwrap();
    assert_eq!(
        second.environments,
        [(production.scope().clone(), 1), (staging.scope().clone(), 2)]
    );

    let other = harness.handle().await;
    let listed = other.operations(staging.scope()).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!((listed[0].entries, listed[0].closed), (2, Some(ClosedStatus::Succeeded)));
    assert_eq!(listed[1], second);
    assert_eq!(other.newest_operation(production.scope()).await.unwrap(), Some(second.clone()));
    assert_eq!(other.operation(&second.id).await.unwrap(), Some(second));
}

/// The refusal names the operation that used it.
pub async fn a_plan_is_used_once(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let first = writer.open_request();
    writer.store.open(&first).await.unwrap();
    writer.close(&first.operation).await.unwrap();

    let mut second = writer.open_request();
    second.plan = first.plan.clone();
    match writer.store.open(&second).await.unwrap_err() {
        StoreError::PlanUsed { plan, operation, at, who } => {
            assert_eq!((plan, operation), (first.plan, first.operation));
            assert_eq!((at, who.as_str()), (first.at, "ada"));
        }
        error => panic!("{error}"),
    }
    assert_eq!(writer.store.operations(&staging()).await.unwrap().len(), 1);
}

/// After an unknown outcome an operation is simply opened again.
pub async fn opening_again_gives_the_same_operation(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let request = writer.open_request();
    let first = writer.store.open(&request).await.unwrap();
    let writes = writer.store.durable_writes();
    assert_eq!(writer.store.open(&request).await.unwrap(), first);
    assert_eq!(writer.store.durable_writes(), writes);
    assert_eq!(writer.store.journal(&first.id).await.unwrap().len(), 1);

    let mut another = request.clone();
    another.nonce = super::fresh_nonce();
    let error = writer.store.open(&another).await.unwrap_err();
    assert!(matches!(error, StoreError::InvalidRequest { .. }), "{error}");
}

/// The one whose lease was lost spoils it: no number is taken anywhere, and the plan stays usable.
pub async fn an_opening_that_does_not_get_every_environment_leaves_nothing(harness: &dyn Harness) {
    let staging = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let mut production = Writer::acquire(harness.handle().await, &production()).await.unwrap();
    let mut request = staging.open_request();
    request.fences = vec![production.lease.fence(), staging.lease.fence()];
    let evidence = Evidence { number: production.lease.number, reason: TakeoverReason::Ordered };
    let taken = super::lease_request("grace", Some(evidence));
    production.lease = production.store.acquire(production.scope(), &taken).await.unwrap();

    let error = staging.store.open(&request).await.unwrap_err();
    assert!(matches!(error, StoreError::LeaseLost { .. }), "{error}");
    for writer in [&staging, &production] {
        assert_eq!(writer.store.newest_operation(writer.scope()).await.unwrap(), None);
    }
    assert_eq!(staging.store.operation(&request.operation).await.unwrap(), None);

    request.fences = vec![staging.lease.fence(), production.lease.fence()];
    let opened = staging.store.open(&request).await.unwrap();
    assert!(opened.environments.iter().all(|(_, number)| *number == 1));
}

/// In none of the environments that an open operation is about.
pub async fn nothing_opens_on_an_operation_that_is_not_closed(harness: &dyn Harness) {
    let staging = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let production = Writer::acquire(harness.handle().await, &production()).await.unwrap();
    let mut both = staging.open_request();
    both.fences = vec![staging.lease.fence(), production.lease.fence()];
    staging.store.open(&both).await.unwrap();
    for writer in [&staging, &production] {
        match writer.open().await.unwrap_err() {
            StoreError::OperationOpen { scope, operation } => {
                assert_eq!((&scope, operation), (writer.scope(), both.operation.clone()));
            }
            error => panic!("{error}"),
        }
    }
    let closed = JournalRecord::bare(JournalEvent::Closed { status: ClosedStatus::Canceled });
    let mut close = staging.append_request(&both.operation, 1, vec![closed]);
    close.fences = both.fences.clone();
    staging.store.append(&close).await.unwrap();
    production.open().await.unwrap();
}

/// Under one lease, from eight handles.
pub async fn of_eight_who_open_one_does(harness: &dyn Harness) {
    let writer = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let mut racers = Vec::new();
    for _ in 0..8 {
        let (store, request) = (harness.handle().await, writer.open_request());
        racers.push(tokio::spawn(async move { store.open(&request).await }));
    }
    let mut winners = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            Ok(operation) => winners.push(operation),
            Err(StoreError::OperationOpen { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(writer.store.operations(&staging()).await.unwrap(), winners);
}

/// Announced together; whoever comes next could finish what is missing.
pub async fn several_environments_commit_under_one_announcement(harness: &dyn Harness) {
    let staging = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let production = Writer::acquire(harness.handle().await, &production()).await.unwrap();
    let mut open = staging.open_request();
    open.fences = vec![staging.lease.fence(), production.lease.fence()];
    let operation = staging.store.open(&open).await.unwrap().id;
    let record = vec![Record::new("resource.web", *b"{}")];
    let commits = [
        production.prepare(&operation, record.clone(), &[]).await.unwrap(),
        staging.prepare(&operation, record, &[]).await.unwrap(),
    ];
    let heads = commits.iter().map(|commit| (commit.scope.clone(), commit.head.clone())).collect();
    let announcement = JournalRecord::bare(JournalEvent::Committing { heads });
    let mut append = staging.append_request(&operation, 1, vec![announcement]);
    append.fences = open.fences.clone();
    staging.store.append(&append).await.unwrap();

    let first = staging.store.commit(&commits[0]).await.unwrap();
    let finisher = harness.handle().await;
    let again = finisher.commit(&commits[0]).await.unwrap();
    let second = finisher.commit(&commits[1]).await.unwrap();
    assert_eq!(
        [first, again, second],
        [CommitOutcome::Committed, CommitOutcome::AlreadyCommitted, CommitOutcome::Committed]
    );
    for commit in &commits {
        assert_eq!(finisher.head(&commit.scope).await.unwrap().as_ref(), Some(&commit.head));
    }
}

/// Another project by the same name is told apart.
pub async fn a_project_keeps_the_id_of_its_first_use(harness: &dyn Harness) {
    let store = harness.handle().await;
    let record = |id: &str| ProjectRecord {
        project: shop(),
        id: id.to_owned(),
        who: "ada".to_owned(),
        at: Timestamp(1_700_000_000_000),
    };
    store.claim_project(&record("first")).await.unwrap();
    let other = harness.handle().await;
    other.claim_project(&record("first")).await.unwrap();
    match other.claim_project(&record("second")).await.unwrap_err() {
        StoreError::WrongProject { project, stored, given } => {
            assert_eq!(project, shop());
            assert_eq!((stored.as_str(), given.as_str()), ("first", "second"));
        }
        error => panic!("{error}"),
    }
    assert_eq!(other.projects("default").await.unwrap(), [record("first")]);
    assert_eq!(other.projects("another tenant").await.unwrap(), []);
}

/// By a head or an operation; a lease alone makes none.
pub async fn environments_are_listed_once_they_are_used(harness: &dyn Harness) {
    let staging = Writer::acquire(harness.handle().await, &staging()).await.unwrap();
    let production = Writer::acquire(harness.handle().await, &production()).await.unwrap();
    assert_eq!(staging.store.environments(&shop()).await.unwrap(), []);
    staging.commit(vec![Record::new("resource.web", *b"{}")], &[]).await.unwrap();
    assert_eq!(staging.store.environments(&shop()).await.unwrap(), [staging.scope().clone()]);
    production.open().await.unwrap();
    assert_eq!(
        staging.store.environments(&shop()).await.unwrap(),
        [production.scope().clone(), staging.scope().clone()]
    );
    let other = crate::ProjectKey::new("another tenant", "shop").unwrap();
    assert_eq!(staging.store.environments(&other).await.unwrap(), []);
}

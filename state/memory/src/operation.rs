//! Operations: opening them, and what is told about them.

use mpctl_state::{
    JournalEntry, JournalEvent, OpenRequest, Operation, OperationId, Result, Scope, StoreError,
};

use crate::connection::{Data, OperationData};
use crate::lease;

fn describe(kept: &OperationData) -> Operation {
    let request = &kept.request;
    let closed = kept.journal.last().and_then(|entry| match entry.record.event {
        JournalEvent::Closed { status } => Some(status),
        _ => None,
    });
    Operation {
        id: request.operation.clone(),
        plan: request.plan.clone(),
        kind: request.kind.clone(),
        direction: request.direction,
        who: request.who.clone(),
        host: request.host.clone(),
        at: request.at,
        environments: kept.environments.clone(),
        entries: kept.journal.len() as u64,
        closed,
    }
}

pub(crate) fn get(data: &Data, operation: &OperationId) -> Option<Operation> {
    data.operations.get(operation).map(describe)
}

pub(crate) fn list(data: &Data, scope: &Scope) -> Vec<Operation> {
    let ids = data.scopes.get(scope).map_or(&[][..], |kept| &kept.operations);
    ids.iter().filter_map(|id| get(data, id)).collect()
}

pub(crate) fn newest(data: &Data, scope: &Scope) -> Option<Operation> {
    get(data, data.scopes.get(scope)?.operations.last()?)
}

pub(crate) fn open(data: &mut Data, request: &OpenRequest) -> Result<Operation> {
    let fences = request.checked_fences()?;
    for fence in &fences {
        lease::check(data, fence)?;
    }
    if let Some(kept) = data.operations.get(&request.operation)
        && kept.request.nonce == request.nonce
    {
        return Ok(describe(kept));
    }
    check_new(data, request)?;
    for fence in &fences {
        if let Some(newest) = newest(data, &fence.scope)
            && !newest.is_closed()
        {
            let scope = fence.scope.clone();
            return Err(StoreError::OperationOpen { scope, operation: newest.id });
        }
    }

    data.changes += 1;
    let mut environments = Vec::with_capacity(fences.len());
    for fence in &fences {
        let numbers = &mut data.scopes.entry(fence.scope.clone()).or_default().operations;
        numbers.push(request.operation.clone());
        environments.push((fence.scope.clone(), numbers.len() as u64));
    }
    let opened = JournalEntry {
        number: 0,
        nonce: request.nonce,
        at: request.at,
        record: request.opened_record(fences),
    };
    let kept = OperationData { request: request.clone(), environments, journal: vec![opened] };
    let operation = describe(&kept);
    data.plans.insert(request.plan.clone(), request.operation.clone());
    data.operations.insert(request.operation.clone(), kept);
    Ok(operation)
}

/// Both the operation's id and the plan's must be new.
fn check_new(data: &Data, request: &OpenRequest) -> Result<()> {
    if data.operations.contains_key(&request.operation) {
        return Err(StoreError::InvalidRequest {
            what: format!("operation id {} is taken", request.operation),
        });
    }
    let user = data.plans.get(&request.plan).and_then(|user| data.operations.get(user));
    match user {
        None => Ok(()),
        Some(user) => Err(StoreError::PlanUsed {
            plan: request.plan.clone(),
            operation: user.request.operation.clone(),
            at: user.request.at,
            who: user.request.who.clone(),
        }),
    }
}

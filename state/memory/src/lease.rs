//! Leases: the newest entry of each environment.

use mpctl_state::lease::{Verdict, check_fence};
use mpctl_state::{Fence, Lease, LeaseRequest, OperationId, Result, Scope, StoreError, Timestamp};

use crate::connection::Data;

pub(crate) fn newest(data: &Data, scope: &Scope, now: Timestamp) -> Option<Lease> {
    let (lease, _) = data.scopes.get(scope)?.lease.as_ref()?;
    Some(Lease { read_at: now, ..lease.clone() })
}

pub(crate) fn check(data: &Data, fence: &Fence) -> Result<()> {
    let newest = data.scopes.get(&fence.scope).and_then(|kept| kept.lease.as_ref());
    check_fence(fence, newest.map(|(lease, _)| lease))
}

pub(crate) fn acquire(
    data: &mut Data,
    scope: &Scope,
    request: &LeaseRequest,
    now: Timestamp,
) -> Result<Lease> {
    let kept = data.scopes.entry(scope.clone()).or_default();
    let newest = kept.lease.as_ref().map(|(lease, nonce)| {
        let lease = Lease { read_at: now, ..lease.clone() };
        (lease, *nonce)
    });
    match request.judge(newest)? {
        Verdict::Own(lease) => Ok(*lease),
        Verdict::Take(number) => {
            let lease = request.entry(scope, number, now);
            kept.lease = Some((lease.clone(), request.nonce));
            data.changes += 1;
            Ok(lease)
        }
    }
}

pub(crate) fn renew(
    data: &mut Data,
    fence: &Fence,
    operation: Option<&OperationId>,
    now: Timestamp,
) -> Result<Lease> {
    check(data, fence)?;
    let entry = data.scopes.get_mut(&fence.scope).and_then(|kept| kept.lease.as_mut());
    let Some((lease, _)) = entry else {
        return Err(StoreError::LeaseLost {
            scope: fence.scope.clone(),
            fence: fence.number,
            now: None,
        });
    };
    *lease = lease.renewed(operation, now);
    let renewed = lease.clone();
    data.changes += 1;
    Ok(renewed)
}

pub(crate) fn release(data: &mut Data, fence: &Fence, now: Timestamp) -> Result<()> {
    let entry = data.scopes.get_mut(&fence.scope).and_then(|kept| kept.lease.as_mut());
    match entry {
        Some((lease, _)) if lease.fence == fence.number => {
            if !lease.released {
                *lease = lease.given_back(now);
                data.changes += 1;
            }
            Ok(())
        }
        entry => Err(StoreError::LeaseLost {
            scope: fence.scope.clone(),
            fence: fence.number,
            now: entry.map(|(lease, _)| Box::new(lease.clone())),
        }),
    }
}

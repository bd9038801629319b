//! Projects and their environments.

use mpctl_state::{ProjectKey, ProjectRecord, Result, Scope, StoreError};

use crate::connection::Data;

pub(crate) fn list(data: &Data, tenant: &str) -> Vec<ProjectRecord> {
    data.projects.values().filter(|record| &*record.project.tenant == tenant).cloned().collect()
}

pub(crate) fn claim(data: &mut Data, project: &ProjectRecord) -> Result<()> {
    let Data { projects, changes, .. } = data;
    let stored = projects.entry(project.project.clone()).or_insert_with(|| {
        *changes += 1;
        project.clone()
    });
    if stored.id == project.id {
        return Ok(());
    }
    Err(StoreError::WrongProject {
        project: project.project.clone(),
        stored: stored.id.clone(),
        given: project.id.clone(),
    })
}

pub(crate) fn environments(data: &Data, project: &ProjectKey) -> Vec<Scope> {
    data.scopes
        .iter()
        .filter(|(scope, _)| scope.project_key() == *project)
        .filter(|(_, kept)| !kept.heads.is_empty() || !kept.operations.is_empty())
        .map(|(scope, _)| scope.clone())
        .collect()
}

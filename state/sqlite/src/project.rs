//! Projects: the id that was written at first use.

use mpctl_state::{ProjectKey, ProjectRecord, StoreError, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};

pub(crate) fn list(session: &Session<'_>, tenant: &str) -> Outcome<Vec<ProjectRecord>> {
    let mut statement = session.sql.prepare_cached(
        "SELECT project, id, who, at FROM project WHERE tenant = ?1 ORDER BY project",
    )?;
    let mut rows = statement.query([tenant])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let project =
            ProjectKey::new(tenant, &name).map_err(|_| damaged("a project has no proper name"))?;
        found.push(ProjectRecord {
            project,
            id: row.get(1)?,
            who: row.get(2)?,
            at: Timestamp(row.get(3)?),
        });
    }
    Ok(found)
}

pub(crate) fn claim(session: &Session<'_>, project: &ProjectRecord) -> Outcome<()> {
    let ProjectKey { tenant, project: name } = &project.project;
    let stored: Option<String> = session
        .sql
        .prepare_cached("SELECT id FROM project WHERE tenant = ?1 AND project = ?2")?
        .query_row(params![&**tenant, &**name], |row| row.get(0))
        .optional()?;
    match stored {
        Some(stored) if stored == project.id => Ok(()),
        Some(stored) => Err(Failure::Store(StoreError::WrongProject {
            project: project.project.clone(),
            stored,
            given: project.id.clone(),
        })),
        None => {
            session
                .sql
                .prepare_cached(
                    "INSERT INTO project (tenant, project, id, who, at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![&**tenant, &**name, project.id, project.who, project.at.0])?;
            Ok(())
        }
    }
}

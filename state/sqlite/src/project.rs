//! Projects: the id that was written at first use.

use mpctl_state::digest::Fields;
use mpctl_state::{Digest, ProjectKey, ProjectRecord, StoreError, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::connection::Session;
use crate::error::{Failure, Outcome, damaged};

const COLUMNS: &str = "SELECT tenant, project, id, who, at, digest FROM project";

fn digest(record: &ProjectRecord) -> Digest {
    Fields::new("mpctl sqlite project 1")
        .text(&record.project.tenant)
        .text(&record.project.project)
        .text(&record.id)
        .text(&record.who)
        .bytes(&record.at.0.to_le_bytes())
        .finish()
}

fn unchecked(row: &Row<'_>) -> Outcome<ProjectRecord> {
    let (tenant, name): (String, String) = (row.get(0)?, row.get(1)?);
    let project =
        ProjectKey::new(&tenant, &name).map_err(|_| damaged("a project has no proper name"))?;
    Ok(ProjectRecord { project, id: row.get(2)?, who: row.get(3)?, at: Timestamp(row.get(4)?) })
}

/// All projects, each checked. There are few: nothing is looked up by an index.
fn all(session: &Session<'_>) -> Outcome<Vec<ProjectRecord>> {
    let mut statement =
        session.sql.prepare_cached(&format!("{COLUMNS} ORDER BY tenant, project"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let record = unchecked(row)?;
        if row.get::<_, [u8; 32]>(5)? != *digest(&record).as_bytes() {
            let name = &record.project;
            return Err(damaged(format!("project {name} does not agree with its digest")));
        }
        found.push(record);
    }
    Ok(found)
}

pub(crate) fn list(session: &Session<'_>, tenant: &str) -> Outcome<Vec<ProjectRecord>> {
    let mut found = all(session)?;
    found.retain(|record| &*record.project.tenant == tenant);
    Ok(found)
}

pub(crate) fn claim(session: &Session<'_>, project: &ProjectRecord) -> Outcome<()> {
    let stored = all(session)?.into_iter().find(|stored| stored.project == project.project);
    match stored {
        Some(stored) if stored.id == project.id => Ok(()),
        Some(stored) => Err(Failure::Store(StoreError::WrongProject {
            project: project.project.clone(),
            stored: stored.id,
            given: project.id.clone(),
        })),
        None => {
            let ProjectKey { tenant, project: name } = &project.project;
            let ProjectRecord { id, who, at, .. } = project;
            session
                .sql
                .prepare_cached(
                    "INSERT INTO project (tenant, project, id, who, at, digest)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![&**tenant, &**name, id, who, at.0, digest(project).as_bytes()])?;
            Ok(())
        }
    }
}

/// For the step to format 2.
pub(crate) fn add_digests(sql: &Connection) -> Outcome<()> {
    let mut statement = sql.prepare(COLUMNS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let record = unchecked(row)?;
        sql.execute(
            "UPDATE project SET digest = ?3 WHERE tenant = ?1 AND project = ?2",
            params![&*record.project.tenant, &*record.project.project, digest(&record).as_bytes()],
        )?;
    }
    Ok(())
}

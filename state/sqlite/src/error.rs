//! From SQLite's errors to the contract's.
//!
//! Inside the adapter everything fails with a [`Failure`]; where a call leaves the adapter, it gets
//! the place of the store and becomes a [`StoreError`]. What cannot be read as it was written is
//! damage, whether SQLite noticed it or a digest did.

use mpctl_state::StoreError;
use rusqlite::ErrorCode;

/// Why something inside the adapter failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An answer of the contract.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// SQLite's own.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// What is stored is not what was stored.
    #[error("{0}")]
    Damaged(String),
    /// The store cannot be used now.
    #[error("{0}")]
    Unavailable(String),
}

/// What a function inside the adapter gives.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Damage in a row: which table, which row, what is wrong.
pub(crate) fn damaged(what: impl Into<String>) -> Failure {
    Failure::Damaged(what.into())
}

impl Failure {
    /// The contract's error for this failure of the store at `place`.
    pub(crate) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            Self::Store(error) => error,
            Self::Damaged(what) => StoreError::Damaged { place, what },
            Self::Unavailable(why) => StoreError::Unavailable { place, why },
            Self::Sqlite(error) => from_sqlite(&error, place),
        }
    }

    /// The contract's error for a transaction whose end failed. `committing` names what was asked.
    pub(crate) fn at_commit(self, place: &str, committing: &'static str) -> StoreError {
        match &self {
            Self::Sqlite(error)
                if matches!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure)) =>
            {
                StoreError::UnknownOutcome {
                    place: place.to_owned(),
                    what: committing,
                    why: error.to_string(),
                }
            }
            _ => self.at(place),
        }
    }
}

fn from_sqlite(error: &rusqlite::Error, place: String) -> StoreError {
    use rusqlite::Error as Sqlite;
    let why = match error {
        Sqlite::FromSqlConversionFailure(..)
        | Sqlite::IntegralValueOutOfRange(..)
        | Sqlite::InvalidColumnType(..)
        | Sqlite::Utf8Error(..) => {
            return StoreError::Damaged {
                place,
                what: format!("a column cannot be read: {error}"),
            };
        }
        Sqlite::SqlInputError { .. } => {
            return StoreError::Damaged { place, what: format!("a table is missing: {error}") };
        }
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                return StoreError::Damaged { place, what: error.to_string() };
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another process has kept it busy for too long".to_owned()
            }
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(ErrorCode::CannotOpen) => format!("it cannot be opened ({error})"),
            Some(ErrorCode::ReadOnly) => "it may not be written to".to_owned(),
            Some(ErrorCode::PermissionDenied) => "access to it is not permitted".to_owned(),
            _ => error.to_string(),
        },
    };
    StoreError::Unavailable { place, why }
}

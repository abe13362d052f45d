//! How screenings can refuse, and how each refusal is told: the domain's one table to HTTP.

use campus_domain::Invalid;
use campus_endpoint::{CursorInvalid, FieldError, IntoProblem, Patch, PreconditionFailed, Problem, problem};
use campus_store::{MayRace, StoreError};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such library.
    #[error("no such library")]
    LibraryNotFound,
    /// There is no such film.
    #[error("no such film")]
    FilmNotFound,
    /// There is no such screening.
    #[error("no such screening")]
    ScreeningNotFound,
    /// Screenings are still to come there.
    #[error("screenings are to come in the library")]
    LibraryInUse,
    /// Screenings of it are still to come.
    #[error("screenings of the film are to come")]
    FilmInUse,
    /// It was cancelled, and people were told so.
    #[error("the screening was cancelled")]
    ScreeningCancelled,
    /// What the client has seen is not what is stored.
    #[error(transparent)]
    PreconditionFailed(#[from] PreconditionFailed),
    /// The cursor is of another list, or made up.
    #[error(transparent)]
    CursorInvalid(#[from] CursorInvalid),
    /// Fields are wrong for what is stored.
    #[error("fields are wrong")]
    Fields(Vec<(&'static str, Invalid)>),
    /// Another request was faster.
    #[error("raced by another request")]
    Raced,
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl IntoProblem for Error {
    fn problem(&self) -> Problem {
        match self {
            Self::LibraryNotFound => problem(404, "library_not_found"),
            Self::FilmNotFound => problem(404, "film_not_found"),
            Self::ScreeningNotFound => problem(404, "screening_not_found"),
            Self::LibraryInUse => problem(409, "library_in_use"),
            Self::FilmInUse => problem(409, "film_in_use"),
            Self::ScreeningCancelled => problem(409, "screening_cancelled"),
            Self::PreconditionFailed(failed) => failed.problem(),
            Self::CursorInvalid(invalid) => invalid.problem(),
            Self::Fields(wrong) => {
                let errors = wrong
                    .iter()
                    .map(|(pointer, invalid)| FieldError { pointer: (*pointer).to_owned(), invalid: *invalid });
                Problem::invalid(errors.collect())
            }
            // Eight races lost in a row: as good as down.
            Self::Raced => StoreError::Contended.problem(),
            Self::Store(error) => error.problem(),
            Self::Internal(error) => Problem::internal(error),
        }
    }
}

/// Tells a change of `deleted` that is no restoration as a wrong field.
pub(crate) fn only_restored(deleted: bool, wished: &Patch<bool>) -> Result<(), Error> {
    wished.only_restores(deleted).map_err(|invalid| Error::Fields(vec![("/deleted", invalid)]))
}

impl MayRace for Error {
    fn is_raced(&self) -> bool {
        matches!(self, Self::Raced)
    }
}

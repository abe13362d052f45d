//! Libraries that show films.

pub mod store;

use campus_domain::{LibraryId, Line, Timestamp};
use serde::{Deserialize, Serialize};

/// What a library is called.
pub type LibraryName = Line<100>;

/// A library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its id.
    pub id: LibraryId,
    /// What it is called.
    pub name: LibraryName,
    /// Where it is.
    pub address: Option<Line<200>>,
    /// Where its programme is on the web.
    pub programme_url: Option<Line<2000>>,
    /// Whether it is deleted, so that only staff see it.
    pub deleted: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Raised with every change.
    pub version: u32,
}

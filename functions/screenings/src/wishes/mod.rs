//! Wishes: who wants to see which film, and is told when it is shown.

pub mod create_wish;
pub mod delete_wish;
pub mod list_wishes;
pub mod store;

use campus_domain::{FilmId, Timestamp, UserId, WishId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Its id: later wishes have later ids.
    pub id: WishId,
    /// Whose.
    pub user_id: UserId,
    /// For which film.
    pub film_id: FilmId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which film.
#[derive(eserde::Deserialize, ToSchema)]
pub struct WishPath {
    film_id: FilmId,
}

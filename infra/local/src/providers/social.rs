//! Google, Kakao and Facebook.

use axum::Router;

use super::Providers;

/// The routes of the providers of accounts.
pub(super) fn router() -> Router<Providers> {
    Router::new()
}

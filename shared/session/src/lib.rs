//! Sessions and the tokens that name them: who calls, and how they prove it.

mod authenticate;
mod claims;
mod ring;
mod session;
mod signer;

pub use authenticate::{AuthError, Authenticator};
pub use claims::{ACCESS_TOKEN_SECONDS, AUDIENCE};
pub use ring::{Ring, RingKey};
pub use session::{Role, Roles, Session, SessionSchool, SessionState};
pub use signer::{Prepared, Signer, SigningError, TokenView};

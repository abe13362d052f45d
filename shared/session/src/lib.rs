//! Sessions and the tokens that name them: who calls, and how they prove it.

mod authenticate;
mod claims;
mod devices;
mod refresh;
mod ring;
mod session;
mod signer;
mod tokens;

pub use authenticate::{AuthError, Authenticator, Demands, bearer};
pub use claims::{ACCESS_TOKEN_SECONDS, AUDIENCE};
pub use devices::{Devices, SESSIONS_MAX};
pub use refresh::{GRACE_SECONDS, NamedRefresh, Standing};
pub use ring::{CursorSecret, KEPT_FOR_SECONDS, PUBLISHED_BEFORE_SECONDS, PublicKey, Ring, RingKey, SIGNS_FOR_SECONDS};
pub use session::{Role, Roles, Session, SessionSchool, SessionState};
pub use signer::{Prepared, Signer, SigningError, public_key};
pub use tokens::{Issue, Transport, hash_of, is_csrf_token_of};

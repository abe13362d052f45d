//! Text and time, valid by construction: whoever holds one of these values need not check it again.

mod email;
mod id;
mod invalid;
mod line;
mod local_time;
mod locale;
mod mail_domain;
mod moment;
pub mod name;
mod number;
mod password;
mod person;
mod phone;
mod reserved;
mod text;
pub mod time;
mod verification;
mod web;

pub use email::EmailAddress;
pub use id::{
    AuditId, AuthorizationId, CaptchaId, CodeId, DeliveryId, ExportId, FilmId, Id, LibraryId, LinkId, NotificationId,
    RequestId, SchoolId, ScreeningId, SecurityEventId, SessionId, TicketId, UserId, WishId, kind,
};
pub use invalid::Invalid;
pub use line::{Line, Prose};
pub use local_time::{LocalTime, QuietHours};
pub use locale::Locale;
pub use mail_domain::MailDomain;
pub use moment::Moment;
pub use name::{Nickname, Username};
pub use number::Number;
pub use password::{Password, PasswordPolicy};
pub use person::{AdmissionYear, PersonName, TimeZoneName};
pub use phone::{PhoneNumber, PhonePolicy};
pub use time::{Clock, SystemClock, Timestamp};
pub use verification::VerificationCode;
pub use web::{RedirectUri, WebAddress};

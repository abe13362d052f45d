//! The contract between Campus and the code of one endpoint, worker or command, and the runner that carries
//! out everything that is the same for all of them.
//!
//! An endpoint is one file: it implements [`Endpoint`], and its domain's registry lists it. Nothing in
//! here knows of Lambda; `campus-lambda` serves a registry there, `infra/local` on a laptop.

mod access;
mod answer;
mod body;
mod command;
mod contract;
mod cookies;
mod credentials;
mod cx;
mod derived;
mod describe;
mod dispatch;
mod draft;
mod fallback;
mod idempotency;
mod limit;
mod list;
mod measure;
mod merge_patch;
mod origins;
mod parameters;
mod problem;
mod registry;
mod request;
mod route;
mod runner;
mod settings;
mod tag;
mod worker;

pub use access::{
    Access, Admin, Caller, Member, OptionalSession, Public, SessionUse, SignedIn, Staff, VerifiedMember, token_missing,
};
pub use answer::{Accepted, Answer, Created, Fine, NoContent, OneOf, Whole};
pub use body::{Body, NoBody, Refusals, read as read_body};
pub use command::{Command, Report};
pub use contract::{Endpoint, Request, Tuning};
pub use cookies::{ACCESS_COOKIE, CSRF_COOKIE, REFRESH_COOKIE, WithCookies};
pub use credentials::ClientCookies;
pub use cx::{Cx, Invocation, Recorder, Runtime};
pub use derived::{Derived, EndingDerived, TokenView};
pub use describe::{AnswerDescription, BodyDescription, Described, Description};
pub use dispatch::{Dispatcher, Function, KeyError};
pub use fallback::Fallback;
pub use limit::{Limit, Spend, Window};
pub use list::{CursorInvalid, CursorKey, ListKey, Listed, Page, PageLimit};
pub use measure::Measure;
pub use merge_patch::Patch;
pub use origins::AllowedOrigins;
pub use parameters::{NoPath, NoQuery, Parameters};
pub use problem::{FieldError, IntoProblem, Problem, problem};
pub use registry::{AccessKind, Describer, Describes, EndpointEntry, Registry};
pub use request::{HttpRequest, HttpResponse};
pub use route::{Route, delete, get, get_at_root, patch, post, put};
pub use runner::csrf_required;
pub use settings::{CaptchaProvider, Settings, SettingsError, SocialClients, Stage};
pub use tag::{IfMatch, PreconditionFailed, Resource, Tag};
pub use worker::{Source, WorkError, Worker, WorkerEntry};

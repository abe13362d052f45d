//! The contract of an endpoint.

use campus_aws::Grant;

use crate::access::{Access, Caller};
use crate::answer::Answer;
use crate::body::Body;
use crate::cx::Cx;
use crate::limit::Limit;
use crate::parameters::Parameters;
use crate::problem::IntoProblem;
use crate::route::Route;
use crate::tag::IfMatch;

/// One endpoint: its route, who may call it, what it may touch, what it takes and answers, and its
/// handler. Everything that repeats per endpoint is derived from this.
pub trait Endpoint: Sized + Send + Sync + 'static {
    /// `verb_noun`: the file, the operation id and the Lambda's suffix are named so, too.
    const NAME: &'static str;
    /// One line for the API description.
    const SUMMARY: &'static str;
    /// Method and path.
    const ROUTE: Route;
    /// What the handler may touch. What the runner itself touches is added by `Access` and `LIMITS`.
    const GRANTS: &'static [Grant] = &[];
    /// Rate limits per client address that the runner counts, whatever becomes of the request.
    const LIMITS: &'static [Limit] = &[];
    /// Whether the caller's session is read anew, however lately the instance read it: for what must not be
    /// done by a session that ended a moment ago (password, number, address, deletion, ending sessions).
    const FRESH_SESSION: bool = false;
    /// Whether the account may be suspended: for what ends a session, and nothing else.
    const SUSPENDED_TOO: bool = false;
    /// Bytes of body that it takes.
    const BODY_MAX: usize = 256 * 1024;
    /// What the handler refuses with of its own, each with any content. Bad input, a missing session and
    /// whatever fails below the handler need not be said. The test kit refuses a reply that is not said here.
    const REFUSALS: &'static [Self::Error] = &[];
    /// Memory and time.
    const TUNING: Tuning = Tuning::STANDARD;
    /// Who may call it.
    type Access: Access;
    /// The path's variables.
    type Path: Parameters;
    /// The query's parameters.
    type Query: Parameters;
    /// The body.
    type Input: Body;
    /// The answer.
    type Output: Answer;
    /// How it can fail.
    type Error: IntoProblem + Send + 'static;

    /// What an instance does before its first request. Lambda lends a whole processor to a function that starts,
    /// and to a small one that runs a seventh. One that has a whole processor anyway gains nothing: it would do for
    /// every instance what few requests need.
    fn warm_up() {}

    /// Carries out a valid request of an admitted caller.
    fn handle(
        cx: &Cx,
        caller: Caller<Self::Access>,
        request: Request<Self>,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

/// What was asked, valid.
pub struct Request<E: Endpoint> {
    /// The path's variables.
    pub path: E::Path,
    /// The query's parameters.
    pub query: E::Query,
    /// The body.
    pub input: E::Input,
    /// What the client has seen of the thing that it changes.
    pub if_match: IfMatch,
}

/// The size of a Lambda function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Megabytes. Lambda gives CPU in proportion: 1769 is one full vCPU.
    pub memory_mb: u16,
    /// Seconds until Lambda stops an invocation.
    pub timeout_seconds: u16,
}

impl Tuning {
    /// Enough for a few AWS calls.
    pub const STANDARD: Self = Self { memory_mb: 256, timeout_seconds: 10 };
    /// One full vCPU, for hashing passwords.
    pub const HASHING: Self = Self { memory_mb: 1769, timeout_seconds: 10 };
}

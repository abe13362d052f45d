//! `POST /verification-codes/{id}/confirmations`: tell a code back, for a proof.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, REQUESTS};
use campus_domain::{CodeId, Timestamp, VerificationCode};
use campus_endpoint::{Body, Caller, Created, Cx, Derived, Endpoint, NoQuery, Public, Request, Route, post};
use campus_messages::{CODE_SECONDS, TargetState};
use campus_secrets::{Label, derive_code};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::store;
use crate::Error;

/// The endpoint.
pub struct ConfirmVerificationCode;

/// Which code.
#[derive(eserde::Deserialize, ToSchema)]
pub struct CodePath {
    id: CodeId,
}

/// The code.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    code: VerificationCode,
}

impl Body for Input {}

/// The proof that the target is the caller's.
#[derive(Serialize, ToSchema)]
pub struct ProofView {
    /// Good once, for the code's purpose and target.
    #[schema(value_type = String, example = "the proof of the next request")]
    proof: Derived,
    expires_at: Timestamp,
}

impl Endpoint for ConfirmVerificationCode {
    const NAME: &'static str = "confirm_verification_code";
    const SUMMARY: &'static str = "Confirm a verification code";
    const ROUTE: Route = post("/verification-codes/{id}/confirmations");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get().update(), REQUESTS.update(), CODE_SECRET.read()];
    const REFUSALS: &'static [Error] =
        &[Error::CodeMismatch, Error::CodeExpired, Error::GuessesExhausted { retry_after: CODE_SECONDS }];
    type Access = Public;
    type Path = CodePath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<ProofView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Created<ProofView>, Error> {
        let (secret, code) = tokio::join!(cx.secrets().read(CODE_SECRET), store::find(cx, request.path.id));
        let (secret, code) = (secret?, code?.ok_or(Error::CodeExpired)?);
        if !code.is_open(cx.now()) {
            return Err(Error::CodeExpired);
        }
        // Counted before it is compared, or as many guesses as fit between the two would go uncounted.
        let counted = TargetState::count_guess(cx.store(), &code.target, cx.now(), code.id, &cx.mark()).await?;
        counted.map_err(|refused| match refused {
            campus_messages::GuessRefused::Exhausted { retry_after } => Error::GuessesExhausted { retry_after },
            campus_messages::GuessRefused::Superseded => Error::CodeExpired,
        })?;
        let expected = derive_code(&secret, code.id, code.purpose.as_str(), code.target.as_str());
        if !bool::from(expected.as_str().as_bytes().ct_eq(request.input.code.as_str().as_bytes())) {
            return Err(Error::CodeMismatch);
        }
        let body =
            ProofView { proof: Derived::token(Label::Proof, code.id), expires_at: store::proof_expiry(cx.now()) };
        let confirmed = Created { location: format!("/v1/verification-codes/{}", code.id), body };
        store::confirm(cx, &code, &confirmed).await?;
        Ok(confirmed)
    }
}

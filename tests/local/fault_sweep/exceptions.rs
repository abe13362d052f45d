//! Ends that are right although they differ, and why.

use super::scenario::Exception;

/// Geetest takes an answer once.
pub(super) const ANSWER_IS_USED: &str =
    "nothing is solved, and Geetest has taken the answer; the person solves another challenge";
pub(super) const NOT_SOLVED: Exception = ("TransactWriteItems", "", "answer: 400 captcha_failed", ANSWER_IS_USED);
pub(super) const STILL_OPEN: Exception = ("TransactWriteItems", "", "captcha: ", ANSWER_IS_USED);
pub(super) const REFUSED_FOR_GOOD: Exception = ("TransactWriteItems", "", "idempotency: answer", ANSWER_IS_USED);
pub(super) const NOT_TAKEN: Exception = ("TransactWriteItems", "", "less: ", ANSWER_IS_USED);
/// A look that is not kept is taken again.
pub(super) const NOT_KEPT: Exception =
    ("UpdateItem", "", "idempotency: answer n", "the answer is not kept; asked again, it is looked up again");
/// A marker that is set where it is goes before what was said of entries in between.
pub(super) const SET_TWICE: Exception =
    ("TransactWriteItems", "loses its answers", "inbox_marker: version 2", "it is set twice, to the same place");
/// An operator who is not answered revokes once more.
pub(super) const REVOKED_TWICE: &str = "the new key is revoked and replaced, too, which costs a refresh";
pub(super) const REVOKED_AND_KEPT: Exception = ("TransactWriteItems", "loses its answers", "key_ring: ", REVOKED_TWICE);
pub(super) const REVOKED_AND_TOLD: Exception =
    ("TransactWriteItems", "loses its answers", "more: accounts ", REVOKED_TWICE);
/// The ledger of deliveries counts attempts at a message.
pub(super) const TRIED_TWICE: Exception =
    ("", "", "delivery: attempts 2", "the ledger counts the attempt that failed, too");
/// A worker that may have called the provider does not call it again for a code.
pub(super) const UNKNOWN: &str =
    "the delivery is `unknown`: a code is never sent twice, and whoever waits for it asks for another";
pub(super) const UNTOLD: Exception = ("TransactWriteItems", "loses its answers", "delivery: ", UNKNOWN);
pub(super) const UNTOLD_AND_UNSENT: Exception = ("TransactWriteItems", "loses its answers", "less: ", UNKNOWN);
pub(super) const UNSETTLED: Exception = ("PutItem", "", "delivery: ", UNKNOWN);
pub(super) const UNANSWERED_SMS: Exception = ("SNS.Publish", "", "delivery: provider_code \"unreachable\"", UNKNOWN);
pub(super) const UNSENT_SMS: Exception = ("SNS.Publish", "hangs", "less: sms", UNKNOWN);
pub(super) const UNANSWERED_MAIL: Exception = ("SES.SendEmail", "", "delivery: provider_code \"unreachable\"", UNKNOWN);
pub(super) const UNSENT_MAIL: Exception = ("SES.SendEmail", "hangs", "less: email", UNKNOWN);
pub(super) const OF_SMS: &[Exception] =
    &[TRIED_TWICE, UNTOLD, UNTOLD_AND_UNSENT, UNSETTLED, UNANSWERED_SMS, UNSENT_SMS];
pub(super) const OF_MAIL: &[Exception] =
    &[TRIED_TWICE, UNTOLD, UNTOLD_AND_UNSENT, UNSETTLED, UNANSWERED_MAIL, UNSENT_MAIL];

/// A purge is heard again later, by a message that a queue may take and not say so.
pub(super) const HEARD_TWICE: Exception =
    ("SQS.SendMessageBatch", "", "more: queued", "the queue took the rest twice; hearing it once more is harmless");
pub(super) const PURGES: &[Exception] = &[HEARD_TWICE];

/// An alert in doubt is sent once more, since nobody could ask for it again.
pub(super) const TWICE: &str = "the provider's answer was lost, and two are better than none";
pub(super) const TOLD_TWICE_BY_SMS: Exception = ("", "", "more: sms", TWICE);
pub(super) const TOLD_TWICE_BY_MAIL: Exception = ("", "", "more: email", TWICE);
pub(super) const OF_ALERTS: &[Exception] = &[TRIED_TWICE, TOLD_TWICE_BY_SMS, TOLD_TWICE_BY_MAIL];

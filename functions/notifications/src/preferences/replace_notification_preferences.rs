//! `PUT /users/me/notification-preferences`: choose what to be told, and how.

use campus_aws::{CONTACTS, Grant, NOTIFICATIONS, OUTBOX};
use campus_domain::{Invalid, QuietHours};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, Member, NoPath, NoQuery, PreconditionFailed, Refusals, Request, Route, Settings, Whole,
    put,
};
use campus_messages::{AlertKind, Kinds, LeadMinutes, OutboxItem, Plan, Preferences};
use campus_store::while_raced;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{NotificationPreferencesView, store};
use crate::Error;

/// The endpoint.
pub struct ReplaceNotificationPreferences;

/// All preferences: what is left out takes its default.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({
    "kinds": { "screening_reminder": { "email": true, "sms": false, "inbox": true } },
    "quiet_hours": { "from": "22:00", "to": "07:30" },
    "lead_minutes": 120
}))]
pub struct Input {
    #[serde(default)]
    kinds: Kinds,
    /// When neither mail nor text message may come, in the person's own time zone; over midnight, if the second time is
    /// the earlier one.
    #[serde(default)]
    quiet_hours: Option<QuietHours>,
    #[serde(default)]
    lead_minutes: LeadMinutes,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        // What Campus does not know yet would be taken for turned off, and lost.
        let kinds = sent.get("kinds").and_then(Value::as_object);
        if kinds.is_some_and(|kinds| kinds.keys().any(|name| AlertKind::parse(name).is_none())) {
            refusals.add("/kinds", Invalid::UnknownValue);
        }
        for kind in AlertKind::ALL.map(AlertKind::as_str) {
            let mut ways = kinds.and_then(|kinds| kinds.get(kind)?.as_object()).into_iter().flat_map(Map::keys);
            if ways.any(|way| !["email", "sms", "inbox"].contains(&way.as_str())) {
                refusals.add(&format!("/kinds/{kind}"), Invalid::UnknownValue);
            }
            refusals.demand_objects(sent, &[&format!("kinds/{kind}")]);
        }
        refusals.demand_objects(sent, &["kinds", "quiet_hours"]);
        // None at all, or all day: nobody could tell which is meant.
        let hours = |end: &str| sent.get("quiet_hours")?.get(end)?.as_str();
        if hours("from").is_some() && hours("from") == hours("to") {
            refusals.add("", Invalid::NothingBetween);
        }
    }
}

impl Input {
    /// The preferences as they are wished for; none if they are so already.
    fn applied_to(&self, seen: &Preferences) -> Option<Preferences> {
        let wished = Preferences {
            user_id: seen.user_id,
            kinds: self.kinds,
            quiet_hours: self.quiet_hours.clone(),
            lead_minutes: self.lead_minutes,
            version: seen.version,
        };
        (wished != *seen).then(|| Preferences { version: seen.version + 1, ..wished })
    }

    fn wants_more_texts(&self, seen: &Preferences) -> bool {
        AlertKind::ALL.into_iter().any(|kind| self.kinds.of(kind).sms && !seen.kinds.of(kind).sms)
    }
}

impl Endpoint for ReplaceNotificationPreferences {
    const NAME: &'static str = "replace_notification_preferences";
    const SUMMARY: &'static str = "Choose what to be told, and how";
    const ROUTE: Route = put("/users/me/notification-preferences");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.batch_get().put(), CONTACTS.batch_get(), OUTBOX.put()];
    const REFUSALS: &'static [Error] = &[Error::PhoneNotVerified, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<NotificationPreferencesView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { input, if_match, .. } = request;
        while_raced(|| async {
            let (seen, contact) = store::get_with_contact(cx, caller.user_id()).await?;
            let shown = NotificationPreferencesView::from(seen.clone());
            if_match.check(&shown)?;
            // Mail may be chosen ahead of an address: it begins once one is proven. A text message is paid for, so
            // whoever chooses it is told that none would come; not who chose it before, and has no phone any more.
            if input.wants_more_texts(&seen) && contact.and_then(|contact| contact.phone).is_none() {
                return Err(Error::PhoneNotVerified);
            }
            let Some(wished) = input.applied_to(&seen) else { return Ok(Whole(shown)) };
            let mut transaction = cx.store().transaction();
            store::replace_seen_in(&mut transaction, &seen, &wished);
            if wished.lead_minutes != seen.lead_minutes || wished.quiet_hours != seen.quiet_hours {
                // What waits is at the old times.
                let plan = Plan::Person { user_id: caller.user_id(), after: None };
                transaction.put_new(&OutboxItem::plan(cx.new_id(), plan));
            }
            transaction.send().await?;
            Ok(Whole(wished.into()))
        })
        .await
    }
}

//! `send_alerts`: tells people of what is due, as they want it now.
//!
//! Each alert is checked against what is so by the time that it is sent: the wish, the screening, the person's
//! preferences, their quiet hours, and whether mail to them came back. What is not due any more waits again, and what
//! is out of date is dropped.

use std::collections::HashMap;

use campus_aws::{ALERTS, ALERTS_QUEUE, CONTACTS, EMAIL, Grant, KEYS, NOTIFICATIONS, SCREENINGS, SMS};
use campus_domain::{EmailAddress, NotificationId, PhoneNumber, Timestamp};
use campus_endpoint::{Cx, Source, Tuning, WorkError, Worker};
use campus_messages::{Alert, Channel, ContactCard, DueAlert, Recipient, ScreeningEvent, ScreeningFacts};
use campus_session::CursorSecret;
use campus_store::StoreError;
use campus_text::Content;
use futures::future::join_all;

use super::store::{self, Circumstances};
use super::{AHEAD_SECONDS, LEASE_SECONDS, TIMEOUT_SECONDS};
use crate::deliveries::{Delivery, Parcel, ProviderError, claim, claim_new, mail, settle_all, sms};
use crate::feedback::Suppression;
use crate::inbox::{self, Entry, told};
use crate::unsubscriptions::unsubscription_token;

/// When a provider takes no more for now, what it was not given waits for so long.
const THROTTLED_SECONDS: i64 = 60;

/// The worker.
pub struct SendAlerts;

impl Worker for SendAlerts {
    const NAME: &'static str = "send_alerts";
    const SOURCE: Source = Source::Queue(ALERTS_QUEUE, 10);
    const GRANTS: &'static [Grant] = &[
        CONTACTS.batch_get(),
        SCREENINGS.batch_get(),
        NOTIFICATIONS.batch_get().put(),
        ALERTS.batch_write(),
        KEYS.get(),
        SMS.publish(),
        EMAIL.send_raw_email(),
    ];
    const TUNING: Tuning = Tuning { timeout_seconds: TIMEOUT_SECONDS, ..Tuning::STANDARD };
    const CONCURRENCY: u16 = 20;
    type Message = Alert;

    async fn handle(cx: &Cx, batch: Vec<Alert>) -> Vec<Result<(), WorkError>> {
        // A queue may give one message twice in a batch. Twins come to the same.
        let mut first = HashMap::<NotificationId, usize>::new();
        let mut alerts = Vec::new();
        let places: Vec<usize> = batch
            .into_iter()
            .map(|alert| {
                *first.entry(alert.id()).or_insert_with(|| {
                    alerts.push(alert);
                    alerts.len() - 1
                })
            })
            .collect();
        // The SDK's futures are large.
        let outcomes = match Box::pin(send(cx, &alerts)).await {
            Ok(outcomes) => outcomes,
            Err(error) => alerts.iter().map(|_| Err(error.to_string())).collect(),
        };
        places.into_iter().map(|place| outcomes[place].clone().map_err(WorkError::new)).collect()
    }
}

/// What is to be done about an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Course {
    /// Nobody is told: it is not so any more, or nobody wants to know.
    Dropped,
    /// It is not due yet.
    Waits(Timestamp),
    /// The person is told.
    Told(Box<Telling>),
}

/// How a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Telling {
    facts: ScreeningFacts,
    card: ContactCard,
    sms: Option<PhoneNumber>,
    email: Option<EmailAddress>,
    /// Whether mail to that came back, or its owner complained: the ledger says so, and nothing is sent.
    is_suppressed: bool,
    inbox: bool,
    /// Until when mail and text messages wait, if these are quiet hours.
    quiet_until: Option<Timestamp>,
}

impl Telling {
    fn is_quiet_now(&self) -> bool {
        self.quiet_until.is_some() && (self.sms.is_some() || self.email.is_some())
    }
}

/// Decides by what is so now.
fn course_of(alert: &Alert, found: Circumstances, now: Timestamp) -> Course {
    let Circumstances { card, preferences, is_wished, revision, film_title, library_name } = found;
    let (Some(card), true, Some(film_title), Some(library_name)) = (card, is_wished, film_title, library_name) else {
        return Course::Dropped;
    };
    let screening = &alert.screening;
    if revision != Some(screening.revision) || (screening.starts_at <= now && !alert.event.outlives_start()) {
        return Course::Dropped;
    }
    // By a lead time or zone that was changed since, it may be for later. If it is for earlier, it is late.
    let due_at = alert.event.due_at(screening.starts_at, &card.time_zone, preferences.lead_minutes);
    if let Some(due_at) = due_at.filter(|due_at| *due_at > now.plus_seconds(AHEAD_SECONDS)) {
        return Course::Waits(due_at);
    }
    // Late, or after a quiet night, it may be the day itself.
    if alert.event == ScreeningEvent::Tomorrow && !card.time_zone.is_day_before(now, screening.starts_at) {
        return Course::Dropped;
    }
    let ways = preferences.kinds.of(alert.event.kind());
    let telling = Telling {
        sms: card.phone.clone().filter(|_| ways.sms),
        email: card.email.clone().filter(|_| ways.email),
        is_suppressed: false,
        inbox: ways.inbox,
        quiet_until: preferences.quiet_hours.and_then(|hours| hours.end_after(now, &card.time_zone)),
        facts: screening.clone().named(film_title, library_name),
        card,
    };
    Course::Told(Box::new(telling))
}

/// One message of an alert that is to be handed to a provider.
struct Outgoing<'a> {
    /// Which of the batch's alerts.
    place: usize,
    alert: &'a Alert,
    telling: &'a Telling,
    to: Recipient,
}

impl Outgoing<'_> {
    fn parcel(&self) -> Parcel {
        let channel = self.to.channel();
        Parcel {
            id: self.alert.delivery_id(channel),
            owner: Some(self.alert.user_id),
            channel,
            topic: self.alert.event.as_str(),
            survives_doubt: true,
            lease_seconds: LEASE_SECONDS,
        }
    }
}

/// Deals with alerts, and says of each what came of it.
async fn send(cx: &Cx, alerts: &[Alert]) -> Result<Vec<Result<(), String>>, WorkError> {
    let now = cx.now();
    let circumstances = store::find_circumstances(cx, alerts).await?;
    let mut courses: Vec<Course> =
        alerts.iter().zip(circumstances).map(|(alert, found)| course_of(alert, found, now)).collect();
    mark_suppressed(cx, &mut courses).await?;

    let mut waiting = Vec::new();
    let mut entries = Vec::new();
    let mut outgoing = Vec::new();
    for (place, (alert, course)) in alerts.iter().zip(&courses).enumerate() {
        match course {
            Course::Dropped => {}
            Course::Waits(due_at) => waiting.push(DueAlert::new(alert.clone(), *due_at)),
            Course::Told(telling) => {
                if telling.inbox {
                    entries.push(Entry::new(alert, &telling.facts, now));
                }
                match telling.quiet_until {
                    Some(end) if telling.is_quiet_now() => waiting.push(DueAlert::new(alert.clone(), end)),
                    _ => outgoing.extend(messages(place, alert, telling)),
                }
            }
        }
    }
    let (waits, arrived, claimed, secret) = tokio::join!(
        store::put_due(cx, &waiting),
        inbox::store::insert_all(cx, &entries),
        claim_all(cx, &outgoing),
        find_secret(cx, &outgoing),
    );
    waits?;
    arrived?;

    let mut outcomes: Vec<Result<(), String>> = alerts.iter().map(|_| Ok(())).collect();
    let secret = &secret;
    let handed = outgoing.iter().zip(claimed).map(|(outgoing, claimed)| async move {
        match claimed {
            // It was sent before, or another worker gave it up.
            Ok(None) => None,
            Ok(Some(mut delivery)) => {
                let outcome = hand_over(cx, outgoing, secret, &mut delivery).await;
                Some((outgoing, Some(delivery), outcome))
            }
            Err(error) => Some((outgoing, None, Handed::Failed(error.to_string()))),
        }
    });
    let handed: Vec<_> = join_all(handed).await.into_iter().flatten().collect();
    let mut throttled = Vec::new();
    for (outgoing, _, outcome) in &handed {
        match outcome {
            Handed::Taken => {}
            Handed::Throttled => {
                throttled.push(DueAlert::new(outgoing.alert.clone(), now.plus_seconds(THROTTLED_SECONDS)));
            }
            Handed::Failed(cause) => outcomes[outgoing.place] = Err(cause.clone()),
        }
    }
    let settled: Vec<&Delivery> = handed.iter().filter_map(|(_, delivery, _)| delivery.as_ref()).collect();
    let (settled, waits) = tokio::join!(settle_all(cx, &settled), store::put_due(cx, &throttled));
    settled?;
    waits?;
    Ok(outcomes)
}

/// Marks mail to addresses that mail came back from, or whose owners complained.
async fn mark_suppressed(cx: &Cx, courses: &mut [Course]) -> Result<(), StoreError> {
    let mut batch = cx.store().batch();
    let mailed: Vec<_> = courses
        .iter_mut()
        .filter_map(|course| match course {
            Course::Told(telling) => {
                let slot = batch.find::<Suppression>(&Suppression::key_of(telling.email.as_ref()?));
                Some((telling, slot))
            }
            Course::Dropped | Course::Waits(_) => None,
        })
        .collect();
    let mut found = batch.send().await?;
    for (telling, slot) in mailed {
        telling.is_suppressed = found.take(slot)?.is_some_and(|suppression| suppression.stops_alerts());
    }
    Ok(())
}

fn messages<'a>(place: usize, alert: &'a Alert, telling: &'a Telling) -> impl Iterator<Item = Outgoing<'a>> {
    let sms = telling.sms.clone().map(Recipient::Sms);
    let email = telling.email.clone().map(Recipient::Email);
    sms.into_iter().chain(email).map(move |to| Outgoing { place, alert, telling, to })
}

/// What the tokens of unsubscriptions are made with, if there is mail. Everyone who has an account has signed in, so it
/// is there.
async fn find_secret(cx: &Cx, outgoing: &[Outgoing<'_>]) -> Result<Option<CursorSecret>, StoreError> {
    if outgoing.iter().all(|outgoing| outgoing.to.channel() != Channel::Email) {
        return Ok(None);
    }
    cx.store().find::<CursorSecret>(&CursorSecret::location()).await
}

/// Claims all deliveries together; one by one if some are not new.
async fn claim_all(cx: &Cx, outgoing: &[Outgoing<'_>]) -> Vec<Result<Option<Delivery>, WorkError>> {
    let parcels: Vec<Parcel> = outgoing.iter().map(Outgoing::parcel).collect();
    match claim_new(cx, &parcels).await {
        Ok(Some(claimed)) => claimed.into_iter().map(|delivery| Ok(Some(delivery))).collect(),
        Ok(None) => join_all(parcels.iter().map(|parcel| claim(cx, parcel))).await,
        Err(error) => {
            let error = error.to_string();
            parcels.iter().map(|_| Err(WorkError::new(error.clone()))).collect()
        }
    }
}

/// What became of a message.
enum Handed {
    Taken,
    /// The provider takes no more for now.
    Throttled,
    Failed(String),
}

/// Gives a message to its provider, and notes in the delivery what came of it.
async fn hand_over(
    cx: &Cx,
    outgoing: &Outgoing<'_>,
    secret: &Result<Option<CursorSecret>, StoreError>,
    delivery: &mut Delivery,
) -> Handed {
    let Outgoing { alert, telling, to, .. } = outgoing;
    let locale = telling.card.locale;
    let content = Content::Screening(told(alert.event, &telling.facts, &telling.card.time_zone));
    let parcel = outgoing.parcel();
    let sent = match to {
        Recipient::Sms(phone) if cx.settings().phones.check(phone).is_err() => {
            delivery.fail("not_served", "this stage sends no text messages to the number");
            return Handed::Taken;
        }
        Recipient::Sms(phone) => {
            Box::pin(sms::publish(cx, phone, campus_text::sms(locale, phone, &content), &parcel)).await
        }
        Recipient::Email(_) if telling.is_suppressed => {
            delivery.fail("suppressed", "mail to the address came back before, or was not wanted");
            return Handed::Taken;
        }
        Recipient::Email(email) => match secret {
            Ok(Some(secret)) => {
                let token = unsubscription_token(secret, alert.user_id, alert.event.kind());
                Box::pin(mail::send_alert(cx, email, &campus_text::email(locale, &content), &token, &parcel)).await
            }
            Ok(None) => Err(ProviderError::unsendable(&"nobody has signed in yet")),
            Err(error) => Err(ProviderError::unsendable(error)),
        },
    };
    match sent {
        Ok(provider_id) => {
            delivery.succeed(provider_id);
            Handed::Taken
        }
        Err(ProviderError { code, message, .. }) => {
            delivery.fail(&code, &message);
            if code.starts_with("Throttl") {
                Handed::Throttled
            } else {
                Handed::Failed(format!("the provider refused with {code}"))
            }
        }
    }
}

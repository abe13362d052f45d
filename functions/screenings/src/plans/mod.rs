//! Plans: which alerts a wish and a screening make, and when each is due.

pub mod plan_alerts;
pub(crate) mod store;

use campus_domain::{TimeZoneName, Timestamp, UserId};
use campus_messages::{Alert, DueAlert, LeadMinutes, Needs, ScreeningEvent, ScreeningRef};

use crate::screenings::Screening;
use crate::{films, libraries, screenings, wishes};

/// What decides when a person is reminded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timing {
    pub(crate) zone: TimeZoneName,
    pub(crate) lead: LeadMinutes,
}

/// What becomes of a reminder whose time is over already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// Whoever was told of the screening then was told enough. What has become due since is due.
    DroppedBefore(Timestamp),
    /// It was planned for later, so it is due now.
    DueNow,
}

/// Tells a person what happened to a screening.
pub(crate) fn alert(user_id: UserId, event: ScreeningEvent, screening: &Screening) -> Alert {
    Alert {
        user_id,
        event,
        screening: ScreeningRef {
            screening_id: screening.id,
            revision: screening.revision,
            revised_at: screening.revised_at,
            film_id: screening.film_id,
            library_id: screening.library_id,
            place: screening.place.as_ref().map(|place| place.as_str().to_owned()),
            starts_at: screening.starts_at,
        },
        needs: Needs {
            wish: wishes::store::key(screening.film_id, user_id).into(),
            screening: screenings::store::key(screening.id).into(),
            film: films::store::key(screening.film_id).into(),
            library: libraries::store::key(screening.library_id).into(),
        },
    }
}

/// The reminders of a screening that a person is to be sent.
pub(crate) fn reminders(
    user_id: UserId,
    screening: &Screening,
    timing: &Timing,
    late: Late,
    now: Timestamp,
) -> Vec<DueAlert> {
    if screening.cancelled || screening.starts_at <= now {
        return Vec::new();
    }
    let [tomorrow, soon] = [ScreeningEvent::Tomorrow, ScreeningEvent::Soon]
        .map(|event| (event, event.due_at(screening.starts_at, &timing.zone, timing.lead)));
    // Who wants to know a day ahead is told that it is tomorrow, and not twice at once.
    let events = if tomorrow.1 == soon.1 { vec![tomorrow] } else { vec![tomorrow, soon] };
    let planned = events.into_iter().filter_map(|(event, due_at)| {
        let due_at = match (late, due_at?) {
            (_, due_at) if due_at > now => due_at,
            (Late::DroppedBefore(told_at), due_at) if due_at > told_at => due_at,
            // Nothing is tomorrow that is sooner.
            (Late::DueNow, _) if event == ScreeningEvent::Soon => now,
            _ => return None,
        };
        Some(DueAlert::new(alert(user_id, event, screening), due_at))
    });
    planned.collect()
}

#[cfg(test)]
mod tests {
    use campus_domain::{FilmId, LibraryId, ScreeningId};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().expect("it is an instant").into()
    }

    fn screening(starts_at: &str) -> Screening {
        let made = at("2026-01-01T00:00:00Z");
        Screening {
            id: ScreeningId::from_parts(1, [1; 10]),
            library_id: LibraryId::from_parts(1, [2; 10]),
            film_id: FilmId::from_parts(1, [3; 10]),
            starts_at: at(starts_at),
            place: None,
            note: None,
            source_id: None,
            cancelled: false,
            revision: 1,
            revised_at: made,
            created_at: made,
            updated_at: made,
            version: 1,
        }
    }

    fn before(instant: &str) -> Late {
        Late::DroppedBefore(at(instant))
    }

    fn due(screening: &Screening, zone: &str, lead: u32, late: Late, now: &str) -> Vec<(&'static str, String)> {
        let timing = Timing { zone: TimeZoneName::parse(zone).expect("it is a zone"), lead: LeadMinutes(lead) };
        reminders(UserId::from_parts(1, [4; 10]), screening, &timing, late, at(now))
            .into_iter()
            .map(|due| (due.alert.event.as_str(), due.due_at.to_string()))
            .collect()
    }

    #[test]
    fn a_screening_is_told_of_the_day_before_and_a_lead_time_before() {
        let told = due(
            &screening("2026-11-25T10:00:00Z"),
            "Asia/Seoul",
            90,
            before("2026-11-20T00:00:00Z"),
            "2026-11-20T00:00:00Z",
        );
        assert_eq!(
            told,
            [
                ("screening_tomorrow", "2026-11-24T10:00:00Z".to_owned()),
                ("screening_soon", "2026-11-25T08:30:00Z".to_owned()),
            ]
        );
    }

    #[test]
    fn the_day_before_is_by_the_clocks_of_new_york_through_both_changes() {
        // 19:00 in New York on the days when clocks are put forward, and back.
        let tomorrow = |starts_at: &str| {
            let now = "2026-01-02T00:00:00Z";
            due(&screening(starts_at), "America/New_York", 60, before(now), now)[0].1.clone()
        };
        assert_eq!(tomorrow("2026-03-08T23:00:00Z"), "2026-03-08T00:00:00Z");
        assert_eq!(tomorrow("2026-11-02T00:00:00Z"), "2026-10-31T23:00:00Z");
    }

    #[test]
    fn what_is_late_is_dropped_for_a_new_wish_and_due_now_for_a_changed_lead_time() {
        let soon = screening("2026-11-25T10:00:00Z");
        let now = "2026-11-25T08:00:00Z";
        assert_eq!(due(&soon, "Asia/Seoul", 600, before(now), now), []);
        // Planned late, after the person was told of it.
        assert_eq!(
            due(&soon, "Asia/Seoul", 600, before("2026-11-24T11:00:00Z"), now),
            [("screening_soon", "2026-11-25T00:00:00Z".to_owned())]
        );
        assert_eq!(
            due(&soon, "Asia/Seoul", 600, Late::DueNow, "2026-11-25T08:00:00Z"),
            [("screening_soon", "2026-11-25T08:00:00Z".to_owned())]
        );
        assert_eq!(due(&soon, "Asia/Seoul", 600, Late::DueNow, "2026-11-25T10:00:00Z"), []);
    }

    #[test]
    fn a_cancelled_screening_is_not_reminded_of() {
        let cancelled = Screening { cancelled: true, ..screening("2026-11-25T10:00:00Z") };
        assert_eq!(due(&cancelled, "Asia/Seoul", 60, Late::DueNow, "2026-11-20T00:00:00Z"), []);
    }
}

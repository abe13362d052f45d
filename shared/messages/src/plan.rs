//! Jobs that plan alerts of many people, or all of one person's.

use campus_domain::{ScreeningId, UserId};
use serde::{Deserialize, Serialize};

use crate::alert::ScreeningEvent;
use crate::message::UnknownVersion;

const VERSION: u8 = 1;

/// What is to be planned. Carried out twice it plans the same alerts, which have the same ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Plan {
    /// A screening was announced, moved or cancelled: tell those who wished for its film, and plan their reminders.
    Screening {
        /// Which screening.
        screening_id: ScreeningId,
        /// As which revision. One that has a later revision has a later plan, too.
        revision: u32,
        /// What happened.
        event: ScreeningEvent,
        /// Which of the film's partitions of wishes.
        shard: u8,
        /// The place of the last wish that was dealt with.
        after: Option<String>,
    },
    /// A person's lead time or zone has changed: plan the reminders of all that they wish for.
    Person {
        /// Whose.
        user_id: UserId,
        /// The place of the last wish that was dealt with.
        after: Option<String>,
    },
}

/// A plan as it is stored and queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Versioned", into = "Versioned")]
pub struct PlanJob(pub Plan);

#[derive(Clone, Serialize, Deserialize)]
struct Versioned {
    version: u8,
    plan: Plan,
}

impl From<PlanJob> for Versioned {
    fn from(PlanJob(plan): PlanJob) -> Self {
        Self { version: VERSION, plan }
    }
}

impl TryFrom<Versioned> for PlanJob {
    type Error = UnknownVersion;

    fn try_from(Versioned { version, plan }: Versioned) -> Result<Self, UnknownVersion> {
        UnknownVersion::check(version, VERSION)?;
        Ok(Self(plan))
    }
}

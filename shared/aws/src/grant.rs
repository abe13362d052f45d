//! Grants: which actions an endpoint or a worker may use on which resource.
//!
//! A grant is at once the guard's rule on a laptop and the IAM statement on AWS, so its actions are
//! IAM's: a transaction needs the actions of its parts, not one of its own.

use crate::resource::{Queue, Resource, Secret, Table};

/// One IAM action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Action {
    /// `dynamodb:GetItem`, also within a read transaction.
    Get = 1,
    /// `dynamodb:BatchGetItem`.
    BatchGet = 1 << 1,
    /// `dynamodb:Query`.
    Query = 1 << 2,
    /// `dynamodb:PutItem`, also within a transaction.
    Put = 1 << 3,
    /// `dynamodb:UpdateItem`, also within a transaction.
    Update = 1 << 4,
    /// `dynamodb:DeleteItem`, also within a transaction.
    Delete = 1 << 5,
    /// `dynamodb:ConditionCheckItem` within a transaction.
    Check = 1 << 6,
    /// `sqs:SendMessage`.
    Send = 1 << 7,
    /// `secretsmanager:GetSecretValue`.
    Read = 1 << 8,
    /// `sns:Publish`.
    Publish = 1 << 9,
    /// `ses:SendEmail`.
    SendEmail = 1 << 10,
    /// `dynamodb:BatchWriteItem`.
    BatchWrite = 1 << 11,
    /// `ses:SendRawEmail`.
    SendRawEmail = 1 << 12,
}

impl Action {
    const ALL: [Self; 13] = [
        Self::Get,
        Self::BatchGet,
        Self::Query,
        Self::Put,
        Self::Update,
        Self::Delete,
        Self::Check,
        Self::Send,
        Self::Read,
        Self::Publish,
        Self::SendEmail,
        Self::BatchWrite,
        Self::SendRawEmail,
    ];

    /// The name of the action in an IAM policy.
    #[must_use]
    pub const fn iam(self) -> &'static str {
        match self {
            Self::Get => "dynamodb:GetItem",
            Self::BatchGet => "dynamodb:BatchGetItem",
            Self::Query => "dynamodb:Query",
            Self::Put => "dynamodb:PutItem",
            Self::Update => "dynamodb:UpdateItem",
            Self::Delete => "dynamodb:DeleteItem",
            Self::Check => "dynamodb:ConditionCheckItem",
            Self::Send => "sqs:SendMessage",
            Self::Read => "secretsmanager:GetSecretValue",
            Self::Publish => "sns:Publish",
            Self::SendEmail => "ses:SendEmail",
            Self::BatchWrite => "dynamodb:BatchWriteItem",
            Self::SendRawEmail => "ses:SendRawEmail",
        }
    }
}

/// A set of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actions(u16);

impl Actions {
    /// No action.
    pub const NONE: Self = Self(0);

    /// This set and one more action.
    #[must_use]
    pub const fn with(self, action: Action) -> Self {
        Self(self.0 | action as u16)
    }

    /// Whether the action is in the set.
    #[must_use]
    pub const fn contains(self, action: Action) -> bool {
        self.0 & action as u16 != 0
    }

    /// The actions of the set, in the order of [`Action`].
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |action| self.contains(*action))
    }
}

/// Actions on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// What may be touched.
    pub resource: Resource,
    /// How.
    pub actions: Actions,
}

/// Generates the builder methods, so that `ACCOUNTS.get().put()` reads as what it allows.
macro_rules! table_actions {
    ($($(#[$doc:meta])* $method:ident => $action:ident),+ $(,)?) => {
        impl Table {
            $($(#[$doc])* #[must_use] pub const fn $method(self) -> Grant {
                Grant { resource: Resource::Table(self), actions: Actions::NONE.with(Action::$action) }
            })+
        }
        impl Grant {
            $($(#[$doc])* #[must_use] pub const fn $method(self) -> Self {
                Self { actions: self.actions.with(Action::$action), ..self }
            })+
        }
    };
}

table_actions! {
    /// Allows to read one item.
    get => Get,
    /// Allows to read several items by key.
    batch_get => BatchGet,
    /// Allows to read the items of a partition.
    query => Query,
    /// Allows to write whole items.
    put => Put,
    /// Allows to change items.
    update => Update,
    /// Allows to delete items.
    delete => Delete,
    /// Allows to make a transaction depend on an item.
    check => Check,
    /// Allows to write and delete many items that have no condition.
    batch_write => BatchWrite,
}

impl Queue {
    /// Allows to put messages in the queue.
    #[must_use]
    pub const fn send(self) -> Grant {
        Grant { resource: Resource::Queue(self), actions: Actions::NONE.with(Action::Send) }
    }
}

impl Secret {
    /// Allows to read the secret.
    #[must_use]
    pub const fn read(self) -> Grant {
        Grant { resource: Resource::Secret(self), actions: Actions::NONE.with(Action::Read) }
    }
}

impl Resource {
    /// Allows to send text messages.
    #[must_use]
    pub const fn publish(self) -> Grant {
        Grant { resource: self, actions: Actions::NONE.with(Action::Publish) }
    }

    /// Allows to send mail.
    #[must_use]
    pub const fn send_email(self) -> Grant {
        Grant { resource: self, actions: Actions::NONE.with(Action::SendEmail) }
    }

    /// Allows to send mail whose headers the function writes itself.
    #[must_use]
    pub const fn send_raw_email(self) -> Grant {
        Grant { resource: self, actions: Actions::NONE.with(Action::SendRawEmail) }
    }
}

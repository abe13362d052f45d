//! What the local services keep: queues and their messages, what was sent to people, secrets, and small marks.
//!
//! Everything is in one SQLite database. A commit in WAL mode is in the operating system's hands before the caller is
//! answered, so `kill -9` loses nothing; `synchronous = NORMAL` gives up only the last moment before a power cut, which
//! is fine for a development system and saves a disk flush per message.
//!
//! The connection sits in a plain mutex and is used straight from async code: each operation is one short transaction
//! over an index, some tens of microseconds, which is less than handing it to a blocking thread would cost.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::Error;
use crate::clock::Now;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS queues (
        name TEXT PRIMARY KEY,
        visibility_timeout_seconds INTEGER NOT NULL,
        max_receive_count INTEGER,
        dead_letter_queue TEXT
    );
    CREATE TABLE IF NOT EXISTS messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        queue TEXT NOT NULL,
        -- The queue that gave the message up; only while it is in a dead-letter queue.
        source TEXT,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        first_received_ms INTEGER,
        receipt TEXT
    );
    CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_ms);
    CREATE UNIQUE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt);
    CREATE TABLE IF NOT EXISTS sent (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        recipient TEXT NOT NULL,
        document TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS sent_by_recipient ON sent (recipient);
    CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS marks (key TEXT PRIMARY KEY, value TEXT NOT NULL);
";

/// A service whose next calls can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Text messages.
    Sns,
    /// Mail.
    Ses,
    /// Queues.
    Sqs,
    /// Secrets.
    SecretsManager,
}

/// A text message or mail that a provider accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The provider's message id. Mail to several people is one entry for each, with the same id.
    pub id: String,
    /// `sms` or `email`.
    pub channel: String,
    /// What the message is for, as the sender labelled it; empty when it did not.
    pub kind: String,
    /// A phone number in E.164 form, or a mail address.
    pub to: String,
    /// Mail only.
    pub subject: Option<String>,
    /// The plain text; empty for mail that has only HTML.
    pub text: String,
    /// Mail only.
    pub html: Option<String>,
    /// When it was accepted, by the injected clock.
    pub sent_at: Timestamp,
    /// The sender's own id of this delivery, when it labelled it.
    pub delivery_id: Option<String>,
    /// The header of raw mail, names in lower case. Empty for anything else.
    pub headers: BTreeMap<String, String>,
}

/// A message to be put into a queue.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    /// What the consumer reads.
    pub body: String,
    /// How long nobody receives it, in seconds.
    pub delay_seconds: u32,
    /// `MessageAttributes` as SQS's JSON protocol has them; null for none.
    pub attributes: Value,
}

/// A received message: invisible to others until its timeout passes.
#[derive(Clone, Debug)]
pub struct Message {
    /// Stays the same over all receives.
    pub id: String,
    /// Names this receive: to delete the message, or to change how long it stays invisible.
    pub receipt: String,
    /// As it was sent.
    pub body: String,
    /// As it was sent; null for none.
    pub attributes: Value,
    /// When it was sent, in milliseconds since 1970.
    pub sent_ms: i64,
    /// When it was first received, in milliseconds since 1970.
    pub first_received_ms: i64,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

/// How many messages a queue holds, by the injected clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// The queue.
    pub name: String,
    /// Ready to be received.
    pub visible: u64,
    /// Received, not deleted, and not timed out yet.
    pub in_flight: u64,
    /// Not to be received before their delay has passed.
    pub delayed: u64,
}

/// A message as it lies in its queue.
#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    /// The same over all receives.
    pub id: String,
    /// The queue that it lies in.
    pub queue: String,
    /// As it was sent.
    pub body: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How often it was received.
    pub receive_count: u32,
}

/// Someone whom something was sent to.
#[derive(Clone, Debug, Serialize)]
pub struct Addressee {
    /// A phone number in E.164 form, or a mail address.
    pub to: String,
    /// How much was sent.
    pub count: u64,
    /// The latest of it.
    pub latest: Sent,
}

/// A queue's settings.
pub(super) struct Queue {
    pub(super) visibility_timeout_seconds: u32,
    /// After how many receives the next one moves a message, and where to.
    pub(super) redrive: Option<(u32, String)>,
}

struct Fault {
    service: Service,
    times: u32,
    status: u16,
    code: String,
    message: String,
}

struct Inner {
    db: Mutex<Connection>,
    faults: Mutex<Vec<Fault>>,
    changed: watch::Sender<()>,
    now: Now,
}

/// The state of the local services. Clones share it; the file closes with the last one.
#[derive(Clone)]
pub struct State(Arc<Inner>);

impl State {
    /// Opens or creates the state in a file. Whatever a consumer held when the last process ended is visible at once,
    /// since that consumer is gone.
    pub fn open(path: &Path, now: Now) -> Result<Self, Error> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        Self::with(db, now)
    }

    /// The same, kept nowhere.
    pub fn in_memory(now: Now) -> Result<Self, Error> {
        Self::with(Connection::open_in_memory()?, now)
    }

    fn with(db: Connection, now: Now) -> Result<Self, Error> {
        db.execute_batch(SCHEMA)?;
        // A delayed message has no receipt yet and keeps its delay.
        db.execute("UPDATE messages SET visible_ms = 0 WHERE receipt IS NOT NULL", [])?;
        Ok(Self(Arc::new(Inner { db: Mutex::new(db), faults: Mutex::default(), changed: watch::Sender::new(()), now })))
    }

    /// Lets every waiting receiver look again. Call it after the clock has moved.
    pub fn wake(&self) {
        self.0.changed.send_replace(());
    }

    /// Creates a queue, or changes its settings. `max_receive_count` counts only together with a dead-letter queue,
    /// which has to exist already.
    pub fn create_queue(
        &self,
        name: &str,
        visibility_timeout_seconds: u32,
        max_receive_count: Option<u32>,
        dead_letter_queue: Option<&str>,
    ) -> Result<(), Error> {
        let db = self.db();
        if let Some(dead_letter_queue) = dead_letter_queue {
            queue(&db, dead_letter_queue)?;
        }
        db.execute(
            "INSERT OR REPLACE INTO queues VALUES (?, ?, ?, ?)",
            params![name, visibility_timeout_seconds, max_receive_count, dead_letter_queue],
        )?;
        Ok(())
    }

    /// Puts messages into a queue, all or none, and returns their ids in the same order.
    pub fn send(&self, queue_name: &str, messages: &[NewMessage]) -> Result<Vec<String>, Error> {
        let now = self.now_ms();
        let mut ids = Vec::with_capacity(messages.len());
        {
            let mut db = self.db();
            let write = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            queue(&write, queue_name)?;
            for message in messages {
                let id = Uuid::new_v4().to_string();
                write
                    .prepare_cached(
                        "INSERT INTO messages (id, queue, body, attributes, sent_ms, visible_ms)
                         VALUES (?, ?, ?, ?, ?, ?)",
                    )?
                    .execute(params![
                        id,
                        queue_name,
                        message.body,
                        message.attributes.to_string(),
                        now,
                        now + seconds_in_ms(message.delay_seconds),
                    ])?;
                ids.push(id);
            }
            write.commit()?;
        }
        self.wake();
        Ok(ids)
    }

    /// Takes up to `count_max` visible messages, those first that have been visible longest, and hides them for the
    /// queue's visibility timeout or the given one. Messages that were received often enough move to the dead-letter
    /// queue instead.
    pub fn receive(
        &self,
        queue_name: &str,
        count_max: usize,
        visibility_timeout_seconds: Option<u32>,
    ) -> Result<Vec<Message>, Error> {
        let now = self.now_ms();
        let mut db = self.db();
        let write = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let queue = queue(&write, queue_name)?;
        let timeout = visibility_timeout_seconds.unwrap_or(queue.visibility_timeout_seconds);

        let mut moved = false;
        let mut visible = loop {
            let mut visible = visible_messages(&write, queue_name, now, count_max)?;
            let Some((receive_count_max, dead_letter_queue)) = &queue.redrive else {
                break visible;
            };
            let exhausted =
                visible.extract_if(.., |(_, message)| message.receive_count > *receive_count_max).collect::<Vec<_>>();
            if exhausted.is_empty() {
                break visible;
            }
            for (sequence, _) in exhausted {
                write.execute(
                    "UPDATE messages SET queue = ?, source = ?, visible_ms = ?, receipt = NULL WHERE sequence = ?",
                    params![dead_letter_queue, queue_name, now, sequence],
                )?;
            }
            moved = true;
        };

        for (sequence, message) in &mut visible {
            write
                .prepare_cached(
                    "UPDATE messages SET visible_ms = ?, receive_count = ?, first_received_ms = ?, receipt = ?
                     WHERE sequence = ?",
                )?
                .execute(params![
                    now + seconds_in_ms(timeout),
                    message.receive_count,
                    message.first_received_ms,
                    message.receipt,
                    *sequence,
                ])?;
        }
        write.commit()?;
        drop(db);
        if moved {
            self.wake();
        }
        Ok(visible.into_iter().map(|(_, message)| message).collect())
    }

    /// As [`State::receive`], but waits up to `wait` of real time for the first message. A message that is sent, or
    /// becomes visible in that time, ends the wait at once.
    pub async fn receive_waiting(
        &self,
        queue_name: &str,
        count_max: usize,
        visibility_timeout_seconds: Option<u32>,
        wait: Duration,
    ) -> Result<Vec<Message>, Error> {
        let deadline = Instant::now() + wait;
        let mut changed = self.0.changed.subscribe();
        loop {
            changed.borrow_and_update();
            let messages = self.receive(queue_name, count_max, visibility_timeout_seconds)?;
            if !messages.is_empty() || Instant::now() >= deadline {
                return Ok(messages);
            }
            let next = self.until_next_visible(queue_name)?.map(|next| Instant::now() + next);
            tokio::select! {
                // Cannot fail: `self` holds the sender.
                _ = changed.changed() => {}
                () = tokio::time::sleep_until(next.map_or(deadline, |next| next.min(deadline))) => {}
            }
        }
    }

    fn until_next_visible(&self, queue_name: &str) -> Result<Option<Duration>, Error> {
        let now = self.now_ms();
        let next: Option<i64> = self
            .db()
            .prepare_cached("SELECT MIN(visible_ms) FROM messages WHERE queue = ?")?
            .query_row([queue_name], |row| row.get(0))?;
        // At least a millisecond, so that rounding cannot make a waiting receiver spin.
        Ok(next.map(|next| Duration::from_millis((next - now).max(1).unsigned_abs())))
    }

    /// Deletes a received message. An older receipt of a message that was received again deletes nothing, and says
    /// nothing, as in SQS.
    pub fn delete(&self, queue_name: &str, receipt: &str) -> Result<(), Error> {
        let db = self.db();
        queue(&db, queue_name)?;
        check_receipt(receipt)?;
        db.prepare_cached("DELETE FROM messages WHERE receipt = ? AND queue = ?")?.execute([receipt, queue_name])?;
        Ok(())
    }

    /// Hides a message that is in flight for so many seconds from now; zero makes it visible at once.
    pub fn change_visibility(&self, queue_name: &str, receipt: &str, seconds: u32) -> Result<(), Error> {
        let now = self.now_ms();
        let changed = {
            let db = self.db();
            queue(&db, queue_name)?;
            check_receipt(receipt)?;
            db.execute(
                "UPDATE messages SET visible_ms = ? WHERE receipt = ? AND queue = ? AND visible_ms > ?",
                params![now + seconds_in_ms(seconds), receipt, queue_name, now],
            )?
        };
        if changed == 0 {
            return Err(Error::refused("AWS.SimpleQueueService.MessageNotInflight", "The message is not in flight."));
        }
        self.wake();
        Ok(())
    }

    /// Moves every message of a dead-letter queue back to where it came from, as if it were new, and returns how many.
    /// A message that was sent to the dead-letter queue itself stays.
    pub fn redrive(&self, dead_letter_queue: &str) -> Result<usize, Error> {
        let now = self.now_ms();
        let moved = {
            let db = self.db();
            queue(&db, dead_letter_queue)?;
            db.execute(
                "UPDATE messages SET queue = source, source = NULL, visible_ms = ?, receive_count = 0,
                     first_received_ms = NULL, receipt = NULL
                 WHERE queue = ? AND source IS NOT NULL",
                params![now, dead_letter_queue],
            )?
        };
        self.wake();
        Ok(moved)
    }

    /// All queues by name, with how much they hold.
    pub fn queue_depths(&self) -> Result<Vec<QueueDepth>, Error> {
        let now = self.now_ms();
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT name,
                 COUNT(*) FILTER (WHERE visible_ms <= ?1),
                 COUNT(*) FILTER (WHERE visible_ms > ?1 AND receipt IS NOT NULL),
                 COUNT(*) FILTER (WHERE visible_ms > ?1 AND receipt IS NULL)
             FROM queues LEFT JOIN messages ON messages.queue = queues.name GROUP BY name ORDER BY name",
        )?;
        let depths = select.query_map([now], |row| {
            Ok(QueueDepth { name: row.get(0)?, visible: row.get(1)?, in_flight: row.get(2)?, delayed: row.get(3)? })
        })?;
        Ok(depths.collect::<Result<_, _>>()?)
    }

    /// What lies in a queue, whoever may have received it meanwhile: oldest first, at most `limit`. Nothing is
    /// received.
    pub fn waiting(&self, queue_name: &str, limit: u32) -> Result<Vec<Waiting>, Error> {
        let db = self.db();
        queue(&db, queue_name)?;
        let mut select = db.prepare_cached(
            "SELECT id, body, sent_ms, receive_count FROM messages WHERE queue = ? ORDER BY sequence LIMIT ?",
        )?;
        let waiting = select.query_map(params![queue_name, limit], |row| {
            Ok(Waiting {
                id: row.get(0)?,
                queue: queue_name.to_owned(),
                body: row.get(1)?,
                sent_at: Timestamp::from_millisecond(row.get(2)?).unwrap_or_default(),
                receive_count: row.get(3)?,
            })
        })?;
        Ok(waiting.collect::<Result<_, _>>()?)
    }

    /// Everyone whom something was sent to, who was sent the latest first, at most `limit` of them.
    pub fn addressees(&self, limit: u32) -> Result<Vec<Addressee>, Error> {
        let db = self.db();
        // Of a bare column beside MAX, SQLite takes the row that has it.
        let mut select = db.prepare_cached(
            "SELECT recipient, COUNT(*), document, MAX(sequence) AS latest FROM sent
             GROUP BY recipient ORDER BY latest DESC LIMIT ?",
        )?;
        let addressees = select.query_map([limit], |row| {
            Ok(Addressee { to: row.get(0)?, count: row.get(1)?, latest: json_column(row, 2)? })
        })?;
        Ok(addressees.collect::<Result<_, _>>()?)
    }

    /// What was sent to one recipient, or to everybody: newest first, at most `limit` of them.
    pub fn sent(&self, to: Option<&str>, limit: u32) -> Result<Vec<Sent>, Error> {
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT document FROM sent WHERE ?1 IS NULL OR recipient = ?1 ORDER BY sequence DESC LIMIT ?2",
        )?;
        let sent = select.query_map(params![to, limit], |row| json_column(row, 0))?;
        Ok(sent.collect::<Result<_, _>>()?)
    }

    /// Keeps what a provider has accepted.
    pub(super) fn keep_sent(&self, sent: &Sent) -> Result<(), Error> {
        let document =
            serde_json::to_string(sent).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        self.db().execute("INSERT INTO sent (recipient, document) VALUES (?, ?)", params![sent.to, document])?;
        Ok(())
    }

    /// The secret of that name: 64 characters, generated when first asked for, the same ever after.
    pub fn secret(&self, name: &str) -> Result<String, Error> {
        // Two random UUIDs are 244 bits from the operating system's generator.
        let fresh = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let db = self.db();
        db.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", params![name, fresh])?;
        Ok(db.query_row("SELECT value FROM secrets WHERE name = ?", [name], |row| row.get(0))?)
    }

    /// Gives the secret of that name another value, as an operator does.
    pub fn replace_secret(&self, name: &str, value: &str) -> Result<(), Error> {
        self.db().execute("INSERT OR REPLACE INTO secrets VALUES (?, ?)", params![name, value])?;
        Ok(())
    }

    /// A small value kept for the local process, such as how far a stream was read.
    pub fn mark(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(self
            .db()
            .prepare_cached("SELECT value FROM marks WHERE key = ?")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    /// Keeps a value for [`State::mark`].
    pub fn set_mark(&self, key: &str, value: &str) -> Result<(), Error> {
        self.db().prepare_cached("INSERT OR REPLACE INTO marks VALUES (?, ?)")?.execute([key, value])?;
        Ok(())
    }

    /// Makes the next `times` calls of a service fail before they have any effect, with this HTTP status, code and
    /// message. The SDK tries again by itself after a 5xx or a throttling code, and each try counts. Not kept over a
    /// restart.
    pub fn fail_next(&self, service: Service, times: u32, status: u16, code: &str, message: &str) {
        let fault = Fault { service, times, status, code: code.to_owned(), message: message.to_owned() };
        lock(&self.0.faults).push(fault);
    }

    /// The failure that this call has to suffer, if one was asked for.
    pub(super) fn take_fault(&self, service: Service) -> Result<(), Error> {
        let mut faults = lock(&self.0.faults);
        faults.retain(|fault| fault.times > 0);
        let Some(fault) = faults.iter_mut().find(|fault| fault.service == service) else {
            return Ok(());
        };
        fault.times -= 1;
        Err(Error::Refused { status: fault.status, code: fault.code.clone(), message: fault.message.clone() })
    }

    /// A queue's settings, or the refusal that it does not exist.
    pub(super) fn queue(&self, name: &str) -> Result<Queue, Error> {
        queue(&self.db(), name)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        lock(&self.0.db)
    }
}

/// A panic under the lock leaves nothing half done: an unfinished transaction rolls back when it is dropped.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds_in_ms(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}

fn queue(db: &Connection, name: &str) -> Result<Queue, Error> {
    db.prepare_cached(
        "SELECT visibility_timeout_seconds, max_receive_count, dead_letter_queue FROM queues WHERE name = ?",
    )?
    .query_row([name], |row| {
        let receive_count_max: Option<u32> = row.get(1)?;
        let dead_letter_queue: Option<String> = row.get(2)?;
        Ok(Queue { visibility_timeout_seconds: row.get(0)?, redrive: receive_count_max.zip(dead_letter_queue) })
    })
    .optional()?
    .ok_or_else(|| Error::refused("AWS.SimpleQueueService.NonExistentQueue", format!("There is no queue {name:?}.")))
}

/// Visible messages as they would look received, each with its place in the table.
fn visible_messages(
    db: &Connection,
    queue_name: &str,
    now: i64,
    count_max: usize,
) -> Result<Vec<(i64, Message)>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT sequence, id, body, attributes, sent_ms, COALESCE(first_received_ms, ?2), receive_count + 1
         FROM messages WHERE queue = ?1 AND visible_ms <= ?2 ORDER BY visible_ms, sequence LIMIT ?3",
    )?
    .query_map(params![queue_name, now, count_max], |row| {
        let message = Message {
            id: row.get(1)?,
            receipt: Uuid::new_v4().to_string(),
            body: row.get(2)?,
            attributes: json_column(row, 3)?,
            sent_ms: row.get(4)?,
            first_received_ms: row.get(5)?,
            receive_count: row.get(6)?,
        };
        Ok((row.get(0)?, message))
    })?
    .collect()
}

fn json_column<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T, rusqlite::Error> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, error.into()))
}

fn check_receipt(receipt: &str) -> Result<(), Error> {
    match Uuid::try_parse(receipt) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::refused("ReceiptHandleIsInvalid", "The receipt handle is not valid.")),
    }
}

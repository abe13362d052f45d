//! Names, numbers and addresses that no other test has.
//!
//! Tests of a deployed stage share its tables with each other and with earlier runs. So what one of them
//! stores or counts goes by a name of its own: the run's random start, counted on.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::app::TestApp;

/// No Korean subscriber's number begins with 0 or 1 after the 010, so a text that goes out reaches nobody.
const UNASSIGNED_BLOCKS: u64 = 2_000;
const NUMBERS_PER_BLOCK: u64 = 10_000;
/// Letters of which none looks like another, nor two of them like a third.
const LETTERS: &[u8; 16] = b"abcefghjkpqstuxz";
const TAG_LETTERS: u32 = 9;

static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one(()) >> 1));

/// A number that no test of this run has, and hardly one of any other.
fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A word that no test has.
fn tag() -> String {
    let number = next();
    (0..TAG_LETTERS).rev().map(|place| char::from(LETTERS[(number >> (4 * place)) as usize % LETTERS.len()])).collect()
}

/// What a provider names someone by whom no other test knows: digits, fewer than Kakao's numbers may have.
pub(crate) fn subject() -> String {
    (next() % 1_000_000_000_000_000).to_string()
}

/// An address that no test calls from. It is of this machine, which has all that begin with 127, unless
/// `far`: then it is of a private network.
pub(crate) fn new_address(far: bool) -> IpAddr {
    let [.., a, b, c] = next().to_be_bytes();
    // 127.0.0.x is for whoever does not care.
    Ipv4Addr::new(if far { 10 } else { 127 }, a.max(1), b, c.clamp(1, 254)).into()
}

impl TestApp {
    /// A Korean mobile number that nobody has, E.164. Each is of another block than the one before: a block to which
    /// codes go that nobody tells back is closed.
    #[must_use]
    pub fn new_phone(&self) -> String {
        let number = next();
        let (block, rest) = (number % UNASSIGNED_BLOCKS, number / UNASSIGNED_BLOCKS % NUMBERS_PER_BLOCK);
        format!("+8210{block:04}{rest:04}")
    }

    /// A mail address that nobody has: `minji.…@campus.example`, masked `m***@campus.example`.
    #[must_use]
    pub fn new_email(&self) -> String {
        format!("minji.{}@campus.example", tag())
    }

    /// An idempotency key that was not used before.
    #[must_use]
    pub fn new_key(&self) -> String {
        format!("key-{}", tag())
    }

    /// A username of 15 letters that nobody has.
    #[must_use]
    pub fn new_username(&self) -> String {
        format!("minji_{}", tag())
    }

    /// A name that no library, film or anything else has, Korean in part. Its last word alone is searched for.
    #[must_use]
    pub fn new_title(&self) -> String {
        format!("한빛 {}", tag())
    }

    /// A nickname of 12 letters that nobody has, Korean in part.
    #[must_use]
    pub fn new_nickname(&self) -> String {
        format!("민지 {}", tag())
    }
}

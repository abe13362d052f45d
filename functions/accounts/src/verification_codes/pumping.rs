//! What keeps text messages from being pumped: asked for in great number, for what somebody else earns by each.
//!
//! Table `requests`: `pk = TALLY#block#<number's block>` and `TALLY#address#<address>`, how many codes went to new
//! numbers and how many of them came back; and the windows of the budget, `LIMIT#sms_hour#all` and `LIMIT#sms_day#all`.
//! All are read in the batch that the send reads anyway, and changed in its transaction, so what is refused counts
//! nowhere.
//!
//! A code goes to a number that an account has proven, or to nobody (signing in, a new password, the end of the
//! account); or to a new number, whoever's that is (signing up, another number). Pumping needs new numbers, so for them
//! 1. the block must be open: [`PhoneNumber::block`], of which not too many of the hour's codes stayed unanswered;
//! 2. the latter half of the budgets is only for addresses that completions vouch for.
//!
//! Proven numbers have the whole budget, and no block is closed to them: each is worth at most ten texts a day, and
//! was answered once. A session alone vouches for nothing: an account costs a mailbox, and could text without end.
//!
//! The budgets are exact: each is one item, whose condition holds for as many as there are and no more. It is written
//! as often as a message is accepted, a few times a second at most, and only read by what is refused, so shards would
//! bring nothing. A block's bound is as exact: completions only raise it, so the condition is about the bound that was
//! seen.

use campus_aws::{REQUESTS, Table};
use campus_domain::{PhoneNumber, Timestamp};
use campus_endpoint::{Cx, Limit, Measure, Spend, Window};
use campus_messages::{Purpose, Recipient, Target};
use campus_store::{
    Batch, Condition, Found, Item, Key, Slot, StoreError, Transaction, Update, absent, attr, decode, exists,
};
use serde::{Deserialize, Serialize};

use crate::Error;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// So many codes an hour go to a block whatever comes back.
const BLOCK_SENDS_MIN: u32 = 20;
/// Of more, one in so many must have come back.
const BLOCK_SENDS_PER_COMPLETION: u32 = 5;
/// One in so many codes must have come back from an address to vouch for it. Of honest people's, three in four do or
/// more, which leaves room for who shares their address; and each completion takes someone who reads texts to a new
/// number, of which one has ten a day.
const VOUCHING_SENDS_PER_COMPLETION: u32 = 3;
/// How long an address is remembered after its last week of codes.
const ADDRESS_MEMORY: i64 = 2 * WEEK;
/// Whose the budget is.
const EVERYONE: &str = "all";

/// How many codes were sent to new numbers, and how many of them were told back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    name: String,
    #[serde(default)]
    sends: u32,
    #[serde(default)]
    completions: u32,
    /// When the next send begins anew.
    #[serde(with = "campus_domain::time::epoch")]
    ends_at: Timestamp,
    /// When it may be deleted, and is not believed any more.
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
}

impl Item for Tally {
    const TABLE: Table = REQUESTS;
    const KIND: &'static str = "tally";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// What is tallied.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tallied {
    /// A block of numbers, for an hour that begins with its first send.
    Block(String),
    /// An address, week by week. What was counted before counts half, so that habit outlives a bad hour: whoever pumps
    /// on a campus needs twice as many texts as it told back in weeks, at the pace of the address's limit.
    Address(String),
}

impl Tallied {
    fn block_of(number: &PhoneNumber) -> Self {
        Self::Block(number.block().to_owned())
    }

    fn address_of(cx: &Cx) -> Self {
        Self::Address(cx.address_subject())
    }

    fn name(&self) -> String {
        match self {
            Self::Block(block) => format!("TALLY#block#{block}"),
            Self::Address(address) => format!("TALLY#address#{address}"),
        }
    }

    fn key(&self) -> Key {
        Key::alone(self.name())
    }

    /// When what begins now ends, and when it may be deleted.
    fn times(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self {
            Self::Block(_) => (now.plus_seconds(HOUR), now.plus_seconds(HOUR)),
            Self::Address(_) => (now.plus_seconds(WEEK), now.plus_seconds(WEEK + ADDRESS_MEMORY)),
        }
    }

    /// What is left of the sends and completions of a tally that begins anew.
    fn kept(&self, over: &Tally, now: Timestamp) -> (i64, i64) {
        match self {
            Self::Address(_) if over.expires_at > now => (i64::from(over.sends / 2), i64::from(over.completions / 2)),
            Self::Address(_) | Self::Block(_) => (0, 0),
        }
    }

    /// Counts a send, if there were fewer than `max`.
    fn send(&self, seen: Option<&Tally>, max: u32, now: Timestamp) -> (Update, Condition) {
        let (ends_at, expires_at) = self.times(now);
        let named = Update::new().set("name", self.name()).set("kind", Tally::KIND);
        match seen.filter(|tally| tally.ends_at <= now) {
            // A completion in between is lost, and TTL may take the old one at any moment.
            Some(over) => {
                let (sends, completions) = self.kept(over, now);
                let anew = named
                    .set("sends", sends + 1)
                    .set("completions", completions)
                    .set("ends_at", ends_at)
                    .set("expires_at", expires_at);
                (anew, absent().or(attr("ends_at").eq(over.ends_at)))
            }
            None => {
                let count = named.set_if_absent("ends_at", ends_at).set_if_absent("expires_at", expires_at);
                let room = attr("sends").is_missing().or(attr("sends").lt(max));
                (count.add("sends", 1), absent().or(attr("ends_at").gt(now).and(room)))
            }
        }
    }

    /// Counts a completion. It needs no condition: in a tally that is over it changes nothing that matters, and one
    /// that is gone begins anew.
    fn complete_in(&self, transaction: &mut Transaction<'_, Error>, now: Timestamp) {
        let (ends_at, expires_at) = self.times(now);
        let update = Update::new()
            .set("name", self.name())
            .set("kind", Tally::KIND)
            .set_if_absent("ends_at", ends_at)
            .set_if_absent("expires_at", expires_at)
            .add("completions", 1);
        transaction.update(REQUESTS, &self.key(), update, absent().or(exists()));
    }
}

/// So many codes may have been sent to a block within its hour for another one to follow.
fn block_max(seen: Option<&Tally>, now: Timestamp) -> u32 {
    let completions = seen.filter(|tally| tally.ends_at > now).map_or(0, |tally| tally.completions);
    BLOCK_SENDS_MIN.max(completions.saturating_mul(BLOCK_SENDS_PER_COMPLETION).saturating_add(1))
}

/// How long a block is closed.
fn block_wait(seen: Option<&Tally>, now: Timestamp) -> Option<i64> {
    seen.filter(|tally| tally.ends_at > now && tally.sends >= block_max(seen, now))
        .map(|tally| now.seconds_until(tally.ends_at))
}

/// Whether what came back to an address vouches for it.
fn vouches(seen: Option<&Tally>, now: Timestamp) -> bool {
    seen.is_some_and(|tally| {
        let enough = tally.completions.saturating_mul(VOUCHING_SENDS_PER_COMPLETION) >= tally.sends;
        tally.expires_at > now && tally.completions > 0 && enough
    })
}

/// What a send means to the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A text message is owed.
    Text,
    /// Nobody has the number, so the sender will drop it. It is refused where a text would be, or that would tell.
    Nothing,
    /// Something else is owed, in what must not be told from a text. It is never refused.
    Other,
}

/// What was sent so far, and so decides whether a text message may follow.
pub(crate) struct Texts {
    /// What is tallied of a new number, as it was seen.
    new: Option<[(Tallied, Option<Tally>); 2]>,
    hour: Option<Window>,
    day: Option<Window>,
}

/// What [`Texts::take`] takes.
pub(crate) struct TextsSlot {
    new: Option<[(Tallied, Slot<Tally>); 2]>,
    hour: Slot<Window>,
    day: Slot<Window>,
}

/// The number that a code for a purpose goes to by text message, if it may be one that nobody has proven.
fn new_number(target: &Target, purpose: Purpose) -> Option<&PhoneNumber> {
    match target.recipient() {
        Recipient::Sms(number) if purpose.claims_target() => Some(number),
        Recipient::Sms(_) | Recipient::Email(_) => None,
    }
}

impl Texts {
    /// Asks for what decides about a code; nothing does that goes by mail.
    pub(crate) fn find_in(cx: &Cx, batch: &mut Batch<'_>, target: &Target, purpose: Purpose) -> Option<TextsSlot> {
        let new = new_number(target, purpose).map(|number| [Tallied::block_of(number), Tallied::address_of(cx)]).map(
            |tallied| {
                tallied.map(|tallied| {
                    let slot = batch.find::<Tally>(&tallied.key());
                    (tallied, slot)
                })
            },
        );
        matches!(target.recipient(), Recipient::Sms(_)).then(|| Self::find_budget_in(cx, batch, new))
    }

    /// Asks for what decides about a code to a number that is proven.
    pub(crate) fn find_proven_in(cx: &Cx, batch: &mut Batch<'_>) -> TextsSlot {
        Self::find_budget_in(cx, batch, None)
    }

    fn find_budget_in(cx: &Cx, batch: &mut Batch<'_>, new: Option<[(Tallied, Slot<Tally>); 2]>) -> TextsSlot {
        let [hour, day] = budget(cx);
        TextsSlot { new, hour: batch.find(&hour.window_of(EVERYONE)), day: batch.find(&day.window_of(EVERYONE)) }
    }

    pub(crate) fn take(found: &mut Found, slot: TextsSlot) -> Result<Self, StoreError> {
        let new = match slot.new {
            Some([(block, of_block), (address, of_address)]) => {
                Some([(block, found.take(of_block)?), (address, found.take(of_address)?)])
            }
            None => None,
        };
        Ok(Self { new, hour: found.take(slot.hour)?, day: found.take(slot.day)? })
    }

    /// Whether one may be sent now: its block first, then the budget. The write decides; this tells why not.
    pub(crate) fn check(&self, cx: &Cx) -> Result<(), Error> {
        let now = cx.now();
        if let Some(retry_after) = self.new.as_ref().and_then(|[(_, block), _]| block_wait(block.as_ref(), now)) {
            return Err(Error::PrefixBlocked { retry_after });
        }
        let [hour, day] = self.limits(cx);
        match hour.wait(self.hour.as_ref(), now).max(day.wait(self.day.as_ref(), now)) {
            Some(retry_after) => {
                self.measure_use(cx, 0);
                Err(Error::SmsBudgetExhausted { retry_after })
            }
            None => Ok(()),
        }
    }

    /// Counts one in the transaction that owes it.
    pub(crate) fn count_in(&self, cx: &Cx, transaction: &mut Transaction<'_, Error>, weight: Weight) {
        let now = cx.now();
        if let Some([(block, of_block), (address, of_address)]) = &self.new {
            let (update, condition) = block.send(of_block.as_ref(), block_max(of_block.as_ref(), now), now);
            transaction.update(REQUESTS, &block.key(), update, condition).or_else(move |stored| {
                let stored = stored.and_then(|stored| decode::<Tally>(stored).ok());
                block_wait(stored.as_ref(), now)
                    .map_or(Error::Raced, |retry_after| Error::PrefixBlocked { retry_after })
            });
            let (update, condition) = address.send(of_address.as_ref(), u32::MAX, now);
            transaction.update(REQUESTS, &address.key(), update, condition).or(|| Error::Raced);
        }
        let refusal = |spend| match spend {
            Spend::Exhausted { retry_after } => Error::SmsBudgetExhausted { retry_after },
            Spend::Raced => Error::Raced,
        };
        for (limit, seen) in self.limits(cx).into_iter().zip([&self.hour, &self.day]) {
            match weight {
                Weight::Text => limit.spend_in(transaction, EVERYONE, seen.as_ref(), now, refusal),
                Weight::Nothing => limit.touch_in(transaction, EVERYONE, seen.as_ref(), now, refusal),
                Weight::Other => {
                    let boundless = Limit { max: u32::MAX, ..limit };
                    boundless.touch_in(transaction, EVERYONE, seen.as_ref(), now, refusal);
                }
            }
        }
    }

    /// Has one told that was counted.
    pub(crate) fn measure(&self, cx: &Cx, weight: Weight) {
        if weight == Weight::Text {
            cx.measure(Measure::SmsSends, 1);
            self.measure_use(cx, 1);
        }
    }

    /// As much of the budget as there is for this one.
    fn limits(&self, cx: &Cx) -> [Limit; 2] {
        match &self.new {
            Some([_, (_, address)]) if !vouches(address.as_ref(), cx.now()) => budget(cx).map(open_share),
            Some(_) | None => budget(cx),
        }
    }

    /// Has told how much of the budget is used, of which so many more than was seen.
    fn measure_use(&self, cx: &Cx, more: u32) {
        let measured = [(Measure::SmsHourUsed, &self.hour), (Measure::SmsDayUsed, &self.day)];
        for (limit, (measure, seen)) in budget(cx).into_iter().zip(measured) {
            let used = seen.as_ref().filter(|window| window.ends_at > cx.now()).map_or(0, |window| window.count) + more;
            cx.measure(measure, used_percent(used, limit.max));
        }
    }
}

/// The budget of all together.
fn budget(cx: &Cx) -> [Limit; 2] {
    [
        Limit { name: "sms_hour", max: cx.settings().sms_per_hour, window_seconds: HOUR },
        Limit { name: "sms_day", max: cx.settings().sms_per_day, window_seconds: DAY },
    ]
}

/// The part of it that anyone may use.
fn open_share(limit: Limit) -> Limit {
    Limit { max: limit.max.div_ceil(2), ..limit }
}

/// Rounded down, so that 50 is half or more, and 100 all of it.
fn used_percent(used: u32, max: u32) -> u32 {
    u32::try_from(u64::from(used) * 100 / u64::from(max)).unwrap_or(u32::MAX)
}

/// Counts a code that was told back, from the address that tells it.
pub(crate) fn complete_in(cx: &Cx, transaction: &mut Transaction<'_, Error>, target: &Target, purpose: Purpose) {
    if let Some(number) = new_number(target, purpose) {
        Tallied::block_of(number).complete_in(transaction, cx.now());
        Tallied::address_of(cx).complete_in(transaction, cx.now());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_epoch_seconds(seconds)
    }

    /// One that ends at 100.
    fn tally(sends: u32, completions: u32) -> Tally {
        Tally { name: String::new(), sends, completions, ends_at: at(100), expires_at: at(200) }
    }

    #[test]
    fn a_block_is_closed_from_twenty_sends_on_while_fewer_than_a_fifth_came_back() {
        for sends in 0..200 {
            for completions in 0..=sends {
                let closed = sends >= 20 && completions * 100 < sends * 20;
                let wait = block_wait(Some(&tally(sends, completions)), at(40));
                assert_eq!(wait, closed.then_some(60), "{completions} of {sends}");
            }
        }
    }

    #[test]
    fn a_block_is_open_before_its_first_send_and_after_its_hour() {
        assert_eq!(block_wait(None, at(40)), None);
        assert_eq!(block_wait(Some(&tally(1_000, 0)), at(100)), None);
        assert_eq!(block_max(Some(&tally(1_000, 900)), at(100)), BLOCK_SENDS_MIN, "what came back is over, too");
    }

    #[test]
    fn a_third_of_the_codes_vouches_for_an_address() {
        let vouched = |sends, completions| vouches(Some(&tally(sends, completions)), at(40));
        assert!(!vouches(None, at(40)));
        for (sends, completions, expected) in
            [(0, 0, false), (1, 0, false), (1, 1, true), (15, 5, true), (16, 5, false), (300, 100, true)]
        {
            assert_eq!(vouched(sends, completions), expected, "{completions} of {sends}");
        }
    }

    #[test]
    fn an_address_is_vouched_for_beyond_its_week_and_forgotten_in_the_end() {
        assert!(vouches(Some(&tally(5, 5)), at(199)));
        assert!(!vouches(Some(&tally(5, 5)), at(200)));
    }

    #[test]
    fn half_of_a_week_counts_on_until_it_is_forgotten_and_nothing_of_an_hour() {
        let address = Tallied::Address("192.0.2.1".to_owned());
        let block = Tallied::Block("+82101234".to_owned());
        assert_eq!(address.kept(&tally(9, 5), at(199)), (4, 2));
        assert_eq!(address.kept(&tally(9, 5), at(200)), (0, 0));
        assert_eq!(block.kept(&tally(9, 5), at(199)), (0, 0));
    }

    #[test]
    fn an_odd_budget_is_halved_upwards_and_half_is_half_of_the_percents() {
        for max in 1..1_000 {
            let open = open_share(Limit { name: "sms_day", max, window_seconds: DAY }).max;
            assert!(open * 2 >= max && open * 2 <= max + 1);
            assert!(used_percent(open, max) >= 50 && used_percent(max, max) == 100);
            assert!(used_percent(open - 1, max) < 50 && used_percent(max - 1, max) < 100);
        }
    }

    #[test]
    fn only_what_goes_to_a_new_number_is_tallied() {
        let number = PhoneNumber::parse("010-1234-5678").expect("it is a number");
        let target = Target::from(Recipient::Sms(number));
        for purpose in [Purpose::SignUp, Purpose::ChangePhone] {
            assert!(new_number(&target, purpose).is_some(), "{purpose:?}");
        }
        for purpose in [Purpose::SignIn, Purpose::ResetPassword, Purpose::ChangePassword, Purpose::DeleteAccount] {
            assert!(new_number(&target, purpose).is_none(), "{purpose:?}");
        }
    }

    /// The rule in memory, with the limits of a stage: who asks when is what a run tries out.
    struct Stage {
        per_address: u32,
        sends_of: HashMap<u32, u32>,
        blocks: HashMap<u32, Tally>,
        addresses: HashMap<u32, Tally>,
        sends: u32,
    }

    const PER_HOUR: u32 = 500;
    /// An address that is everyone's on the campus, and one of those that a run rotates over.
    const CAMPUS: u32 = 0;
    const ADDRESSES: u32 = 200;

    impl Stage {
        fn new(per_address: u32) -> Self {
            let (sends_of, blocks, addresses) = (HashMap::new(), HashMap::new(), HashMap::new());
            Self { per_address, sends_of, blocks, addresses, sends: 0 }
        }

        /// Someone asks for a code, within one hour. Whether it is sent.
        fn ask(&mut self, address: u32, block: u32) -> bool {
            let now = at(40);
            let hour = Limit { name: "sms_hour", max: PER_HOUR, window_seconds: HOUR };
            let hour = if vouches(self.addresses.get(&address), now) { hour } else { open_share(hour) };
            let of_address = self.sends_of.entry(address).or_default();
            let is_open = block_wait(self.blocks.get(&block), now).is_none();
            if *of_address >= self.per_address || !is_open || self.sends >= hour.max {
                return false;
            }
            *of_address += 1;
            self.sends += 1;
            self.blocks.entry(block).or_insert_with(|| tally(0, 0)).sends += 1;
            self.addresses.entry(address).or_insert_with(|| tally(0, 0)).sends += 1;
            true
        }

        /// Somebody honest does, on the campus; of ten one is lost on the way. Whether a code was sent.
        fn serve(&mut self, number: u32, block: u32) -> bool {
            let served = self.ask(CAMPUS, block);
            if served && number % 10 != 9 {
                let tallies = [self.blocks.get_mut(&block), self.addresses.get_mut(&CAMPUS)];
                tallies.into_iter().flatten().for_each(|tally| tally.completions += 1);
            }
            served
        }

        /// Ten thousand requests over rotating addresses, to numbers in so many blocks in turn. Before each hundredth
        /// somebody honest asks, if they do not all come after it. How many of the hundred were served.
        fn pump(&mut self, blocks: u32, honest_after: bool) -> u32 {
            let mut served = 0;
            for number in 0..10_000 {
                if !honest_after && number % 100 == 0 {
                    served += u32::from(self.serve(number / 100, number));
                }
                self.ask(number % ADDRESSES, number % blocks);
            }
            (0..if honest_after { 100 } else { 0 }).for_each(|number| served += u32::from(self.serve(number, number)));
            served
        }
    }

    #[test]
    fn of_ten_thousand_requests_to_few_blocks_two_hundred_are_sent_and_95_of_100_honest_people_served() {
        let mut stage = Stage::new(100);
        let served = stage.pump(10, false);
        assert!(served >= 95 && stage.sends - served <= 200, "{served} of {}", stage.sends);
    }

    #[test]
    fn ten_thousand_requests_to_numbers_anywhere_stay_in_the_budget_and_95_of_100_honest_people_are_served() {
        // Whoever pumps on the campus uses up of its address's limit, too, so it needs room for them.
        let mut stage = Stage::new(300);
        let served = stage.pump(10_000, false);
        assert!(served >= 95 && stage.sends <= PER_HOUR, "{served} of {}", stage.sends);
    }

    #[test]
    fn a_campus_that_told_codes_back_before_is_served_though_the_run_came_first() {
        let mut stage = Stage::new(300);
        stage.addresses.insert(CAMPUS, tally(100, 90));
        let served = stage.pump(10_000, true);
        assert!(served >= 95 && stage.sends <= PER_HOUR, "{served} of {}", stage.sends);
    }

    #[test]
    fn an_address_that_nobody_knows_waits_for_the_next_hour_when_the_run_came_first() {
        let mut stage = Stage::new(300);
        assert_eq!((stage.pump(10_000, true), stage.sends), (0, PER_HOUR / 2));
    }
}

//! Many requests at once for what only some may have.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::reply::Reply;

/// How often each answer was given, by [`Reply::summary`].
pub type Tally = BTreeMap<String, usize>;

/// What came of a race, in the order in which the requests were made.
#[derive(Debug)]
pub struct Race {
    /// The replies.
    pub replies: Vec<Reply>,
}

/// Makes so many requests at once, each told its number, and waits for all replies. What must hold of the
/// state at the end is the test's to look at.
pub async fn race(count: usize, request: impl AsyncFn(usize) -> Reply) -> Race {
    Race { replies: join_all((0..count).map(|number| request(number))).await }
}

impl Race {
    /// How often each answer was given.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        for reply in &self.replies {
            *tally.entry(reply.summary()).or_default() += 1;
        }
        tally
    }

    /// The reply to the only request that had this status.
    ///
    /// # Panics
    ///
    /// When none had, or several.
    #[must_use]
    pub fn only(&self, status: u16) -> &Reply {
        let mut found = self.replies.iter().filter(|reply| reply.status == status);
        match (found.next(), found.next()) {
            (Some(reply), None) => reply,
            _ => panic!("not one {status} but {:?}", self.tally()),
        }
    }
}

/// A tally to compare with.
#[must_use]
pub fn counts<const N: usize>(counts: [(&str, usize); N]) -> Tally {
    counts.map(|(summary, count)| (summary.to_owned(), count)).into()
}

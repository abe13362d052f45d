//! Holding writes back until it is certain that they are to be made.

use std::sync::Arc;

use tokio::sync::SetOnce;

/// What the writes of one request wait for; reads pass. So whether a request was carried out before can be
/// found out while it already reads, and costs no round trip of its own.
///
/// Whoever made a gate must open it or drop the work behind it, or that waits forever.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<SetOnce<()>>);

impl Gate {
    /// Lets the writes through, those that wait and those that come.
    pub fn open(&self) {
        // Open is open, however often.
        let _ = self.0.set(());
    }

    /// Waits until it is open.
    pub(crate) async fn passed(&self) {
        self.0.wait().await;
    }
}

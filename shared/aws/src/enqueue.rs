//! Filling queues.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::future::join_all;

use crate::cause::cause_of;
use crate::clients::Clients;
use crate::resource::Queue;

/// SQS takes at most ten messages in a batch.
const BATCH_MAX: usize = 10;
/// SQS delays a message by at most this much.
pub const DELAY_SECONDS_MAX: u16 = 15 * 60;

impl Clients {
    /// Queues messages, each as JSON and with a name of the caller's, and returns the names of those that SQS took.
    ///
    /// Batches go side by side. What was not taken, or may have been, is logged and left to the caller, who still has
    /// it: queued twice is better than never.
    pub async fn enqueue<N: Clone>(&self, queue: Queue, messages: &[(N, String)]) -> Vec<N> {
        self.enqueue_after(queue, 0, messages).await
    }

    /// The same for messages that nobody is given until so many seconds have passed; SQS delays by no more than
    /// [`DELAY_SECONDS_MAX`].
    pub async fn enqueue_after<N: Clone>(&self, queue: Queue, seconds: u16, messages: &[(N, String)]) -> Vec<N> {
        let url = self.queue_url(queue);
        let delay = seconds.min(DELAY_SECONDS_MAX);
        let batches = messages.chunks(BATCH_MAX).map(|batch| async {
            let taken = self.enqueue_batch(&url, delay, batch).await.unwrap_or_else(|cause| {
                tracing::error!(queue = queue.name, cause, "a batch was not queued");
                Vec::new()
            });
            taken.into_iter().filter_map(|index| batch.get(index)).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        });
        join_all(batches).await.into_iter().flatten().collect()
    }

    /// Queues one batch, and returns the places of what SQS took.
    async fn enqueue_batch<N>(&self, url: &str, delay: u16, batch: &[(N, String)]) -> Result<Vec<usize>, String> {
        let delay = (delay > 0).then(|| i32::from(delay));
        let entries: Result<Vec<_>, _> = batch
            .iter()
            .enumerate()
            .map(|(index, (_, body))| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(body)
                    .set_delay_seconds(delay)
                    .build()
            })
            .collect();
        let entries = entries.map_err(|error| error.to_string())?;
        let request = self.sqs().send_message_batch().queue_url(url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| cause_of(&error))?;
        Ok(answer.successful.iter().filter_map(|entry| entry.id.parse().ok()).collect())
    }
}

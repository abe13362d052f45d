//! Filling queues.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use campus_aws::{Queue, cause_of};
use campus_endpoint::{Cx, WorkError};
use futures::future::join_all;

/// SQS takes at most ten messages in a batch.
const BATCH_MAX: usize = 10;

/// Queues messages, each with a name of the caller's, and returns the names of those that SQS took. Batches go side by
/// side; what was not taken, or may have been, is logged and not tried again: the caller still has it.
pub(crate) async fn enqueue<N: Clone>(
    cx: &Cx,
    queue: Queue,
    messages: Vec<(N, Result<String, serde_json::Error>)>,
) -> Vec<N> {
    let url = cx.clients().queue_url(queue);
    let batches = messages.chunks(BATCH_MAX).map(|batch| async {
        let sent = send(cx, &url, batch).await;
        let taken = sent.unwrap_or_else(|error| {
            tracing::error!(queue = queue.name, cause = %error, "a batch was not queued");
            Vec::new()
        });
        taken.into_iter().filter_map(|index| batch.get(index)).map(|(name, _)| name.clone()).collect::<Vec<_>>()
    });
    join_all(batches).await.into_iter().flatten().collect()
}

/// Sends one batch, and returns the places of what SQS took.
async fn send<N>(
    cx: &Cx,
    url: &str,
    batch: &[(N, Result<String, serde_json::Error>)],
) -> Result<Vec<usize>, WorkError> {
    let entries: Result<Vec<_>, WorkError> = batch
        .iter()
        .enumerate()
        .map(|(index, (_, body))| {
            let body = body.as_ref().map_err(|error| WorkError::new(error.to_string()))?;
            let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body);
            entry.build().map_err(WorkError::new)
        })
        .collect();
    let request = cx.clients().sqs().send_message_batch().queue_url(url).set_entries(Some(entries?));
    let answer = request.send().await.map_err(|error| WorkError::new(cause_of(&error)))?;
    Ok(answer.successful.iter().filter_map(|entry| entry.id.parse().ok()).collect())
}

//! Bytes that are no text, which the local front door hands on as they are.
//!
//! API Gateway takes whatever is sent as JSON for text and gives a function text, so what it makes of such
//! bytes within a JSON string is not Campus's to judge there.

use campus_testkit::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn b1_25_a_text_that_is_not_utf8_is_malformed() {
    let app = TestApp::start_local().await;
    let endpoints = campus_accounts::registry().endpoints.into_iter();
    let posts = endpoints.filter(|entry| entry.route.method == "POST");
    for path in posts.map(|entry| entry.route.path().replace("{id}", "0199c0de-0000-7000-8000-000000000000")) {
        for body in [&b"{\"value\": \"\xff\xfe\"}"[..], b"{\"value\": \"\xed\xa0\x80\"}", b"{\"\xc0\xaf\": 1}"] {
            let reply = app.anonymous().post_raw(&path, body.to_vec()).await;
            assert_eq!(reply.summary(), "400 malformed_json", "{path} {}", body.escape_ascii());
        }
    }
}

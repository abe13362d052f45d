//! `/captcha-challenges`.

use campus_testkit::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_challenge_is_solved_for_a_token() {
    let app = TestApp::start().await;
    let challenge = app.anonymous().post("/v1/captcha-challenges", &json!({})).await;
    assert_eq!(challenge.summary(), "201");
    assert_eq!(challenge.body["provider"], "none");

    let id = challenge.text("/id");
    let solution = app.anonymous().post(&format!("/v1/captcha-challenges/{id}/solutions"), &json!({})).await;
    assert_eq!(solution.summary(), "201");
    assert!(!solution.text("/captcha_token").is_empty());
}

//! The demo data.

use campus_domain::SchoolId;
use campus_testkit::{SignUp, TestApp};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_school_to_sign_up_at() {
    let app = TestApp::start_demo().await;
    let id = SchoolId::from_parts(1, [0; 10]).to_string();
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("school_id", id.as_str());
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    assert_eq!(reply.body["user"]["school"], json!({ "id": id, "name": "한빛대학교", "verified": false }));
}

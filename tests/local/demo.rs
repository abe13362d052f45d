//! The demo data.

use campus_domain::SchoolId;
use campus_testkit::{SignUp, TestApp};
use serde_json::json;

use crate::accounts::signing_in::{sign_in, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_school_to_sign_up_at() {
    let app = TestApp::start_demo().await;
    let id = SchoolId::from_parts(1, [0; 10]).to_string();
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("school_id", id.as_str());
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    assert_eq!(reply.body["user"]["school"], json!({ "id": id, "name": "한빛대학교", "verified": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_37_b3_33_roles_come_with_the_session_and_the_demos_people_can_sign_in() {
    let app = TestApp::start_demo().await;
    let (usernames, password) = campus_local::LocalSystem::demo_users();
    for (username, roles) in usernames.into_iter().zip([3, 2, 1, 1]) {
        let reply = sign_in(&app.anonymous(), username, password).await;
        assert_eq!(reply.summary(), "201", "{username}");
        let user = signed_in(&app, &reply).get("/v1/users/me").await;
        assert_eq!(user.body["roles"].as_array().map(Vec::len), Some(roles), "{username}");
        assert_eq!(user.body["school"], reply.body["user"]["school"]);
    }
}

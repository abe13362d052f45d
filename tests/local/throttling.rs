//! Failed sign-ins beyond what a test can wait for.

use aws_sdk_dynamodb::types::AttributeValue;
use campus_aws::REQUESTS;
use campus_store::Store;
use campus_testkit::TestApp;
use serde_json::json;

use crate::accounts::signing_in::*;

const WRONG: &str = "drie grote eendjes";

/// As if the logins had failed so often. Where they are counted is nobody's business, so all are changed.
#[expect(clippy::disallowed_methods, reason = "a test changes what takes a day to come about")]
async fn set_account_failures(app: &TestApp, count: u32) {
    let (clients, table) = (&app.clients, Store::new(&app.clients).physical(REQUESTS));
    let page = clients.dynamodb.scan().table_name(&table).send().await.expect("the table can be read");
    for item in page.items.unwrap_or_default() {
        if item["pk"].as_s().is_ok_and(|pk| pk.starts_with("SIGN_IN#account#")) {
            let update = clients.dynamodb.update_item().table_name(&table);
            let update = update.key("pk", item["pk"].clone()).key("sk", item["sk"].clone());
            let update = update.update_expression("SET #count = :count").expression_attribute_names("#count", "count");
            let update = update.expression_attribute_values(":count", AttributeValue::N(count.to_string()));
            update.send().await.expect("the item can be changed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_hundred_failures_only_a_code_signs_in_whether_the_login_exists_or_not() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let unknown = username_of(&app.new_phone());
    let mut answers = Vec::new();
    for (number, login) in [(2, person.username.as_str()), (3, &unknown)] {
        sign_in(&at_address(&app, number), login, WRONG).await;
    }
    set_account_failures(&app, 99).await;
    for (number, login) in [(4, person.username.as_str()), (5, &unknown)] {
        let hundredth = sign_in_solving(&app, &at_address(&app, number), login, WRONG).await;
        assert_eq!(hundredth.summary(), "401 credentials_wrong", "{login}");
        let refused = sign_in_solving(&app, &at_address(&app, number), login, PASSWORD).await;
        assert_eq!(refused.summary(), "403 sign_in_code_required", "{login}");
        answers.push(told(&refused));
    }
    assert_eq!(answers[0], answers[1]);

    app.advance(61);
    let proof = sign_in_proof(&app, "sms", &person.phone).await;
    let client = at_address(&app, 6);
    assert_eq!(client.post("/v1/sessions", &json!({ "proof": proof })).await.summary(), "201");
    assert_eq!(sign_in(&client, &person.username, PASSWORD).await.summary(), "201", "the code made good for them");
}

//! Codes by text message that nobody tells back: who asks for many to a block of numbers closes it, to new numbers.

use campus_messages::Purpose;
use campus_testkit::{Reply, SignUp, TestApp};

use super::signing_in::{at_address, username_of};

/// Of a block, however many come back.
const SENDS: u8 = 20;
/// Fewer than an address has in an hour, of any stage.
const SENDS_PER_ADDRESS: u8 = 10;

/// The block of a new number, in which other numbers are new, too.
fn new_block(app: &TestApp) -> String {
    app.new_phone()[..9].to_owned()
}

fn number(block: &str, number: u16) -> String {
    format!("{block}{:04}", 9_999 - number)
}

/// Asks for a code to a number of a block, from addresses that each have few.
async fn ask(app: &TestApp, purpose: Purpose, block: &str, which: u8) -> Reply {
    let client = at_address(app, which / SENDS_PER_ADDRESS);
    app.ask_for_code_as(&client, purpose, "sms", &number(block, which.into())).await
}

/// Closes a block, to which a few codes may have gone before: of a shared stage by others, too.
async fn close(app: &TestApp, block: &str) -> Reply {
    for which in 0..SENDS {
        let reply = ask(app, Purpose::SignUp, block, which).await;
        if reply.status != 202 {
            assert!(which >= SENDS / 2, "{which}: {reply:?}");
            return reply;
        }
    }
    ask(app, Purpose::SignUp, block, SENDS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_whose_codes_nobody_tells_back_is_closed_for_the_hour() {
    let app = TestApp::start().await;
    let block = new_block(&app);
    let refused = close(&app, &block).await;
    assert_eq!(refused.summary(), "429 prefix_blocked");
    assert!((3_300..=3_600).contains(&refused.retry_after()), "{refused:?}");
    assert!(refused.text("/detail").contains("이메일"), "there is another way: {refused:?}");

    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202", "other blocks are open");
    assert_eq!(app.ask_for_code("email", &app.new_email()).await.summary(), "202");
    app.advance(refused.retry_after());
    assert_eq!(ask(&app, Purpose::SignUp, &block, SENDS).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_is_kept_when_the_block_is_closed() {
    let app = TestApp::start().await;
    let block = new_block(&app);
    close(&app, &block).await;
    let mut form = serde_json::json!({
        "channel": "sms", "target": number(&block, 100), "purpose": "sign_up", "captcha_token": app.captcha_token().await,
    });
    let client = at_address(&app, 3);
    assert_eq!(client.post("/v1/verification-codes", &form).await.summary(), "429 prefix_blocked");
    form["target"] = app.new_phone().into();
    assert_eq!(client.post("/v1/verification-codes", &form).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_told_back_keeps_a_block_open() {
    let app = TestApp::start().await;
    let block = new_block(&app);
    // By others the block may have a send more on a shared stage.
    for which in 100..105 {
        let (id, code) = app.receive_code("sms", &number(&block, which)).await;
        assert_eq!(app.confirm(&id, &code).await.summary(), "201");
    }
    for which in 5..SENDS {
        assert_eq!(ask(&app, Purpose::SignUp, &block, which).await.summary(), "202");
    }
    assert_eq!(ask(&app, Purpose::SignUp, &block, SENDS).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_block_is_open_to_whose_number_is_proven() {
    let app = TestApp::start().await;
    let block = new_block(&app);
    let phone = number(&block, 200);
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).with("username", username_of(&phone));
    let member = app.anonymous().post("/v1/users", &form.0).await;
    assert_eq!(member.summary(), "201");
    app.advance(60);
    // One came back, which is worth no more than the first twenty.
    close(&app, &block).await;
    assert_eq!(ask(&app, Purpose::SignUp, &block, SENDS + 1).await.summary(), "429 prefix_blocked");

    let client = at_address(&app, 3);
    assert_eq!(app.ask_for_code_as(&client, Purpose::SignIn, "sms", &phone).await.summary(), "202");
    let stranger = number(&block, 201);
    assert_eq!(app.ask_for_code_as(&client, Purpose::SignIn, "sms", &stranger).await.summary(), "202", "or that tells");
    let other = number(&block, 202);
    let owner = client.with_token(member.text("/session/access_token"));
    let refused = app.ask_for_code_as(&owner, Purpose::ChangePhone, "sms", &other).await;
    assert_eq!(refused.summary(), "429 prefix_blocked", "a session vouches for nothing");
}

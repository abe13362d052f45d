//! `/users/me/notification-preferences`.

use campus_aws::CONTACTS;
use campus_messages::{ContactCard, Owed, Plan};
use campus_store::{Store, Update, exists};
use campus_testkit::{Member, Reply, TestApp, counts, race};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const PATH: &str = "/v1/users/me/notification-preferences";

fn ways(email: bool, sms: bool, inbox: bool) -> Value {
    json!({ "email": email, "sms": sms, "inbox": inbox })
}

/// What is shown, without its tag.
fn shown(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    body["etag"].take();
    body
}

fn defaults() -> Value {
    let kind = ways(false, false, true);
    json!({
        "kinds": { "screening_announced": kind, "screening_reminder": kind, "screening_changed": kind },
        "quiet_hours": null, "lead_minutes": 60, "etag": null,
    })
}

/// Takes a person's proven number away, as nobody can do by the API yet.
async fn forget_phone(app: &TestApp, member: &Member) {
    let id = member.user["id"].as_str().expect("an account has an id");
    let key = ContactCard::key_of(campus_domain::UserId::parse(id).expect("it is an id"));
    let update = Update::new().remove("phone");
    Store::new(&app.clients).update(CONTACTS, &key, update, exists()).await.expect("it can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_39_b0_43_mail_and_texts_are_off_until_someone_turns_them_on() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let read = me.get(PATH).await;
    assert_eq!((read.summary().as_str(), shown(&read)), ("200", defaults()));
    // Not even by a change of something else.
    let reply = me.put(PATH, &json!({ "lead_minutes": 10 })).await;
    assert_eq!(reply.summary(), "200");
    let mut expected = defaults();
    expected["lead_minutes"] = 10.into();
    assert_eq!(shown(&me.get(PATH).await), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_39_what_is_chosen_stays_and_what_is_left_out_takes_its_default() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let all = json!({
        "kinds": {
            "screening_announced": ways(true, false, true),
            "screening_reminder": ways(false, true, false),
            "screening_changed": ways(true, true, true),
        },
        "quiet_hours": { "from": "22:00", "to": "07:30" },
        "lead_minutes": 10_080,
    });
    let reply = me.put(PATH, &all).await;
    assert_eq!(reply.summary(), "200");
    let mut expected = all.clone();
    expected["etag"] = Value::Null;
    assert_eq!(shown(&reply), expected);
    assert_eq!(me.get(PATH).await.body, reply.body);

    let reply = me.put(PATH, &json!({ "kinds": { "screening_reminder": { "email": true } } })).await;
    let mut expected = defaults();
    expected["kinds"]["screening_reminder"] = ways(true, false, true);
    assert_eq!(shown(&reply), expected);
    assert_eq!(shown(&me.put(PATH, &json!({})).await), defaults());
    // Null means the same as nothing where there may be none.
    assert_eq!(shown(&me.put(PATH, &json!({ "quiet_hours": null })).await), defaults());
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_11_texts_are_for_proven_numbers_and_mail_may_be_chosen_ahead_of_an_address() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let me = &member.client;
    let texts = |kind: &str| json!({ "kinds": { kind: { "sms": true } } });
    for kind in ["screening_announced", "screening_reminder", "screening_changed"] {
        assert_eq!(me.put(PATH, &texts(kind)).await.summary(), "200", "{kind}");
    }
    forget_phone(&app, &member).await;
    let before = me.get(PATH).await.body;
    for kind in ["screening_announced", "screening_reminder"] {
        assert_eq!(me.put(PATH, &texts(kind)).await.summary(), "409 phone_not_verified", "{kind}");
    }
    assert_eq!(me.get(PATH).await.body, before, "what is refused changes nothing");
    // What was chosen while there was a number need not be taken back to change something else.
    let mut other = texts("screening_changed");
    other["lead_minutes"] = 30.into();
    assert_eq!(me.put(PATH, &other).await.summary(), "200");
    assert_eq!(me.put(PATH, &json!({ "kinds": { "screening_changed": { "email": true } } })).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_38_quiet_hours_that_end_when_they_begin_are_refused_for_both_together_and_others_are_not() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let hours = |from: &str, to: &str| json!({ "quiet_hours": { "from": from, "to": to } });
    for (from, to) in [("22:00", "22:00"), ("00:00", "00:00")] {
        let reply = me.put(PATH, &hours(from, to)).await;
        assert_eq!((reply.status, reply.fields()), (422, vec![" nothing_between".to_owned()]), "{from} to {to}");
    }
    for (from, to) in [("22:00", "22:01"), ("22:01", "22:00"), ("00:00", "23:59"), ("23:59", "00:00")] {
        assert_eq!(me.put(PATH, &hours(from, to)).await.summary(), "200", "{from} to {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_told_at_once() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let wrong = json!({
        "kinds": { "screening_reminder": { "email": "yes" }, "cheers": { "email": true } },
        "quiet_hours": { "from": "24:00" },
        "lead_minutes": 0,
    });
    let told = [
        "/kinds/screening_reminder/email wrong_type",
        "/lead_minutes out_of_range",
        "/quiet_hours/from time_format",
        "/quiet_hours/to required",
    ];
    let fields = me.put(PATH, &wrong).await.fields();
    for expected in told {
        assert!(fields.iter().any(|field| field == expected), "{expected} is not in {fields:?}");
    }
    for (body, told) in [
        (json!({ "kinds": { "cheers": { "email": true } } }), "/kinds unknown_value"),
        (json!({ "kinds": null }), "/kinds null_not_allowed"),
        (json!({ "kinds": { "screening_reminder": null } }), "/kinds/screening_reminder null_not_allowed"),
        (json!({ "lead_minutes": 10_081 }), "/lead_minutes out_of_range"),
        (json!({ "lead_minutes": -1 }), "/lead_minutes out_of_range"),
        (json!({ "lead_minutes": null }), "/lead_minutes null_not_allowed"),
        (json!({ "lead_minutes": "60" }), "/lead_minutes wrong_type"),
        (json!({ "lead_minutes": 1.5 }), "/lead_minutes wrong_type"),
        (json!({ "quiet_hours": "at night" }), "/quiet_hours wrong_type"),
        (json!({ "quiet_hours": ["22:00", "07:00"] }), "/quiet_hours wrong_type"),
        (json!({ "kinds": [] }), "/kinds wrong_type"),
        (json!({ "kinds": { "screening_reminder": [true] } }), "/kinds/screening_reminder wrong_type"),
        (json!({ "kinds": { "screening_reminder": { "push": true } } }), "/kinds/screening_reminder unknown_value"),
    ] {
        let reply = me.put(PATH, &body).await;
        assert_eq!((reply.status, reply.fields()), (422, vec![told.to_owned()]), "{body}");
    }
    assert_eq!(shown(&me.get(PATH).await), defaults());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_was_not_seen_is_refused() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let read = me.get(PATH).await;
    let seen = read.text("/etag");
    assert_eq!(read.headers["etag"], seen.as_str());
    let reply = me.put_if(PATH, &seen, &json!({ "lead_minutes": 30 })).await;
    assert_eq!(reply.summary(), "200");
    assert_eq!(me.put_if(PATH, &seen, &json!({ "lead_minutes": 20 })).await.summary(), "412 precondition_failed");
    assert_eq!(me.get(PATH).await.body["lead_minutes"], 30);
    assert_eq!(me.put_if(PATH, &reply.text("/etag"), &json!({ "lead_minutes": 20 })).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_changes_at_once_under_the_same_tag_one_is_made_and_without_a_tag_all() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let seen = me.get(PATH).await.text("/etag");
    let raced = race(8, async |number| me.put_if(PATH, &seen, &json!({ "lead_minutes": number + 1 })).await).await;
    assert_eq!(raced.tally(), counts([("200", 1), ("412 precondition_failed", 7)]));
    let raced = race(4, async |number| me.put(PATH, &json!({ "lead_minutes": 100 + number })).await).await;
    assert_eq!(raced.tally(), counts([("200", 4)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_lead_time_or_other_quiet_hours_owe_a_plan_of_what_waits_and_nothing_else_does() {
    let app = TestApp::start_by_hand().await;
    let Member { client: me, user, .. } = app.member_by_hand().await;
    app.relay().await;

    for unplanned in
        [json!({}), json!({ "kinds": { "screening_reminder": { "email": true } } }), json!({ "lead_minutes": 60 })]
    {
        assert_eq!(me.put(PATH, &unplanned).await.summary(), "200");
        assert_eq!(app.owed().await.len(), 0, "{unplanned}");
    }
    assert_eq!(me.put(PATH, &json!({ "lead_minutes": 61 })).await.summary(), "200");
    let owed = app.owed().await;
    let [Owed::Plan(plan)] = &owed.iter().map(|item| item.owed.clone()).collect::<Vec<_>>()[..] else {
        panic!("one plan is owed: {owed:?}")
    };
    let Plan::Person { user_id, after: None } = &plan.0 else { panic!("{plan:?}") };
    assert_eq!(user["id"], user_id.to_string());
    // The same once more changes nothing.
    assert_eq!(me.put(PATH, &json!({ "lead_minutes": 61 })).await.summary(), "200");
    assert_eq!(app.owed().await.len(), 1);
    let quiet = json!({ "lead_minutes": 61, "quiet_hours": { "from": "22:00", "to": "07:00" } });
    assert_eq!(me.put(PATH, &quiet).await.summary(), "200");
    assert_eq!(app.owed().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_taken_is_shown_as_it_was_sent() {
    let app = TestApp::start().await;
    let me = app.member().await.client;
    let kind = || any::<(bool, bool, bool)>().prop_map(|(email, sms, inbox)| ways(email, sms, inbox));
    let time = || (0..24, 0..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let hours = proptest::option::of((time(), time()).prop_filter("they differ", |(from, to)| from != to));
    let body =
        (kind(), kind(), kind(), hours, 1_u32..=10_080).prop_map(|(announced, reminder, changed, hours, lead)| {
            json!({
                "kinds": {
                    "screening_announced": announced, "screening_reminder": reminder, "screening_changed": changed,
                },
                "quiet_hours": hours.map(|(from, to)| json!({ "from": from, "to": to })),
                "lead_minutes": lead,
                "etag": null,
            })
        });
    let mut runner = TestRunner::deterministic();
    for _ in 0..30 {
        let body = body.new_tree(&mut runner).expect("it can be made").current();
        let reply = me.put(PATH, &body).await;
        assert_eq!((reply.status, shown(&reply)), (200, body));
    }
}

//! `/admin/user-searches` and `/admin/users/{id}`: what admins see of people's accounts and do to them. What is written
//! down of it is in `tests/local/admins.rs`.

use campus_accounts::users::Profile;
use campus_domain::UserId;
use campus_messages::ContactCard;
use campus_store::{Key, Store};
use campus_testkit::{Client, Reply, SignUp, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use super::signing_in::{
    PASSWORD, Person, at_address, person, refresh, session_of, sign_in, sign_in_proof, sign_in_solving, signed_in,
};

const SEARCHES: &str = "/v1/admin/user-searches";
const SCHOOLS: &str = "/v1/schools";
const ME: &str = "/v1/users/me";
/// Every instance knows by then what an admin has changed.
const NOTICED: u64 = 30;

pub(crate) fn path_of(id: &str) -> String {
    format!("/v1/admin/users/{id}")
}

/// Who is found by a field.
async fn found(admin: &Client, by: &str, value: &str) -> Vec<Value> {
    let reply = admin.post(SEARCHES, &json!({ by: value })).await;
    assert_eq!(reply.summary(), "200", "{by} {value}: {reply:?}");
    assert_eq!(reply.body["next_cursor"], Value::Null);
    reply.body["items"].as_array().expect("there is a list").clone()
}

/// The account of a person as admins see it.
async fn shown(admin: &Client, person: &Person) -> Value {
    found(admin, "username", &person.username).await.pop().expect("there is one")
}

pub(crate) async fn change(admin: &Client, id: &str, change: &Value) -> Reply {
    admin.patch(&path_of(id), change).await
}

async fn changed(admin: &Client, id: &str, wish: &Value) -> Value {
    let reply = change(admin, id, wish).await;
    assert_eq!(reply.summary(), "200", "{wish}: {reply:?}");
    reply.body
}

/// Someone with a session on a device, and that.
async fn someone(app: &TestApp) -> (Person, Reply) {
    let person = person(app).await;
    let session = session_of(app, &person, true).await;
    (person, session)
}

async fn kinds(client: &Client) -> Vec<(String, Value)> {
    let reply = client.get("/v1/users/me/security-events").await;
    let items = reply.body["items"].as_array().expect("there is a list").iter();
    items.map(|item| (item["kind"].as_str().expect("it has a kind").to_owned(), item["agent"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_41_b2_37_who_is_no_admin_neither_finds_nor_changes_nor_removes_anyone() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let path = path_of(&person.id);
    for (client, told) in [
        (app.anonymous(), "401 token_missing"),
        (app.member().await.client, "403 forbidden"),
        (app.staff().await, "403 forbidden"),
    ] {
        let searched = client.post(SEARCHES, &json!({ "username": person.username })).await;
        let suspended = client.patch(&path, &json!({ "suspended": { "reason": "x" } })).await;
        let elevated = client.patch(&path, &json!({ "roles": ["admin"] })).await;
        for reply in [searched, suspended, elevated, client.delete(&path).await] {
            assert_eq!(reply.summary(), told);
        }
    }
    let account = shown(&app.admin().await, &person).await;
    assert_eq!((&account["state"], &account["roles"]), (&json!("active"), &json!(["member"])));
    assert_eq!(sign_in(&app.anonymous(), &person.username, PASSWORD).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_41_an_admin_is_neither_deleted_nor_purged_before_they_are_one_no_more() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    changed(&admin, &person.id, &json!({ "roles": ["admin"] })).await;
    assert_eq!(admin.delete(&path_of(&person.id)).await.summary(), "409 account_is_admin");
    let own = client.delete_with(ME, &json!({ "password": PASSWORD })).await;
    assert_eq!(own.summary(), "409 account_is_admin");
    assert_eq!(client.get(ME).await.status, 200, "nothing has ended");
    changed(&admin, &person.id, &json!({ "roles": ["staff"] })).await;
    assert_eq!(admin.delete(&path_of(&person.id)).await.summary(), "204");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_40_a_person_is_found_by_what_is_theirs_with_numbers_masked_and_nothing_secret() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (address, username, nickname) = (app.new_email(), app.new_username(), app.new_nickname());
    let form = SignUp::with_proof(&app.proof("email", &address).await);
    let form = form.with("username", username.as_str()).with("nickname", nickname.as_str());
    let by_mail = app.anonymous().post("/v1/users", &form.0).await.text("/user/id");
    for (by, value) in [
        ("username", username.clone()),
        ("username", username.to_uppercase()),
        ("nickname", nickname.clone()),
        ("nickname", format!(" {} ", nickname.to_uppercase())),
        ("email", address.clone()),
        ("email", format!(" {}", address.to_uppercase())),
    ] {
        let items = found(&admin, by, &value).await;
        assert_eq!(items.len(), 1, "{by} {value}");
        let item = &items[0];
        assert_eq!(item["id"], by_mail.as_str());
        let mut fields: Vec<&str> = item.as_object().expect("it is an object").keys().map(String::as_str).collect();
        fields.sort_unstable();
        let listed = [
            "created_at",
            "display_name",
            "email",
            "etag",
            "has_password",
            "id",
            "name",
            "nickname",
            "phone",
            "purge_at",
            "roles",
            "school_id",
            "state",
            "suspended",
            "updated_at",
            "username",
        ];
        assert_eq!(fields, listed);
        assert_eq!(item["email"], json!({ "masked": "m***@campus.example", "verified": true }));
        assert_eq!(
            (&item["state"], &item["suspended"], &item["purge_at"]),
            (&json!("active"), &Value::Null, &Value::Null)
        );
        assert!(!item.to_string().contains(&address));
    }

    let person = person(&app).await;
    let national = format!("0{}", &person.phone[3..]);
    let dashed = format!("{}-{}-{}", &national[..3], &national[3..7], &national[7..]);
    let wide: String = national.chars().filter_map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10)).collect();
    for writing in [&person.phone, &national, &dashed, &wide] {
        let items = found(&admin, "phone", writing).await;
        assert_eq!(items.len(), 1, "{writing}");
        assert_eq!(items[0]["id"], person.id.as_str());
        assert!(!items[0].to_string().contains(&person.phone[3..]), "{}", items[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_found_by_what_nobody_has_claimed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for (by, value) in [
        ("username", app.new_username()),
        ("nickname", app.new_nickname()),
        ("phone", app.new_phone()),
        ("email", app.new_email()),
    ] {
        assert_eq!(found(&admin, by, &value).await, [] as [Value; 0], "{by}");
    }
    // What its owner never proved may be anyone's.
    let (address, phone) = (app.new_email(), app.new_phone());
    let form = SignUp::with_proof(&app.proof("email", &address).await).with("phone", phone.as_str());
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    assert_eq!(found(&admin, "phone", &phone).await, [] as [Value; 0]);
    let (pending, username) = (app.new_email(), app.new_username());
    sign_up_by_mail(&app, &pending, &username).await;
    assert_eq!(found(&admin, "email", &pending).await, [] as [Value; 0]);
    let waiting = found(&admin, "username", &username).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!((&waiting[0]["state"], &waiting[0]["email"]["verified"]), (&json!("pending"), &json!(false)));
}

/// Signs up with an address whose link is not followed.
async fn sign_up_by_mail(app: &TestApp, address: &str, username: &str) {
    let form = SignUp::with_proof("").with("proof", Value::Null).with("email", address).with("username", username);
    let form = form.with("captcha_token", app.captcha_token().await);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_only_looks_like_someones_finds_nobody() {
    let app = TestApp::start_local().await;
    let admin = app.admin().await;
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("username", "minji_l2");
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("username", "minji_12");
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "409 username_taken");
    assert_eq!(found(&admin, "username", "minji_12").await, [] as [Value; 0]);
    assert_eq!(found(&admin, "username", "MINJI_L2").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_though_their_names_be_reserved_by_now() {
    let app = TestApp::start_demo().await;
    let admin = app.admin().await;
    let items = found(&admin, "username", "staff").await;
    assert_eq!(items.len(), 1);
    let nickname = items[0]["nickname"].as_str().expect("it is text");
    assert_eq!(found(&admin, "nickname", nickname).await, items);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_looked_up_by_exactly_one_thing() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for form in [
        json!({}),
        json!({ "username": null, "phone": null }),
        json!({ "username": "minji_26", "nickname": "민지" }),
        json!({ "username": "minji_26", "nickname": "민지", "phone": "010-0000-0000", "email": "a@campus.example" }),
    ] {
        let reply = admin.post(SEARCHES, &form).await;
        assert_eq!(
            (reply.summary().as_str(), reply.fields()),
            ("422 validation_failed", vec![" one_needed".to_owned()])
        );
    }
    for (form, told) in [
        (json!({ "username": "x" }), "/username too_short"),
        (json!({ "username": "한빛한빛" }), "/username character_not_allowed"),
        (json!({ "nickname": "x" }), "/nickname too_short"),
        (json!({ "phone": "12" }), "/phone phone_invalid"),
        (json!({ "email": "x" }), "/email email_invalid"),
    ] {
        assert_eq!(admin.post(SEARCHES, &form).await.fields(), [told]);
    }
    let one = json!({ "username": app.new_username(), "nickname": null });
    assert_eq!(admin.post(SEARCHES, &one).await.summary(), "200", "null is not given");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_37_other_roles_take_effect_in_live_sessions_within_half_a_minute() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    let staff = app.staff().await;
    let deleted = staff.post(SCHOOLS, &json!({ "name": app.new_title(), "email_domains": [] })).await.text("/id");
    let deleted = format!("{SCHOOLS}/{deleted}");
    assert_eq!(staff.delete(&deleted).await.summary(), "204");
    let may = async || {
        let form = json!({ "name": app.new_title(), "email_domains": [] });
        (client.get(&deleted).await.summary(), client.post(SCHOOLS, &form).await.summary())
    };
    let (is_let_in, is_not) =
        (("200".to_owned(), "201".to_owned()), ("404 school_not_found".to_owned(), "403 forbidden".to_owned()));
    assert_eq!(may().await, is_not);

    let promoted = changed(&admin, &person.id, &json!({ "roles": ["staff"] })).await;
    assert_eq!(promoted["roles"], json!(["member", "staff"]));
    app.advance(NOTICED);
    assert_eq!(may().await, is_let_in);
    assert_eq!(client.get(ME).await.body["roles"], json!(["member", "staff"]));
    assert_eq!(session_of(&app, &person, false).await.body["user"]["roles"], json!(["member", "staff"]));
    let refreshed = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(signed_in(&app, &refreshed).get(&deleted).await.status, 200);

    changed(&admin, &person.id, &json!({ "roles": ["member"] })).await;
    app.advance(NOTICED);
    assert_eq!(may().await, is_not);
    assert_eq!(signed_in(&app, &refreshed).get(&deleted).await.status, 404);
    assert_eq!(
        kinds(&client).await[..2].iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        ["roles_changed"; 2]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_11_everyone_stays_a_member_and_has_each_role_once() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let admin = app.admin().await;
    for (wished, roles) in [
        (json!(["admin", "staff", "admin"]), json!(["member", "staff", "admin"])),
        (json!(["staff"]), json!(["member", "staff"])),
        (json!([]), json!(["member"])),
    ] {
        assert_eq!(changed(&admin, &person.id, &json!({ "roles": wished })).await["roles"], roles);
    }
    for wrong in [json!({ "roles": ["owner"] }), json!({ "roles": "admin" }), json!({ "roles": null })] {
        let reply = change(&admin, &person.id, &wrong).await;
        assert_eq!(reply.status, 422, "{wrong}");
        assert!(reply.fields()[0].starts_with("/roles"), "{wrong}: {:?}", reply.fields());
    }
    for (wrong, fields) in [
        (json!(["king", "queen"]), ["/roles/0 unknown_value", "/roles/1 unknown_value"]),
        (json!([5, 6]), ["/roles/0 wrong_type", "/roles/1 wrong_type"]),
        (json!([null, "staff", 5]), ["/roles/0 null_not_allowed", "/roles/2 wrong_type"]),
    ] {
        assert_eq!(change(&admin, &person.id, &json!({ "roles": wrong })).await.fields(), fields, "{wrong}");
    }
    // Nobody raises themselves by what anyone may send.
    let client = signed_in(&app, &session_of(&app, &person, false).await);
    let sent = json!({ "roles": ["admin"], "is_staff": true, "state": "active", "name": "김민지" });
    assert_eq!(client.patch(ME, &sent).await.body["roles"], json!(["member"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_their_own_account() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let admin = app.as_admin(&member).await;
    let id = member.user["id"].as_str().expect("an account has an id");
    for wish in [json!({ "roles": ["member"] }), json!({ "suspended": { "reason": "x" } }), json!({})] {
        assert_eq!(change(&admin, id, &wish).await.summary(), "409 own_account", "{wish}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_of_what_was_seen_where_that_is_asked_for() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let admin = app.admin().await;
    let seen = shown(&admin, &person).await;
    let tag = seen["etag"].as_str().expect("there is a tag");
    let wish = json!({ "roles": ["staff"] });
    let reply = admin.patch_if(&path_of(&person.id), tag, &wish).await;
    assert_eq!(reply.summary(), "200");
    assert_eq!((reply.text("/etag").as_str(), reply.header("etag") == tag), (reply.header("etag"), false));
    let late = admin.patch_if(&path_of(&person.id), tag, &json!({ "roles": [] })).await;
    assert_eq!(late.summary(), "412 precondition_failed");
    let now = shown(&admin, &person).await;
    assert_eq!(now, reply.body);
    // What is so already is no change, whatever it is sent with.
    assert_eq!(changed(&admin, &person.id, &wish).await, now);
    assert_eq!(changed(&admin, &person.id, &json!({})).await, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_account_that_is_in_use_is_changed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let wishes = [json!({ "roles": ["staff"] }), json!({ "suspended": { "reason": "x" } })];
    let unknown = app.new_id::<campus_domain::kind::User>().to_string();
    let (left, session) = someone(&app).await;
    let client = signed_in(&app, &session);
    let own = client.delete_with(ME, &json!({ "password": PASSWORD })).await;
    assert_eq!(own.summary(), "204");
    let username = app.new_username();
    sign_up_by_mail(&app, &app.new_email(), &username).await;
    let pending = found(&admin, "username", &username).await[0]["id"].as_str().expect("it is text").to_owned();
    for wish in wishes {
        assert_eq!(change(&admin, &unknown, &wish).await.summary(), "404 account_not_found");
        for id in [&left.id, &pending] {
            assert_eq!(change(&admin, id, &wish).await.summary(), "409 account_not_active", "{wish}");
        }
    }
    let seen = shown(&admin, &left).await;
    assert_eq!(seen["state"], "deleted");
    assert!(seen["purge_at"].is_string());
    assert_eq!(admin.delete(&path_of(&unknown)).await.summary(), "404 account_not_found");
    assert_eq!(admin.delete(&path_of("x")).await.summary(), "422 validation_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_is_used_by_nobody_and_only_its_owner_is_told_why() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    app.advance(61);
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    let until = app.now().plus_seconds(86_400).to_string();
    let suspension = json!({ "reason": "게시판 세 곳에 광고", "until": until });
    let account = changed(&admin, &person.id, &json!({ "suspended": suspension })).await;
    assert_eq!((&account["state"], &account["suspended"]), (&json!("suspended"), &suspension));
    assert_eq!(shown(&admin, &person).await, account);

    let refresh_token = session.text("/session/refresh_token");
    assert_eq!(refresh(&app.anonymous(), &refresh_token).await.summary(), "403 session_suspended");
    app.advance(NOTICED);
    for reply in [client.get(ME).await, client.patch(ME, &json!({ "name": "김민지" })).await] {
        assert_eq!(reply.summary(), "403 session_suspended");
    }

    // Nor does it stay behind on a device that others use.
    assert_eq!(client.delete("/v1/sessions/current").await.summary(), "204");
    assert_eq!(refresh(&app.anonymous(), &refresh_token).await.summary(), "401 refresh_token_revoked");

    let right = sign_in(&app.anonymous(), &person.username, PASSWORD).await;
    assert_eq!((right.summary().as_str(), &right.body["suspension"]), ("403 account_suspended", &suspension));
    let wrong = sign_in(&app.anonymous(), &person.username, "vier kleine eendjes").await;
    let nobodys = sign_in(&at_address(&app, 2), &app.new_username(), PASSWORD).await;
    assert_eq!((wrong.summary(), nobodys.summary()), ("401 credentials_wrong".into(), "401 credentials_wrong".into()));
    assert_eq!(super::signing_in::told(&wrong).1, super::signing_in::told(&nobodys).1);

    // A code is its owner's, too; it is not used up in vain.
    let proof = sign_in_proof(&app, "sms", &person.phone).await;
    let by_code = app.anonymous().post("/v1/sessions", &json!({ "proof": proof })).await;
    assert_eq!((by_code.summary().as_str(), &by_code.body["suspension"]), ("403 account_suspended", &suspension));
    changed(&admin, &person.id, &json!({ "suspended": null })).await;
    assert_eq!(app.anonymous().post("/v1/sessions", &json!({ "proof": proof })).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_that_is_over_needs_nobody_to_lift_it() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    let until = app.now().plus_seconds(300).to_string();
    changed(&admin, &person.id, &json!({ "suspended": { "reason": "x", "until": until } })).await;
    app.advance(NOTICED);
    assert_eq!(client.get(ME).await.summary(), "403 session_suspended");
    app.advance(300 - NOTICED);

    assert_eq!(client.get(ME).await.status, 200);
    assert_eq!(client.patch(ME, &json!({ "name": "김민지" })).await.status, 200);
    let seen = shown(&admin, &person).await;
    assert_eq!((&seen["state"], &seen["suspended"]), (&json!("active"), &Value::Null));
    let refreshed = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(refreshed.summary(), "201");
    assert_eq!(sign_in(&app.anonymous(), &person.username, PASSWORD).await.summary(), "201");
    let seen = shown(&admin, &person).await;
    assert_eq!((&seen["state"], &seen["suspended"]), (&json!("active"), &Value::Null));
    // The old sessions are none the worse for the sign-in, and another suspension is of all of them.
    assert_eq!(signed_in(&app, &refreshed).get(ME).await.status, 200);
    changed(&admin, &person.id, &json!({ "suspended": { "reason": "again" } })).await;
    app.advance(NOTICED);
    for client in [&client, &signed_in(&app, &refreshed)] {
        assert_eq!(client.get(ME).await.summary(), "403 session_suspended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_is_lifted_at_once_and_may_be_another() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    let for_good = changed(&admin, &person.id, &json!({ "suspended": { "reason": "for good" } })).await;
    assert_eq!((&for_good["suspended"]["reason"], &for_good["state"]), (&json!("for good"), &json!("suspended")));
    app.advance(365 * 86_400);
    let admin_later = app.admin().await;
    assert_eq!(sign_in(&app.anonymous(), &person.username, PASSWORD).await.summary(), "403 account_suspended");
    assert_eq!(client.get(ME).await.status, 401, "its token is old");

    let session = {
        changed(&admin_later, &person.id, &json!({ "suspended": null })).await;
        session_of(&app, &person, true).await
    };
    let client = signed_in(&app, &session);
    let until = app.now().plus_seconds(600).to_string();
    for suspension in [json!({ "reason": "one" }), json!({ "reason": "other", "until": until })] {
        changed(&admin_later, &person.id, &json!({ "suspended": suspension })).await;
        let told = sign_in_solving(&app, &app.anonymous(), &person.username, PASSWORD).await;
        assert_eq!(told.body["suspension"], suspension);
    }
    app.advance(NOTICED);
    assert_eq!(client.get(ME).await.summary(), "403 session_suspended");
    let seen = changed(&admin_later, &person.id, &json!({ "suspended": null })).await;
    assert_eq!((&seen["state"], &seen["suspended"]), (&json!("active"), &Value::Null));
    let refreshed = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(refreshed.summary(), "201");
    app.advance(NOTICED);
    assert_eq!(client.get(ME).await.status, 200);
    assert_eq!(sign_in_solving(&app, &app.anonymous(), &person.username, PASSWORD).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_has_a_reason_and_no_end_that_is_over() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let admin = app.admin().await;
    let (past, now) = (app.now().plus_seconds(-1).to_string(), app.now().to_string());
    for (suspension, told) in [
        (json!({ "reason": "x", "until": past }), "/suspended/until past"),
        (json!({ "reason": "x", "until": now }), "/suspended/until past"),
        (json!({ "reason": "x", "until": "tomorrow" }), "/suspended/until instant_format"),
        (json!({}), "/suspended/reason required"),
        (json!({ "reason": "" }), "/suspended/reason too_short"),
        (json!({ "reason": "x".repeat(201) }), "/suspended/reason too_long"),
    ] {
        let reply = change(&admin, &person.id, &json!({ "suspended": suspension })).await;
        assert_eq!((reply.status, reply.fields()), (422, vec![told.to_owned()]), "{suspension}");
    }
    assert_eq!(shown(&admin, &person).await["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_that_they_were_suspended_and_reinstated_but_not_on_whose_device() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    for suspension in [json!({ "reason": "x" }), Value::Null] {
        app.advance(1);
        let request = admin.request(Method::PATCH, &path_of(&person.id)).header("user-agent", "the admin's own");
        let reply = admin.send(request.json(&json!({ "suspended": suspension }))).await;
        assert_eq!(reply.summary(), "200");
    }
    app.advance(NOTICED);
    let nobodys = |kind: &str| (kind.to_owned(), Value::Null);
    assert_eq!(kinds(&client).await[..2], [nobodys("reinstated"), nobodys("suspended")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purged_account_is_gone_at_once_and_nobody_takes_it_back() {
    let app = TestApp::start().await;
    let (person, session) = someone(&app).await;
    let (admin, client) = (app.admin().await, signed_in(&app, &session));
    let id = UserId::parse(&person.id).expect("it is an id");
    let store = Store::new(&app.clients);
    let known = async || {
        let profile = store.find::<Profile>(&Key::new(format!("USER#{id}"), "PROFILE")).await;
        let card = store.find::<ContactCard>(&ContactCard::key_of(id)).await;
        (profile.expect("it can be read").is_some(), card.expect("it can be read").is_some())
    };
    assert_eq!(known().await, (true, true));
    assert_eq!(admin.delete(&path_of(&person.id)).await.summary(), "204");
    assert_eq!(known().await, (false, false));
    let gone = ["204", "404 account_not_found"];
    // When it is taken apart is the schedule's matter; until then it is as good as gone.
    assert!(gone.contains(&admin.delete(&path_of(&person.id)).await.summary().as_str()));

    let wrong = sign_in(&app.anonymous(), &person.username, "vier kleine eendjes").await;
    let right = sign_in(&app.anonymous(), &person.username, PASSWORD).await;
    assert_eq!(right.summary(), "401 credentials_wrong");
    assert_eq!(super::signing_in::told(&right).1, super::signing_in::told(&wrong).1);
    let refresh_token = session.text("/session/refresh_token");
    assert_eq!(refresh(&app.anonymous(), &refresh_token).await.summary(), "401 refresh_token_revoked");
    app.advance(NOTICED);
    assert_eq!(client.get(ME).await.summary(), "401 token_revoked");
    let wish = json!({ "suspended": { "reason": "x" } });
    let late = change(&admin, &person.id, &wish).await.summary();
    assert!(["409 account_not_active", "404 account_not_found"].contains(&late.as_str()), "{late}");
}

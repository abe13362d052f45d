//! Signing in by an account elsewhere.

use std::collections::BTreeSet;

use campus_testkit::{Acquaintance, REDIRECT_URI, Reply, TestApp};
use serde_json::{Value, json};

use crate::accounts::signing_in::PASSWORD;

const PROVIDERS: [&str; 3] = ["google", "kakao", "facebook"];

/// Asks who one is, with what a front end has.
async fn show(app: &TestApp, person: &Acquaintance, shown: &Value) -> Reply {
    app.anonymous().post(&person.path("sessions"), shown).await
}

#[tokio::test]
async fn b0_31_a_visit_to_a_provider_signs_in_whoever_it_vouches_for() {
    let app = TestApp::start().await;
    for provider in PROVIDERS {
        let person = app.acquaintance(provider);
        let signed_up = app.sign_up_by(&person).await;
        assert_eq!(signed_up.summary(), "201", "{provider}: {signed_up:?}");

        let again = app.sign_in_by(&person).await;
        assert_eq!(again.summary(), "201", "{provider}: {again:?}");
        assert_eq!(again.text("/user/id"), signed_up.text("/user/id"), "{provider}");
        let client = app.anonymous().with_token(again.text("/session/access_token"));
        let me = client.get("/v1/users/me").await;
        assert_eq!((me.summary().as_str(), &me.body["has_password"]), ("200", &json!(false)), "{provider}");
        let linked = client.get("/v1/users/me/identities").await;
        assert_eq!(linked.body["items"].as_array().map(Vec::len), Some(1), "{provider}");
        assert_eq!(linked.text("/items/0/provider"), provider);
    }
}

#[tokio::test]
async fn b0_31_the_url_asks_with_state_nonce_and_proof_key_and_tells_no_secret() {
    let app = TestApp::start().await;
    let mut seen = BTreeSet::new();
    for provider in PROVIDERS {
        let asked = json!({ "redirect_uri": REDIRECT_URI });
        let begun = app.anonymous().post(&format!("/v1/oauth/{provider}/authorizations"), &asked).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        let url = reqwest::Url::parse(&begun.text("/authorization_url")).expect("it is a URL");
        let value = |name: &str| url.query_pairs().find(|pair| pair.0 == name).map(|pair| pair.1.into_owned());
        assert_eq!(value("state"), Some(begun.text("/state")));
        assert_eq!(value("redirect_uri").as_deref(), Some(REDIRECT_URI));
        assert_eq!(value("response_type").as_deref(), Some("code"));
        assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(value("client_secret"), None);
        for secret in ["state", "nonce", "code_challenge"] {
            let text = value(secret).expect("it is there");
            assert!(text.len() >= 43 && seen.insert(text), "{provider} {secret}");
        }
    }
}

#[tokio::test]
async fn a_visit_that_is_begun_twice_under_one_key_is_one_visit() {
    let app = TestApp::start().await;
    let (client, key) = (app.anonymous(), app.new_key());
    let asked = json!({ "redirect_uri": REDIRECT_URI });
    let [first, again] = [
        client.post_with_key("/v1/oauth/google/authorizations", &asked, &key).await,
        client.post_with_key("/v1/oauth/google/authorizations", &asked, &key).await,
    ];
    assert_eq!(first.body, again.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_provider_sends_people_back_to_the_front_end_and_nowhere_else() {
    let app = TestApp::start().await;
    let own = format!("{}/oauth/google", app.settings.web_url);
    for (redirect_uri, told) in [
        (own.as_str(), "201"),
        ("http://localhost:5173", "201"),
        ("http://localhost:5173/callback?x=1", "201"),
        ("https://app.campus.example/oauth/google", "201"),
        ("https://evil.com/oauth/google", "unknown_value"),
        ("https://localhost.evil.com/", "unknown_value"),
        ("javascript:alert(1)", "url_format"),
        ("http://localhost/a\nb", "url_format"),
        ("http://localhost\\evil.example/", "url_format"),
        ("http://localhost/한글", "url_format"),
        ("http://localhost/#fragment", "url_format"),
        ("", "url_format"),
    ] {
        let asked = json!({ "redirect_uri": redirect_uri });
        let begun = app.anonymous().post("/v1/oauth/google/authorizations", &asked).await;
        let wrong = if told == "201" { vec![] } else { vec![format!("/redirect_uri {told}")] };
        assert_eq!(begun.status, if told == "201" { 201 } else { 422 }, "{redirect_uri}");
        assert_eq!(begun.fields(), wrong, "{redirect_uri}");
    }
}

#[tokio::test]
async fn a_redirect_uri_has_two_thousand_characters_at_most() {
    let app = TestApp::start().await;
    for (length, told) in [(2_000, 201), (2_001, 422), (240_000, 422)] {
        let redirect_uri = format!("http://localhost/{}", "a".repeat(length - 17));
        let asked = json!({ "redirect_uri": redirect_uri });
        let begun = app.anonymous().post_with_key("/v1/oauth/google/authorizations", &asked, &app.new_key()).await;
        let wrong: &[&str] = if told == 422 { &["/redirect_uri too_long"] } else { &[] };
        assert_eq!(begun.status, told, "{length}");
        assert_eq!(begun.fields(), wrong, "{length}");
    }
}

#[tokio::test]
async fn a_provider_that_there_is_not_is_404_at_each_door() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    let shown = json!({ "access_token": "x" });
    for path in ["authorizations", "sessions", "registrations"] {
        let body = match path {
            "authorizations" => json!({ "redirect_uri": REDIRECT_URI }),
            "sessions" => shown.clone(),
            _ => json!({ "ticket": "x", "terms_accepted": true }),
        };
        let told = app.anonymous().post(&format!("/v1/oauth/myspace/{path}"), &body).await;
        assert_eq!(told.summary(), "404 provider_not_offered", "{path}");
    }
    assert_eq!(client.put("/v1/users/me/identities/myspace", &shown).await.summary(), "404 provider_not_offered");
    assert_eq!(client.delete("/v1/users/me/identities/myspace").await.summary(), "404 provider_not_offered");
}

#[tokio::test]
async fn b0_31_a_state_that_is_not_of_this_visit_is_400_and_one_that_is_over_410() {
    let app = TestApp::start().await;
    let (client, person) = (app.anonymous(), app.acquaintance("google"));
    let visit = app.visit(&client, &person).await;
    let mut altered = visit.state.clone().into_bytes();
    altered[50] = if altered[50] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).expect("it is ASCII");
    for state in [altered.as_str(), "nonsense", "", &visit.code[..40]] {
        let told = show(&app, &person, &json!({ "code": visit.code, "state": state })).await;
        assert_eq!(told.summary(), "400 state_invalid", "{state}");
    }
    let elsewhere = Acquaintance { provider: "kakao", ..person.clone() };
    assert_eq!(show(&app, &elsewhere, &visit.shown()).await.summary(), "400 state_invalid", "another provider's");

    // None of that has used it up; what comes of it does.
    assert_eq!(show(&app, &person, &visit.shown()).await.status, 200);
    assert_eq!(show(&app, &person, &visit.shown()).await.summary(), "410 state_expired", "again");

    let visit = app.visit(&client, &person).await;
    app.advance(601);
    assert_eq!(show(&app, &person, &visit.shown()).await.summary(), "410 state_expired", "ten minutes later");
}

#[tokio::test]
async fn b0_31_a_code_of_another_visit_is_400_for_want_of_its_proof_key() {
    let app = TestApp::start().await;
    for provider in PROVIDERS {
        let (client, person) = (app.anonymous(), app.acquaintance(provider));
        let (mine, theirs) = (app.visit(&client, &person).await, app.visit(&client, &person).await);
        let mixed = json!({ "code": theirs.code, "state": mine.state });
        assert_eq!(show(&app, &person, &mixed).await.summary(), "400 authorization_code_invalid", "{provider}");
        for code in ["nonsense", "", "a.b"] {
            let told = show(&app, &person, &json!({ "code": code, "state": mine.state })).await;
            assert_eq!(told.summary(), "400 authorization_code_invalid", "{provider} {code:?}");
        }
        // The refusals have spent neither.
        assert_eq!(show(&app, &person, &mine.shown()).await.status, 200, "{provider}");
        assert_eq!(show(&app, &person, &theirs.shown()).await.status, 200, "{provider}");
    }
}

#[tokio::test]
async fn b0_32_b0_34_a_token_of_the_front_end_brings_the_profile_that_the_provider_tells() {
    let app = TestApp::start().await;
    for (provider, kind, vouched) in [
        ("google", "access_token", true),
        ("google", "id_token", true),
        ("kakao", "access_token", true),
        ("kakao", "id_token", false),
        ("facebook", "access_token", false),
        ("facebook", "id_token", false),
    ] {
        let person = app.acquaintance(provider);
        let shown = json!({ kind: app.tokens_of(&person).await[kind] });
        let known = show(&app, &person, &shown).await;
        assert_eq!(known.status, 200, "{provider} {kind}: {known:?}");
        let profile = json!({ "email": person.email(), "email_verified": vouched, "name": "김민지" });
        assert_eq!(known.body["profile"], profile, "{provider} {kind}");
    }
}

#[tokio::test]
async fn b0_34_of_a_providers_name_only_what_a_person_may_be_called_here_begins_the_form() {
    let app = TestApp::start().await;
    for (told, kept) in [
        ("  김민지 ", json!("김민지")),
        (&*"a".repeat(100), json!("a".repeat(100))),
        (&*"a".repeat(101), Value::Null),
        ("a\nb", Value::Null),
        ("a\u{0}b", Value::Null),
        ("   ", Value::Null),
    ] {
        for provider in PROVIDERS {
            let person = app.acquaintance(provider).with("name", told);
            let known =
                show(&app, &person, &json!({ "access_token": app.tokens_of(&person).await["access_token"] })).await;
            assert_eq!(known.body["profile"]["name"], kept, "{provider} {told:?}");
            let form = json!({ "ticket": known.text("/ticket"), "name": kept, "terms_accepted": true });
            let signed_up = app.anonymous().post(&person.path("registrations"), &form).await;
            assert_eq!(signed_up.summary(), "201", "{provider} {told:?}");
        }
    }
}

#[tokio::test]
async fn b0_33_what_is_missing_is_added_to_the_ticket_and_makes_the_account() {
    let app = TestApp::start().await;
    let (person, phone) = (app.acquaintance("google"), app.new_phone());
    let proof = app.proof("sms", &phone).await;
    let ticket = app.sign_in_by(&person).await.text("/ticket");
    let (username, nickname) = (app.new_username(), app.new_nickname());
    let form = json!({
        "ticket": ticket, "username": username, "nickname": nickname, "name": "김민지", "proof": proof,
        "admission_year": 2026, "locale": "en", "time_zone": "Asia/Tokyo", "terms_accepted": true,
    });
    let path = person.path("registrations");
    let signed_up = app.anonymous().post(&path, &form).await;
    assert_eq!(signed_up.summary(), "201", "{signed_up:?}");
    assert_eq!(signed_up.text("/user/username"), username);
    assert_eq!(signed_up.body["user"]["email"]["verified"], json!(true), "the provider vouches for it");
    assert_eq!(signed_up.body["user"]["phone"]["verified"], json!(true), "the code proves it");
    assert_eq!(signed_up.text("/user/locale"), "en");

    assert_eq!(app.anonymous().post(&path, &form).await.summary(), "410 ticket_expired", "it is good once");
    let other = app.sign_in_by(&app.acquaintance("google")).await.text("/ticket");
    let taken = json!({ "ticket": other, "username": username, "terms_accepted": true });
    assert_eq!(app.anonymous().post(&path, &taken).await.summary(), "409 username_taken");
    let fresh = json!({ "ticket": other, "terms_accepted": true });
    assert_eq!(app.anonymous().post(&path, &fresh).await.summary(), "201", "a refused use does not spend it");
}

#[tokio::test]
async fn an_address_that_is_proven_here_takes_the_place_of_the_providers() {
    let app = TestApp::start().await;
    let person = app.acquaintance("google").with("email", json!("elsewhere@google.example"));
    let email = app.new_email();
    let proof = app.proof("email", &email).await;
    let ticket = app.sign_in_by(&person).await.text("/ticket");
    let form = json!({ "ticket": ticket, "proof": proof, "terms_accepted": true });
    let signed_up = app.anonymous().post(&person.path("registrations"), &form).await;
    assert_eq!(signed_up.summary(), "201", "{signed_up:?}");
    let masked = format!("{}***@campus.example", &email[..1]);
    assert_eq!(signed_up.body["user"]["email"], json!({ "masked": masked, "verified": true }));
}

#[tokio::test]
async fn every_wrong_field_of_a_registration_is_named() {
    let app = TestApp::start().await;
    let ticket = app.sign_in_by(&app.acquaintance("google")).await.text("/ticket");
    let path = "/v1/oauth/google/registrations";
    let form = json!({
        "ticket": ticket, "username": "A!", "password": "short", "email": "nobody", "time_zone": "Mars/Olympus",
        "terms_accepted": false,
    });
    let told = app.anonymous().post(path, &form).await;
    let fields = told.fields();
    for pointer in ["/username", "/password", "/password_confirmation", "/email", "/time_zone", "/terms_accepted"] {
        assert!(fields.iter().any(|field| field.split(' ').next() == Some(pointer)), "{pointer}: {fields:?}");
    }
    for (given, missing) in [("password", "/password_confirmation"), ("password_confirmation", "/password")] {
        let half = json!({ "ticket": ticket, given: PASSWORD, "terms_accepted": true });
        assert_eq!(app.anonymous().post(path, &half).await.fields(), [format!("{missing} required")], "B3.38");
    }
    assert_eq!(app.anonymous().post(path, &json!({})).await.status, 422);
    let nothing = app.anonymous().post("/v1/oauth/google/sessions", &json!({})).await;
    assert_eq!(nothing.fields(), ["/code required", "/state required"]);
}

#[tokio::test]
async fn a_ticket_is_of_one_provider_and_good_for_ten_minutes() {
    let app = TestApp::start().await;
    let ticket = app.sign_in_by(&app.acquaintance("google")).await.text("/ticket");
    let form = |ticket: &str| json!({ "ticket": ticket, "terms_accepted": true });
    let register = async |provider: &str, ticket: &str| {
        app.anonymous().post(&format!("/v1/oauth/{provider}/registrations"), &form(ticket)).await.summary()
    };
    assert_eq!(register("kakao", &ticket).await, "400 ticket_invalid");
    for nonsense in ["", "nonsense", &ticket[..63]] {
        assert_eq!(register("google", nonsense).await, "400 ticket_invalid", "{nonsense}");
    }
    app.advance(601);
    assert_eq!(register("google", &ticket).await, "410 ticket_expired");
}

#[tokio::test]
async fn b0_35_a_token_for_another_app_is_401_and_a_posted_id_is_nothing() {
    let app = TestApp::start().await;
    for provider in PROVIDERS {
        let victim = app.acquaintance(provider);
        assert_eq!(app.sign_up_by(&victim).await.status, 201);
        let stolen = app.tokens_of(&victim.clone().with("client", "someone-elses-app")).await;
        for kind in ["access_token", "id_token"] {
            let told = show(&app, &victim, &json!({ kind: stolen[kind] })).await;
            assert_eq!(told.summary(), "401 provider_token_invalid", "{provider} {kind}");
        }
        let subject = &victim.told["subject"];
        let claimed = json!({
            "facebook_id": subject, "subject": subject, "user_id": subject, "email": victim.email(),
            "access_token": app.tokens_of(&app.acquaintance(provider)).await["access_token"],
        });
        let told = show(&app, &victim, &claimed).await;
        assert_eq!(told.status, 200, "it is the token's owner who is new: {told:?}");
        assert_ne!(told.body["profile"]["email"], json!(victim.email()), "{provider}");
        let nothing = show(&app, &victim, &json!({ "facebook_id": subject })).await;
        assert_eq!(nothing.status, 422, "{provider}");
    }
    // One's own app is as good as the web.
    let person = app.acquaintance("google").with("client", "campus-app");
    let tokens = app.tokens_of(&person).await;
    assert_eq!(show(&app, &person, &json!({ "id_token": tokens["id_token"] })).await.status, 200);
}

#[tokio::test]
async fn an_id_token_that_is_not_the_providers_for_this_stage_and_for_now_is_refused() {
    let app = TestApp::start().await;
    for provider in PROVIDERS {
        for flaw in [
            "unsigned",
            "key_confusion",
            "other_key",
            "unknown_key",
            "other_audience",
            "many_audiences",
            "other_issuer",
            "other_party",
            "expired",
            "early",
        ] {
            let person = app.acquaintance(provider).with("flaw", flaw);
            let token = app.tokens_of(&person).await["id_token"].clone();
            let told = show(&app, &person, &json!({ "id_token": token })).await;
            assert_eq!(told.summary(), "401 provider_token_invalid", "{provider} {flaw}");
            let visit = app.visit(&app.anonymous(), &person).await;
            let told = show(&app, &person, &visit.shown()).await;
            assert_eq!(told.summary(), "400 authorization_code_invalid", "{provider} {flaw}");
        }
        for flaw in ["other_nonce", "no_nonce"] {
            let person = app.acquaintance(provider).with("flaw", flaw);
            let visit = app.visit(&app.anonymous(), &person).await;
            let told = show(&app, &person, &visit.shown()).await;
            assert_eq!(told.summary(), "400 authorization_code_invalid", "{provider} {flaw}");
        }
    }
    for token in ["", "a.b.c", "e30.e30.e30", "한글.은.안"] {
        for kind in ["id_token", "access_token"] {
            let told = show(&app, &app.acquaintance("google"), &json!({ kind: token })).await;
            assert_eq!(told.summary(), "401 provider_token_invalid", "{kind} {token}");
        }
    }
    for provider in PROVIDERS {
        let person = app.acquaintance(provider);
        let visit = app.visit(&app.anonymous(), &person).await;
        for text in ["a\nb", "a\r\nb: c", "\u{0}", "\u{7f}", "é", " "] {
            for kind in ["access_token", "id_token"] {
                let told = show(&app, &person, &json!({ kind: text })).await;
                assert_eq!(told.summary(), "401 provider_token_invalid", "{provider} {kind} {text:?}");
            }
            let told = show(&app, &person, &json!({ "code": text, "state": visit.state })).await;
            assert_eq!(told.summary(), "400 authorization_code_invalid", "{provider} {text:?}");
        }
    }
}

#[tokio::test]
async fn what_a_provider_gave_has_as_many_characters_as_the_description_says() {
    let app = TestApp::start().await;
    let (person, client) = (app.acquaintance("google"), app.member().await.client);
    let description = app.anonymous().get("/openapi.json").await.body;
    for field in ["code", "state", "access_token", "id_token"] {
        for (schema, method) in [("OauthSessionInput", "post"), ("OauthShown", "put")] {
            let max = &description["components"]["schemas"][schema]["properties"][field]["maxLength"];
            let max = usize::try_from(max.as_u64().expect("there is a bound")).expect("it is small");
            for (length, wrong) in [(max, vec![]), (max + 1, vec![format!("/{field} too_long")])] {
                // As many bytes again.
                let mut shown = json!({ "code": "x", "state": "x" });
                shown[field] = "é".repeat(length).into();
                let told = match method {
                    "post" => show(&app, &person, &shown).await,
                    _ => client.put("/v1/users/me/identities/google", &shown).await,
                };
                assert_eq!(told.fields(), wrong, "{schema} {field} {length}");
            }
        }
    }
}

#[tokio::test]
async fn a_subject_that_is_none_by_openid_connect_is_refused_at_each_door() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    for (subject, is_one) in [("7".repeat(255), true), ("7".repeat(256), false), ("7".repeat(3_000), false)]
        .into_iter()
        .chain([("민지".to_owned(), false), (String::new(), false)])
    {
        // Kakao's are numbers.
        for provider in ["google", "facebook"] {
            let person = app.acquaintance(provider).with("subject", subject.as_str());
            let tokens = app.tokens_of(&person).await;
            // Facebook says that there is nobody by an empty one.
            let refused = |kind| match (provider, kind, subject.as_str()) {
                (_, "id_token", _) | ("facebook", _, "") => "401 provider_token_invalid",
                _ => "503 provider_unavailable",
            };
            for kind in ["id_token", "access_token"] {
                let told = show(&app, &person, &json!({ kind: tokens[kind] })).await;
                let expected = if is_one { "200" } else { refused(kind) };
                assert_eq!(told.summary(), expected, "{provider} {kind} {subject}");
            }
            for kind in ["id_token", "access_token"] {
                let path = format!("/v1/users/me/identities/{provider}");
                let told = client.put(&path, &json!({ kind: tokens[kind] })).await;
                let expected = if is_one { "204" } else { refused(kind) };
                assert_eq!(told.summary(), expected, "{provider} {kind} {subject}");
            }
            if !is_one {
                let told = app.sign_in_by(&person).await.summary();
                assert_eq!(told, "400 authorization_code_invalid", "{provider} {subject}");
            }
        }
    }
}

#[tokio::test]
async fn b0_36_the_tokens_come_in_the_body_or_as_cookies_that_no_script_reads() {
    let app = TestApp::start().await;
    let person = app.acquaintance("kakao");
    app.sign_up_by(&person).await;
    let mut shown = app.visit(&app.anonymous(), &person).await.shown();
    shown["transport"] = "cookie".into();
    shown["remember"] = true.into();
    let signed_in = show(&app, &person, &shown).await;
    assert_eq!(signed_in.status, 201);
    assert!(signed_in.body["session"].get("access_token").is_none(), "{signed_in:?}");
    let cookies = signed_in.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("it is text"));
    let cookies: Vec<_> = cookies.collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("access_token=")), "{cookies:?}");
    for cookie in cookies.iter().filter(|cookie| !cookie.starts_with("csrf_token=")) {
        assert!(cookie.contains("HttpOnly") && cookie.contains("Secure"), "{cookie}");
    }
}

#[tokio::test]
async fn b0_37_people_without_an_address_or_a_name_sign_in_all_the_same() {
    let app = TestApp::start().await;
    for provider in PROVIDERS {
        let person = app.acquaintance(provider).with("email", Value::Null).with("name", Value::Null);
        let known = app.sign_in_by(&person).await;
        assert_eq!(known.body["profile"], json!({ "email": null, "email_verified": false, "name": null }));
        let signed_up = app.sign_up_by(&person).await;
        assert_eq!((signed_up.status, &signed_up.body["user"]["email"]), (201, &Value::Null), "{provider}");
        assert_eq!(app.sign_in_by(&person).await.status, 201, "{provider}");
    }
    // An address that Campus would not take is as good as none.
    let person = app.acquaintance("google").with("email", "not an address");
    assert_eq!(app.sign_in_by(&person).await.body["profile"]["email"], Value::Null);
}

#[tokio::test]
async fn b0_15_an_account_without_a_password_has_none_to_change_or_to_delete_it_by() {
    let app = TestApp::start().await;
    let person = app.acquaintance("google");
    let signed_up = app.sign_up_by(&person).await;
    let client = app.anonymous().with_token(signed_up.text("/session/access_token"));
    let asked = app.ask_for_code_as(&client, campus_messages::Purpose::ChangePassword, "email", person.email()).await;
    assert_eq!(asked.summary(), "409 password_not_set", "before a code is sent for nothing");
    let change = json!({
        "current_password": PASSWORD, "new_password": "vier kleine eendjes",
        "new_password_confirmation": "vier kleine eendjes",
    });
    assert_eq!(client.put("/v1/users/me/password", &change).await.summary(), "409 password_not_set");
    let refused = client.delete_with("/v1/users/me", &json!({ "password": PASSWORD })).await;
    assert_eq!(refused.summary(), "409 password_not_set");
    assert!(refused.text("/detail").contains("인증번호"), "{refused:?}");
}

#[tokio::test]
async fn a_password_may_be_given_at_sign_up_and_is_another_way_in() {
    let app = TestApp::start().await;
    let (person, username) = (app.acquaintance("facebook"), app.new_username());
    let ticket = app.sign_in_by(&person).await.text("/ticket");
    let form = json!({
        "ticket": ticket, "username": username, "password": PASSWORD, "password_confirmation": PASSWORD,
        "terms_accepted": true,
    });
    let signed_up = app.anonymous().post(&person.path("registrations"), &form).await;
    assert_eq!(signed_up.body["user"]["has_password"], json!(true), "{signed_up:?}");
    let login = json!({ "login": username, "password": PASSWORD });
    assert_eq!(app.anonymous().post("/v1/sessions", &login).await.status, 201);
}

#[tokio::test]
async fn b0_22_someone_without_an_address_adds_one() {
    let app = TestApp::start().await;
    let person = app.acquaintance("kakao").with("email", Value::Null);
    let signed_up = app.sign_up_by(&person).await;
    let client = app.anonymous().with_token(signed_up.text("/session/access_token"));
    let email = app.new_email();
    let proof = app.proof_as(&client, campus_messages::Purpose::ChangeEmail, "email", &email).await;
    let added = client.put("/v1/users/me/email", &json!({ "proof": proof })).await;
    assert_eq!((added.status, &added.body["email"]["verified"]), (200, &json!(true)), "{added:?}");
}

#[tokio::test]
async fn b0_11_they_are_texted_only_once_they_have_added_a_phone() {
    let app = TestApp::start().await;
    let signed_up = app.sign_up_by(&app.acquaintance("google")).await;
    let client = app.anonymous().with_token(signed_up.text("/session/access_token"));
    let wanted = json!({ "kinds": { "screening_announced": { "email": false, "sms": true, "inbox": true } } });
    let path = "/v1/users/me/notification-preferences";
    assert_eq!(client.put(path, &wanted).await.summary(), "409 phone_not_verified");
    let phone = app.new_phone();
    let proof = app.proof_as(&client, campus_messages::Purpose::ChangePhone, "sms", &phone).await;
    assert_eq!(client.put("/v1/users/me/phone", &json!({ "proof": proof })).await.status, 200);
    assert_eq!(client.put(path, &wanted).await.status, 200);
}

#[tokio::test]
async fn an_address_that_the_provider_vouches_for_leads_to_the_account_that_has_proven_it() {
    let app = TestApp::start().await;
    for (provider, verified, is_linked) in [
        ("google", true, true),
        ("kakao", true, true),
        ("google", false, false),
        ("kakao", false, false),
        ("facebook", true, false),
    ] {
        let person = app.acquaintance(provider).with("email_verified", verified);
        let proof = app.proof("email", person.email()).await;
        let owner = app.anonymous().post("/v1/users", &campus_testkit::SignUp::with_proof(&proof).0).await;
        let told = app.sign_in_by(&person).await;
        if is_linked {
            assert_eq!(told.status, 201, "{provider}: {told:?}");
            assert_eq!(told.text("/user/id"), owner.text("/user/id"));
            let events = app.anonymous().with_token(told.text("/session/access_token"));
            let events = events.get("/v1/users/me/security-events").await;
            let kinds = events.body["items"].to_string();
            assert!(kinds.contains("identity_linked"), "{kinds}");
            app.messages(person.email(), 2).await;
        } else {
            assert_eq!(told.status, 200, "{provider}: {told:?}");
            // The address stays whose it is.
            let form = json!({ "ticket": told.text("/ticket"), "terms_accepted": true });
            let signed_up = app.anonymous().post(&person.path("registrations"), &form).await;
            assert_eq!(signed_up.body["user"]["email"]["verified"], json!(false), "{provider}: {signed_up:?}");
            assert_ne!(signed_up.text("/user/id"), owner.text("/user/id"));
        }
    }
}

#[tokio::test]
async fn an_account_that_has_another_one_of_the_provider_is_not_signed_in_to_by_its_address() {
    let app = TestApp::start().await;
    for provider in ["google", "kakao"] {
        let linked = app.acquaintance(provider);
        let signed_up = app.sign_up_by(&linked).await;
        let other = app.acquaintance(provider).with("email", linked.email());
        let told = app.sign_in_by(&other).await;
        assert_eq!(told.summary(), "409 identity_taken", "{provider}");
        assert!(told.text("/detail").contains("로그인하세요"), "there are other ways in: {told:?}");
        assert_eq!(app.sign_in_by(&linked).await.text("/user/id"), signed_up.text("/user/id"), "{provider}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_has_proven_links_nobody() {
    let app = TestApp::start().await;
    let person = app.acquaintance("google");
    let proof = app.proof("sms", &app.new_phone()).await;
    let form = campus_testkit::SignUp::with_proof(&proof).with("email", person.email());
    let squatter = app.anonymous().post("/v1/users", &form.0).await;
    assert_eq!(squatter.status, 201);
    let signed_up = app.sign_up_by(&person).await;
    assert_eq!((signed_up.status, &signed_up.body["user"]["email"]["verified"]), (201, &json!(true)));
    assert_ne!(signed_up.text("/user/id"), squatter.text("/user/id"));
}

#[tokio::test]
async fn a_suspended_account_is_told_so_and_a_deleted_one_is_taken_back() {
    let app = TestApp::start().await;
    let person = app.acquaintance("google");
    let signed_up = app.sign_up_by(&person).await;
    let (id, admin) = (signed_up.text("/user/id"), app.admin().await);
    let path = format!("/v1/admin/users/{id}");
    let suspended = json!({ "suspended": { "reason": "Advertising" } });
    assert_eq!(admin.patch(&path, &suspended).await.status, 200);
    assert_eq!(app.sign_in_by(&person).await.summary(), "403 account_suspended");
    assert_eq!(admin.patch(&path, &json!({ "suspended": null })).await.status, 200);
    let signed_in = app.sign_in_by(&person).await;
    let client = app.anonymous().with_token(signed_in.text("/session/access_token"));

    let proof = app.proof_as(&client, campus_messages::Purpose::DeleteAccount, "email", person.email()).await;
    assert_eq!(client.delete_with("/v1/users/me", &json!({ "proof": proof })).await.status, 204);
    let back = app.sign_in_by(&person).await;
    assert_eq!((back.status, back.text("/user/id")), (201, id), "{back:?}");
}

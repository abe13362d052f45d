//! Where the providers are.

use super::Provider;

/// A provider's addresses.
pub(super) struct Places {
    /// Where the person goes.
    pub(super) authorize: String,
    /// Where a code is exchanged for tokens.
    pub(super) token: String,
    /// The keys that its id tokens are signed with.
    pub(super) keys: String,
    /// What tells for whom an access token was issued.
    pub(super) inspection: String,
    /// What an access token tells of its person.
    pub(super) profile: String,
    /// What its id tokens may call it.
    pub(super) issuers: Vec<String>,
}

impl Places {
    /// The provider's own, or those of its stand-in below a URL.
    pub(super) fn of(provider: Provider, stand_ins: Option<&str>) -> Self {
        if let Some(stand_ins) = stand_ins {
            let base = format!("{stand_ins}/{}", provider.as_str());
            let below = |path: &str| format!("{base}/{path}");
            return Self {
                authorize: below("authorize"),
                token: below("token"),
                keys: below("keys"),
                inspection: below("inspection"),
                profile: below("profile"),
                issuers: vec![base],
            };
        }
        let issuers =
            |others: &[&str]| [provider.issuer()].iter().chain(others).map(|issuer| (*issuer).to_owned()).collect();
        let place = str::to_owned;
        match provider {
            Provider::Google => Self {
                authorize: place("https://accounts.google.com/o/oauth2/v2/auth"),
                token: place("https://oauth2.googleapis.com/token"),
                keys: place("https://www.googleapis.com/oauth2/v3/certs"),
                inspection: place("https://oauth2.googleapis.com/tokeninfo"),
                profile: place("https://openidconnect.googleapis.com/v1/userinfo"),
                // Google writes both, developers.google.com/identity/openid-connect/reference.
                issuers: issuers(&["accounts.google.com"]),
            },
            Provider::Kakao => Self {
                authorize: place("https://kauth.kakao.com/oauth/authorize"),
                token: place("https://kauth.kakao.com/oauth/token"),
                keys: place("https://kauth.kakao.com/.well-known/jwks.json"),
                inspection: place("https://kapi.kakao.com/v1/user/access_token_info"),
                profile: place("https://kapi.kakao.com/v2/user/me"),
                issuers: issuers(&[]),
            },
            Provider::Facebook => Self {
                authorize: place("https://www.facebook.com/v23.0/dialog/oauth"),
                token: place("https://graph.facebook.com/v23.0/oauth/access_token"),
                // Of its limited login, which is the one that gives apps id tokens.
                keys: place("https://limited.facebook.com/.well-known/oauth/openid/jwks/"),
                inspection: place("https://graph.facebook.com/v23.0/debug_token"),
                profile: place("https://graph.facebook.com/v23.0/me"),
                issuers: issuers(&["https://limited.facebook.com"]),
            },
        }
    }
}

//! Sessions as only an operator can make them: of any role, in any state, of any age.

use std::sync::Arc;

use campus_domain::{SystemClock, Timestamp, UserId};
use campus_secrets::Secrets;
use campus_session::{Issue, Prepared, Role, Session, Signer};
use campus_store::{Store, absent};

use crate::app::TestApp;
use crate::client::Client;
use crate::people::Member;

/// Begins sessions behind the API, with tokens that the system itself could have signed.
///
/// Each is new, so that no function has it in its cache: what is changed about it counts at once.
pub struct Sessions<'a> {
    app: &'a TestApp,
    store: Store,
    signing: Prepared,
}

/// The roles of an admin.
const ADMIN: [Role; 3] = [Role::Member, Role::Staff, Role::Admin];

impl TestApp {
    /// What begins sessions.
    ///
    /// # Panics
    ///
    /// When the operator cannot read what signs.
    pub async fn sessions(&self) -> Sessions<'_> {
        let store = Store::new(&self.clients);
        let secrets = Secrets::new(&self.clients, Arc::new(SystemClock));
        let signer = Signer::new(self.settings.issuer.clone(), Arc::new(SystemClock));
        let signing = signer.prepare(&store, &secrets).await.expect("the operator can sign");
        Sessions { app: self, store, signing }
    }
}

impl TestApp {
    /// Someone of the staff who has no account: for endpoints that ask for a session and look no further.
    pub async fn staff(&self) -> Client {
        self.someone(&[Role::Member, Role::Staff]).await
    }

    /// An admin who has no account, likewise.
    pub async fn admin(&self) -> Client {
        self.someone(&ADMIN).await
    }

    /// A member who has no account, likewise.
    pub async fn reader(&self) -> Client {
        self.someone(&[Role::Member]).await
    }

    /// The same person as staff.
    pub async fn as_staff(&self, person: &Member) -> Client {
        let staff = |session: &mut Session| session.roles = vec![Role::Member, Role::Staff];
        self.sessions().await.begin(person, self.now(), staff).await
    }

    async fn someone(&self, roles: &[Role]) -> Client {
        let sessions = self.sessions().await;
        sessions.begin_of(self.new_id(), self.now(), |session| session.roles = roles.to_vec()).await
    }
}

impl Sessions<'_> {
    /// Begins another session of a person's, with a token of that moment.
    ///
    /// # Panics
    ///
    /// When it cannot be stored.
    pub async fn begin(&self, person: &Member, at: Timestamp, change: impl FnOnce(&mut Session)) -> Client {
        let owner = UserId::parse(person.user["id"].as_str().expect("an account has an id")).expect("it is an id");
        self.begin_of(owner, at, change).await
    }

    async fn begin_of(&self, owner: UserId, at: Timestamp, change: impl FnOnce(&mut Session)) -> Client {
        let mut session = self.signing.start(self.app.new_id(), owner, false, at);
        change(&mut session);
        self.store.put(&session, absent()).await.expect("a session can be stored");
        let token = self.signing.access_token(&Issue::new(&session, at)).expect("a token can be signed");
        self.app.anonymous().with_token(token)
    }
}

"""Signing in, refreshing and signing out in a browser, from pages of other origins than the API's."""

from browser import FOREIGN, OTHER_SITE, SAME_SITE, BrowserTest

SIGN_IN = "signIn('minji', 'campus-demo-2026')"
# Longer than any function goes by a session that it has read.
SEEN_EVERYWHERE_SECONDS = 30
REFRESH = "/v1/token-refreshes"
COOKIES = {"access_token", "refresh_token", "csrf_token"}


def split(cookies: str) -> set[str]:
    return set(cookies.split("; "))


class ClientTest(BrowserTest):
    """Steps of a page's client."""

    def client(self, step: str) -> str:
        """Lets the page's client take a step, and sums up the answer: `200`, `401 token_missing`."""
        answer = self.run_in_page(f"return await window.client.{step}")
        code = (answer["body"] or {}).get("code", "")
        return f"{answer['status']} {code}".strip()

    def begin(self, kind: str, host: str) -> None:
        """Opens a page with a client of a kind, and signs in."""
        self.visit(host)
        self.run_in_page(f"window.client = new {kind}(api)")
        self.assertEqual(self.client("me()"), "401 token_missing")
        self.assertEqual(self.client(SIGN_IN), "201")

    def assert_bearer_client_lives(self, host: str) -> None:
        """Signs in, refreshes, signs out, and is refused."""
        self.begin("BearerClient", host)
        self.assertEqual(self.client("me()"), "200")
        before = self.run_in_page("return window.client.session.refresh_token")
        self.assertEqual(self.client("refresh()"), "201")
        self.assertNotEqual(self.run_in_page("return window.client.session.refresh_token"), before)
        self.assertEqual(self.client("me()"), "200")
        self.assertEqual(self.cookies(), {})

        self.assertEqual(self.client("signOut()"), "204")
        self.system.advance(SEEN_EVERYWHERE_SECONDS)
        self.assertEqual(self.client("me()"), "401 token_revoked")
        self.assertEqual(self.client("refresh()"), "401 refresh_token_revoked")

    def assert_cookie_client_lives(self, host: str) -> None:
        """The same, and the browser forgets."""
        self.begin("CookieClient", host)
        self.assertEqual(self.cookies().keys(), COOKIES)
        self.assertEqual(self.client("me()"), "200")
        before = self.cookies()["refresh_token"]
        self.assertEqual(self.client("refresh()"), "201")
        self.assertNotEqual(self.cookies()["refresh_token"], before)
        self.assertEqual(self.client("me()"), "200")

        self.assertEqual(self.client("signOut()"), "204")
        self.assertEqual(self.cookies(), {})
        self.assertEqual(self.client("me()"), "401 token_missing")
        self.assertEqual(self.client("refresh()"), "401 refresh_token_missing")


class Sessions(ClientTest):
    def test_a_bearer_client_of_another_site_signs_in_refreshes_and_signs_out(self) -> None:
        self.assert_bearer_client_lives(OTHER_SITE)

    def test_a_cookie_client_of_another_site_signs_in_refreshes_and_signs_out(self) -> None:
        self.assert_cookie_client_lives(OTHER_SITE)

    def test_a_cookie_client_of_the_same_site_signs_in_refreshes_and_signs_out(self) -> None:
        self.assert_cookie_client_lives(SAME_SITE)

    def test_a_cookie_client_goes_on_after_the_page_was_loaded_again(self) -> None:
        self.begin("CookieClient", OTHER_SITE)
        self.visit(OTHER_SITE)
        self.run_in_page("window.client = new CookieClient(api)")
        self.assertEqual(self.client("me()"), "200")
        # It has no CSRF token yet, and may not read the cookie of another site.
        self.assertEqual(self.client("refresh()"), "403 csrf_required")
        self.assertEqual(self.run_in_page("return document.cookie"), "")

    def test_pages_of_the_apis_own_site_read_the_csrf_token_and_no_other(self) -> None:
        self.begin("CookieClient", SAME_SITE)
        csrf_token = self.cookies()["csrf_token"]
        self.assertEqual(self.run_in_page("return document.cookie"), f"csrf_token={csrf_token}")

    def test_what_a_page_needs_of_an_answers_headers_it_can_read(self) -> None:
        self.visit(OTHER_SITE)
        names = self.run_in_page("return [...(await fetch(api + '/health')).headers.keys()]")
        self.assertLessEqual({"etag", "x-request-id"}, set(names))

    def test_a_page_repeats_a_request_under_a_key_and_sees_that_it_was_carried_out_before(self) -> None:
        self.visit(OTHER_SITE)
        seen = self.run_in_page(
            """
            const headers = { "content-type": "application/json", "idempotency-key": "one" };
            const repeated = async () => {
                const answer = await fetch(api + "/v1/captcha-challenges", { method: "POST", headers, body: "{}" });
                return [(await answer.json()).id, answer.headers.get("idempotency-replayed")];
            };
            return [await repeated(), await repeated()];
            """
        )
        (first_id, first), (second_id, second) = seen
        self.assertEqual((second_id, first, second), (first_id, None, "true"))

    def test_a_page_of_a_foreign_origin_can_read_nothing(self) -> None:
        self.begin("BearerClient", OTHER_SITE)
        session = self.run_in_page("return window.client.session")
        self.begin("CookieClient", OTHER_SITE)
        cookies = self.cookies()

        self.visit(FOREIGN)
        self.console()
        for kind in ("BearerClient", "CookieClient"):
            with self.subTest(kind):
                # What it would have to have stolen.
                kept = {**session, "csrf_token": cookies["csrf_token"]}
                self.run_in_page(f"window.client = new {kind}(api); window.client.session = session", session=kept)
                for step in ("me()", "refresh()", "signOut()", SIGN_IN):
                    self.assertEqual(self.client(step), "blocked TypeError", step)
                    self.assertIn("blocked by CORS policy", self.console(), step)
        self.assertEqual(self.cookies(), cookies)
        self.assert_still_signed_in()

    def test_a_form_of_a_foreign_origin_changes_nothing(self) -> None:
        self.begin("CookieClient", OTHER_SITE)
        cookies = self.cookies()
        for encoding in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
            with self.subTest(encoding):
                self.visit(FOREIGN)
                self.sent(REFRESH)
                # As text the body is JSON: {"transport": "cookie", "=": ""}.
                self.run_in_page(
                    """
                    const form = document.createElement("form");
                    Object.assign(form, { action: api + path, method: "POST", enctype: encoding });
                    const field = document.createElement("input");
                    Object.assign(field, { name: '{"transport": "cookie", "', value: '": ""}' });
                    form.append(field);
                    document.body.append(form);
                    form.submit();
                    """,
                    encoding=encoding,
                    path=REFRESH,
                )
                self.await_page(self.api)
                self.assert_sent_by_foreign_page(1)
                self.assertIn("unsupported_media_type", self.driver.page_source)
                self.assertEqual(self.cookies(), cookies)
        self.assert_still_signed_in()

    def test_a_request_that_a_foreign_page_makes_without_asking_changes_nothing(self) -> None:
        self.begin("CookieClient", OTHER_SITE)
        cookies = self.cookies()
        self.visit(FOREIGN)
        self.sent(REFRESH)
        self.run_in_page(
            """
            const options = { method: "POST", mode: "no-cors", credentials: "include", body: "{}" };
            await fetch(api + path, options);
            await fetch(api + path, { ...options, keepalive: true });
            """,
            path=REFRESH,
        )
        self.assert_sent_by_foreign_page(2)
        self.assertEqual(self.cookies(), cookies)
        self.assert_still_signed_in()

    def assert_sent_by_foreign_page(self, times: int) -> None:
        """The browser lets this through, with the cookies; and says whose page it was."""
        sent = self.sent(REFRESH)
        self.assertEqual(len(sent), times)
        for headers in sent:
            self.assertLessEqual({f"{name}={value}" for name, value in self.cookies().items()}, split(headers["cookie"]))
            self.assertEqual(headers["sec-fetch-site"], "cross-site")
            self.assertIn(headers["origin"], (f"http://{FOREIGN}:{self.pages.port}", "null"))

    def assert_still_signed_in(self) -> None:
        """In whatever page the session was begun, it goes on."""
        csrf_token = self.cookies()["csrf_token"]
        self.visit(OTHER_SITE)
        self.run_in_page(
            "window.client = new CookieClient(api); window.client.session = { csrf_token }", csrf_token=csrf_token
        )
        self.assertEqual(self.client("me()"), "200")
        self.assertEqual(self.client("refresh()"), "201")


class SessionsWithoutCookiesOfOtherSites(ClientTest):
    third_party_cookies = False

    def test_a_bearer_client_of_another_site_signs_in_refreshes_and_signs_out(self) -> None:
        self.assert_bearer_client_lives(OTHER_SITE)

    def test_a_cookie_client_of_the_same_site_signs_in_refreshes_and_signs_out(self) -> None:
        self.assert_cookie_client_lives(SAME_SITE)

    def test_a_cookie_client_of_another_site_is_not_signed_in_by_signing_in(self) -> None:
        self.begin("CookieClient", OTHER_SITE)
        self.assertEqual(self.cookies(), {})
        self.assertEqual(self.client("me()"), "401 token_missing")

"""Signing in with an account elsewhere: from the sign-up page to a provider, and back with a code or without."""

from browser import OTHER_SITE
from local_system import eventually
from own_pages import PagesTest
from selenium.webdriver.common.by import By

STATE = "campus.oauth.google"


class SocialTest(PagesTest):
    """Steps on the pages, which are at the address that providers know."""

    @property
    def api(self) -> str:
        return f"http://{OTHER_SITE}:{self.system.port}"

    def setUp(self) -> None:
        super().setUp()
        self.open("/web/sign-up")
        # The tab's own storage is left from the test before.
        self.run_in_page("sessionStorage.clear()")
        self.open("/web/sign-up")

    def come_back(self, query: str) -> None:
        self.open(f"/web/oauth/google?{query}")
        eventually("a word of it", lambda: self.find("#oauth .outcome").text)

    def told(self) -> str:
        return self.find("#oauth .outcome").text

    def await_account(self, nickname: str) -> None:
        eventually(nickname, lambda: nickname in self.find("#signed-in").text)

    def assert_address_tells_nothing(self, provider: str = "google") -> None:
        self.assertEqual(self.driver.current_url, f"{self.api}/_local/web/oauth/{provider}")
        self.assertEqual(self.run_in_page(f"return sessionStorage.getItem('campus.oauth.{provider}')"), None)


class ThroughAProvider(SocialTest):
    """All the way, with the stand-in of the provider."""

    def go(self, provider: str) -> None:
        self.leave_by(self.find(f"[data-provider={provider}]"))
        self.await_page(f"{self.api}/_local/providers/{provider}/authorize")

    def be(self, provider: str, subject: str, name: str, email: str) -> None:
        """Says on the provider's page who one is, and is sent back."""
        for field, value in {"subject": subject, "name": name, "email": email}.items():
            self.find(f"#{field}").send_keys(value)
        self.leave_by(self.find("form:has(#subject) button"))
        self.await_page(f"{self.api}/_local/web/oauth/{provider}")

    def refuse(self, provider: str) -> None:
        """Has the provider tell nothing."""
        self.leave_by(self.find("button[name=deny]"))
        self.await_page(f"{self.api}/_local/web/oauth/{provider}")

    def sign_out(self) -> None:
        self.leave_by(self.find("#signed-in button"))
        self.await_page(f"{self.api}/_local/web/sign-up")

    def complete(self) -> None:
        self.click(self.find("#terms_accepted"))
        self.click(self.find("#completion button"))

    def test_someone_new_adds_what_is_missing_and_is_known_the_next_time(self) -> None:
        for provider, nickname in [("google", "Hana G"), ("kakao", "하나카카오"), ("facebook", "Hana F")]:
            with self.subTest(provider):
                self.go(provider)
                self.be(provider, "310901", nickname, f"hana@{provider}.example")
                eventually("the form", lambda: self.find("#completion").is_displayed())
                self.assert_address_tells_nothing(provider)
                self.assertIn(nickname, self.told())
                eventually("the nickname", lambda name=nickname: self.find("#nickname").get_attribute("value") == name)
                self.click(self.find("#completion button"))
                eventually("what is wrong", lambda: self.find("#terms_accepted-told").text)
                self.complete()
                self.await_account(nickname)
                self.sign_out()

                self.go(provider)
                self.be(provider, "310901", nickname, f"hana@{provider}.example")
                self.await_account(nickname)
                self.assert_address_tells_nothing(provider)
                self.sign_out()

    def test_a_name_that_is_no_nickname_here_is_left_out(self) -> None:
        self.go("google")
        self.be("google", "310902", "N" * 30, "long@google.example")
        eventually("the form", lambda: self.find("#completion").is_displayed())
        eventually("no nickname", lambda: self.find("#nickname").get_attribute("value") == "")
        self.complete()
        eventually("the account", lambda: self.find("[data-of=nickname]").text)

    def test_who_refuses_is_told_and_may_begin_again(self) -> None:
        self.go("google")
        self.refuse("google")
        eventually("a word of it", lambda: "did not say who you are" in self.told())
        self.assert_address_tells_nothing()
        self.leave_by(self.find("#oauth a"))
        self.await_page(f"{self.api}/_local/web/sign-up")


class ComingBack(SocialTest):
    """What is brought that the page did not ask for."""

    def test_a_state_that_the_page_did_not_ask_with_is_refused_and_nothing_sent(self) -> None:
        for kept in (None, "another", ""):
            with self.subTest(kept):
                self.run_in_page("if (kept !== null) sessionStorage.setItem(key, kept)", kept=kept, key=STATE)
                self.sent("/v1/oauth/google/sessions")
                self.come_back("code=stolen&state=foreign")
                self.assertIn("This is no answer to what this page asked Google.", self.told())
                self.assertEqual(self.sent("/v1/oauth/google/sessions"), [])
                self.assert_address_tells_nothing()

    def test_a_state_is_good_once(self) -> None:
        self.run_in_page("sessionStorage.setItem(key, 'mine')", key=STATE)
        for told in ("Google did not say who you are.", "This is no answer"):
            self.come_back("error=access_denied&state=mine")
            self.assertIn(told, self.told())
            self.assert_address_tells_nothing()

    def test_an_unknown_code_is_told_and_one_may_begin_again(self) -> None:
        self.run_in_page("sessionStorage.setItem(key, 'mine')", key=STATE)
        self.come_back("code=unknown&state=mine")
        self.assertEqual(self.find("#oauth .outcome").get_attribute("data-look"), "wrong")
        self.assert_address_tells_nothing()
        self.leave_by(self.find("#oauth a"))
        self.await_page(f"{self.api}/_local/web/sign-up")

    def test_a_code_is_in_no_entry_of_the_history(self) -> None:
        self.run_in_page("sessionStorage.setItem(key, 'mine')", key=STATE)
        self.come_back("code=secret-code&state=mine")
        history = self.driver.execute_cdp_cmd("Page.getNavigationHistory", {})["entries"]
        self.assertNotIn("secret-code", str([entry["url"] for entry in history]))

    def test_without_a_question_there_is_no_answer(self) -> None:
        self.come_back("")
        self.assertIn("Please begin again.", self.told())
        self.assertFalse(self.driver.find_element(By.ID, "completion").is_displayed())

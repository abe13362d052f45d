"""The sign-up page, used as people use it: what it asks, what it tells them, and how long it has them wait."""

import re
from urllib.parse import quote

from local_system import eventually
from own_pages import PHONE, PagesTest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PASSWORD = "drie kleine eendjes"
RESEND_SECONDS = 60


class SignUpTest(PagesTest):
    """Steps on the page."""

    def setUp(self) -> None:
        super().setUp()
        self.open("/web/sign-up")
        # The tab's own storage is left from the test before.
        self.run_in_page("sessionStorage.clear()")
        self.open("/web/sign-up")
        self.find("#target[type=tel]")

    def type(self, name: str, text: str) -> None:
        """Fills a field anew, and leaves it."""
        field = self.find(f"#{name}")
        field.clear()
        field.send_keys(text, Keys.TAB)

    def tick_captcha(self) -> None:
        self.click(self.find("#captcha input"))
        self.await_text_of("#captcha-told", "Thank you.")

    def choose(self, way: str) -> None:
        self.click(self.find(f"input[value={way}]"))

    def press_in(self, form: str) -> None:
        self.click(self.find(f"#{form} button"))

    def told(self, name: str) -> str:
        return self.find(f"#{name}-told").text

    def await_text_of(self, selector: str, text: str) -> None:
        eventually(f"{text} in {selector}", lambda: text in self.find(selector).text)

    def await_outcome(self, form: str, text: str) -> None:
        self.await_text_of(f"#{form} .outcome", text)

    def code_in_outbox(self, target: str) -> str:
        """Read on the outbox page, in another tab."""
        page = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        self.open(f"/outbox?to={quote(target)}")
        code = self.find("#messages button[data-copy]").get_attribute("data-copy")
        self.driver.close()
        self.driver.switch_to.window(page)
        return code

    def ask_for_code(self, target: str) -> None:
        self.tick_captcha()
        self.type("target", target)
        self.await_text_of("#target-told", "Free.")
        self.press_in("reach")
        self.await_outcome("reach", f"A code is on its way to {target}.")

    def confirm(self, target: str, in_outbox: str) -> None:
        self.type("code", self.code_in_outbox(in_outbox))
        self.press_in("confirmation")
        self.await_outcome("reach", f"{target} is confirmed.")

    def fill_in(self, username: str, nickname: str = "") -> None:
        self.type("username", username)
        self.type("nickname", nickname)
        self.type("password", PASSWORD)
        self.type("password_confirmation", PASSWORD)
        self.click(self.find("#terms_accepted"))

    def await_signed_in(self, username: str) -> None:
        self.await_text_of("#signed-in", username)
        self.assertFalse(self.find("#account").is_displayed())

    def await_focus(self, name: str) -> None:
        eventually(f"the focus on {name}", lambda: self.driver.switch_to.active_element.get_attribute("id") == name)

    def pass_seconds(self, seconds: int) -> None:
        """Moves the time that the page goes by, and the system's."""
        self.system.advance(seconds)
        self.run_in_page("const now = Date.now; Date.now = () => now() + 1000 * seconds;", seconds=seconds)


class ByPhone(SignUpTest):
    def test_someone_signs_up_with_the_code_from_the_outbox_and_signs_out(self) -> None:
        self.ask_for_code("010-0000-0301")
        self.await_focus("code")
        self.confirm("010-0000-0301", "+821000000301")
        self.await_focus("username")
        self.fill_in("sign_up_301", "Three-o-one")
        self.press_in("account")
        self.await_signed_in("sign_up_301")
        self.assertIn("Three-o-one", self.find("#signed-in").text)
        self.assertRegex(self.find("[data-of=phone]").text, r"0301 \(verified\)$")

        # In this tab it stays so.
        self.open("/web/sign-up")
        self.await_signed_in("sign_up_301")
        self.assertEqual(self.cookies(), {})
        self.leave_by(self.find("#signed-in button"))
        self.assertTrue(self.find("#account").is_displayed())
        self.assertIsNone(self.run_in_page("return sessionStorage.getItem('campus.session')"))
        self.assertEqual(self.console(), "")

    def test_it_goes_on_with_a_new_token_when_the_old_one_has_expired(self) -> None:
        self.ask_for_code("010-0000-0302")
        self.confirm("010-0000-0302", "+821000000302")
        self.fill_in("sign_up_302")
        self.press_in("account")
        self.await_signed_in("sign_up_302")
        self.system.advance(3600)
        self.open("/web/sign-up")
        self.await_signed_in("sign_up_302")

    def test_a_second_code_takes_the_countdown_and_a_second_captcha(self) -> None:
        self.ask_for_code("010-0000-0303")
        send = self.find("#reach button")
        self.assertFalse(send.is_enabled())
        first = int(re.search(r"^Again in (\d+) s$", send.text)[1])
        self.assertTrue(RESEND_SECONDS - 10 <= first <= RESEND_SECONDS, first)
        eventually("the next second", lambda: send.text == f"Again in {first - 2} s")

        self.pass_seconds(RESEND_SECONDS)
        eventually("its end", send.is_enabled)
        self.assertEqual(send.text, "Send me a code")
        self.assertFalse(self.find("#captcha input").is_selected())
        self.press_in("reach")
        self.await_text_of("#captcha-told", "Please tick this first.")
        self.assertTrue(send.is_enabled())
        self.tick_captcha()
        self.press_in("reach")
        self.await_outcome("reach", "A code is on its way")
        self.assertFalse(send.is_enabled())
        path = f"/_local/outbox.json?to={quote('+821000000303')}"
        eventually("the second text", lambda: len(self.system.get(path)["items"]) == 2)
        self.confirm("010-0000-0303", "+821000000303")

    def test_who_asks_too_soon_waits_as_long_as_the_api_says(self) -> None:
        self.system.ask_for_code("sms", "+821000000304")
        self.system.advance(20)
        self.tick_captcha()
        self.type("target", "010-0000-0304")
        self.press_in("reach")
        send = self.find("#reach button")
        eventually("the countdown", lambda: not send.is_enabled())
        self.assertLessEqual(int(re.search(r"(\d+) s", send.text)[1]), RESEND_SECONDS - 20)
        self.await_outcome("reach", "We sent a code a moment ago.")

        # Another number need not wait, and the captcha is not used up.
        self.type("target", "010-0000-0305")
        self.assertTrue(send.is_enabled())
        self.press_in("reach")
        self.await_outcome("reach", "A code is on its way")

    def test_a_wrong_code_is_told_and_the_right_one_still_good(self) -> None:
        self.ask_for_code("010-0000-0306")
        code = self.code_in_outbox("+821000000306")
        self.type("code", f"{(int(code) + 1) % 1_000_000:06}")
        self.press_in("confirmation")
        self.await_outcome("confirmation", "code")
        self.assertTrue(self.find("#confirmation").is_displayed())
        self.type("code", "12")
        self.press_in("confirmation")
        self.await_text_of("#code-told", "six digits")
        self.await_focus("code")
        self.confirm("010-0000-0306", "+821000000306")

    def test_a_registered_number_is_told_before_and_after_the_code_is_asked_for(self) -> None:
        self.type("target", "010-0000-0003")
        self.await_text_of("#target-told", "Tick the box above")
        self.tick_captcha()
        self.await_text_of("#target-told", "This number is registered already.")
        self.press_in("reach")
        self.await_outcome("reach", "number")
        self.assertFalse(self.find("#confirmation").is_displayed())


    def test_an_answer_that_was_lost_is_asked_for_again(self) -> None:
        self.ask_for_code("010-0000-0310")
        self.confirm("010-0000-0310", "+821000000310")
        self.fill_in("sign_up_310")
        self.run_in_page(
            """
            const real = window.fetch;
            window.fetch = async (...request) => {
                await real(...request);
                window.fetch = real;
                throw new TypeError("lost");
            };
            """
        )
        self.press_in("account")
        self.await_outcome("account", "The API does not answer.")
        self.press_in("account")
        self.await_signed_in("sign_up_310")


class Fields(SignUpTest):
    def test_a_name_is_looked_up_when_its_field_is_left(self) -> None:
        self.type("username", "minji")
        self.await_text_of("#username-told", "This username is taken.")
        self.assertEqual(self.find("#username").get_attribute("aria-invalid"), "true")
        self.type("username", "minji_the_second")
        self.await_text_of("#username-told", "Free.")
        self.assertIsNone(self.find("#username").get_attribute("aria-invalid"))
        self.type("username", "A")
        self.await_text_of("#username-told", "at least 4")
        taken = next(user for user in self.system.get("/_local/start.json")["users"] if user["username"] == "minji")
        self.type("nickname", taken["nickname"])
        self.await_text_of("#nickname-told", "This nickname is taken.")

    def test_every_wrong_field_is_named_and_the_first_has_the_focus(self) -> None:
        self.press_in("account")
        self.await_text_of("#password-told", "Please fill this in.")
        for name in ("password_confirmation", "terms_accepted", "target"):
            self.assertNotEqual(self.told(name), "", name)
        self.await_focus("target")

        self.type("target", "010-0000-0307")
        self.assertEqual(self.told("target").startswith("Tick"), True)
        self.type("username", "x!")
        self.type("password", PASSWORD)
        self.type("password_confirmation", PASSWORD + "!")
        self.choose("link")
        self.type("target", "no address")
        self.press_in("account")
        self.await_text_of("#password_confirmation-told", "two passwords differ")
        for name in ("target", "username", "terms_accepted"):
            self.assertEqual(self.find(f"#{name}").get_attribute("aria-invalid"), "true", name)
        self.assertEqual(self.told("password"), "")

    def test_a_wrong_number_is_named_at_its_field(self) -> None:
        self.tick_captcha()
        self.type("target", "12")
        self.await_text_of("#target-told", "valid phone number")
        self.press_in("reach")
        self.await_focus("target")
        self.assertFalse(self.find("#confirmation").is_displayed())


class ByMail(SignUpTest):
    def test_someone_signs_up_with_a_code(self) -> None:
        self.choose("email")
        self.ask_for_code("code@campus.example")
        self.confirm("code@campus.example", "code@campus.example")
        self.fill_in("by_mail_code")
        self.press_in("account")
        self.await_signed_in("by_mail_code")

    def test_someone_signs_up_with_the_link_in_a_mail(self) -> None:
        self.choose("link")
        self.assertFalse(self.find("#reach button").is_displayed())
        self.type("target", "link@campus.example")
        self.fill_in("by_mail_link")
        self.press_in("account")
        self.await_text_of("#captcha-told", "Please tick this first.")
        self.tick_captcha()
        self.press_in("account")
        self.await_text_of("#mailed", "Follow its link")

        link = re.search(r"http\S+/_local/web/activate\S+", self.system.await_text("link@campus.example"))[0]
        self.driver.get(link)
        self.press_in("main")
        eventually("a word of it", lambda: "activated" in self.status())
        signed_in = {"login": "by_mail_link", "password": PASSWORD}
        self.assertEqual(self.system.post("/v1/sessions", signed_in)["user"]["username"], "by_mail_link")


class OnAPhone(SignUpTest):
    def test_everything_fits_and_is_large_enough_for_a_finger(self) -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        self.ask_for_code("010-0000-0308")
        self.press_in("account")
        self.await_text_of("#password-told", "Please fill this in.")
        self.assertLessEqual(self.run_in_page("return document.documentElement.scrollWidth"), PHONE["width"])
        touched = "main :is(input:not([type=checkbox], [type=radio]), button, .tick, .button)"
        for element in self.driver.find_elements(By.CSS_SELECTOR, touched):
            if element.is_displayed():
                self.assertGreaterEqual(element.size["height"], 44, element.get_attribute("outerHTML"))

    def test_it_is_used_by_keyboard_alone(self) -> None:
        self.press(Keys.TAB)
        self.assertEqual(self.focus(), "Skip to content")
        self.press(Keys.ENTER)
        self.tab_to_field("captcha")
        self.press(Keys.SPACE)
        self.await_text_of("#captcha-told", "Thank you.")
        self.press(Keys.TAB)
        self.await_focus("target")
        self.press("010-0000-0309", Keys.ENTER)
        self.await_focus("code")
        self.press(self.code_in_outbox("+821000000309"), Keys.ENTER)
        self.await_focus("username")
        self.press("by_keyboard", Keys.TAB, Keys.TAB, PASSWORD, Keys.TAB, PASSWORD, Keys.TAB, Keys.SPACE, Keys.ENTER)
        self.await_signed_in("by_keyboard")

    def tab_to_field(self, name: str) -> None:
        for _ in range(40):
            self.press(Keys.TAB)
            if self.driver.switch_to.active_element.get_attribute("aria-describedby") == f"{name}-told":
                return
        self.fail(f"{name} cannot be reached by keyboard")


class Labels(SignUpTest):
    def test_every_field_and_button_has_a_name_and_says_where_it_is_told_what(self) -> None:
        unnamed = self.run_in_page(
            """
            const named = (input) => input.labels.length > 0 && input.labels[0].textContent.trim() !== "";
            const fields = [...document.querySelectorAll("main input")];
            const told = (input) => (input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
            return [
                ...fields.filter((input) => !named(input)).map((input) => input.name),
                ...fields.flatMap(told).filter((id) => !document.getElementById(id)),
                ...[...document.querySelectorAll("main button")].filter((button) => !button.textContent.trim()),
            ];
            """
        )
        self.assertEqual(unnamed, [])

"""The local system's own pages: a sign-up on the API page with the code from the outbox, and what holds for each page."""

import json
import re
from typing import Any
from urllib.parse import quote

from local_system import eventually
from own_pages import PHONE, PagesTest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

PAGES = ["", "/docs", "/outbox", "/queues", "/schedule", "/tables", "/calls", "/faults"]
FRONT_END = ["/web/sign-up", "/web/oauth/google", "/web/activate"]


class ApiPage(PagesTest):
    def open_operation(self, name: str) -> WebElement:
        block = self.find(f"#operations-accounts-{name}")
        if "is-open" not in block.get_attribute("class").split():
            self.click(self.find(".opblock-summary-control", block))
        return block

    def try_out(self, name: str, body: dict[str, Any] | None = None, **path: str) -> tuple[str, Any]:
        """Fills an operation in, has it carried out, and reads the answer, all on the page."""
        block = self.open_operation(name)
        for variable, value in path.items():
            field = self.find(f'tr[data-param-name="{variable}"] input', block)
            field.clear()
            field.send_keys(value)
        if body is not None:
            text = self.find("textarea.body-param__text", block)
            example = json.loads(text.get_attribute("value"))
            text.send_keys(Keys.CONTROL, "a")
            # As if pasted: the page takes its time over each letter that is typed.
            self.driver.execute_cdp_cmd("Input.insertText", {"text": json.dumps({**example, **body})})
        self.click(self.find("button.execute", block))
        status = self.find(".live-responses-table .response .response-col_status", block).text
        shown = self.find(".live-responses-table .response .response-col_description", block).text
        document = re.search(r"\{.*\}", shown[: shown.find("Response headers")], re.DOTALL)
        return status.split()[0], json.loads(document[0]) if document else None

    def test_someone_signs_up_on_the_page_with_the_code_from_the_outbox(self) -> None:
        phone = "+821000000202"
        self.open("/docs")
        status, challenge = self.try_out("create_captcha_challenge")
        self.assertEqual(status, "201")
        _, solved = self.try_out("solve_captcha_challenge", id=challenge["id"])
        token = solved["captcha_token"]
        status, asked = self.try_out("create_verification_code", {"target": phone, "captcha_token": token})
        self.assertEqual(status, "202")

        docs = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        self.open(f"/outbox?to={quote(phone)}")
        code = self.find("#messages button[data-copy]").get_attribute("data-copy")
        self.driver.close()
        self.driver.switch_to.window(docs)

        status, confirmed = self.try_out("confirm_verification_code", {"code": code}, id=asked["id"])
        self.assertEqual(status, "201")
        status, signed_up = self.try_out("create_user", {"proof": confirmed["proof"]})
        self.assertEqual(status, "201")

        self.assertEqual(self.try_out("get_current_user")[0], "401")
        self.click(self.find("button.authorize"))
        self.find(".auth-container input").send_keys(signed_up["session"]["access_token"])
        self.find(".auth-container button.authorize").click()
        self.find(".auth-container button.btn-done").click()
        self.find("#operations-accounts-get_current_user")

        def shown() -> Any:
            status, account = self.try_out("get_current_user")
            return account if status == "200" else None

        account = eventually("the account", shown)
        self.assertTrue(account["phone"]["verified"])
        self.assertEqual(account["phone"]["masked"][-4:], phone[-4:])


class Outbox(PagesTest):
    def test_it_is_used_by_keyboard_alone_and_messages_arrive_by_themselves(self) -> None:
        first, second = "+821000000203", "+821000000204"
        self.system.ask_for_code("sms", first)
        self.system.await_text(first)
        self.open("/outbox")
        self.press(Keys.TAB)
        self.assertEqual(self.focus(), "Skip to content")
        self.press(Keys.ENTER)
        self.tab_to(first)
        self.press(Keys.ENTER)
        eventually("the chosen person", lambda: "to=" in self.driver.current_url)

        self.driver.find_element(By.TAG_NAME, "main").send_keys("")
        self.tab_to("Copy ")
        copied = self.focus().removeprefix("Copy ")
        self.assertIn(copied, self.system.await_text(first))
        self.press(Keys.ENTER)
        eventually("a word of it", lambda: self.status() == f"Copied {copied}")

        # Someone else's message arrives; the focus stays where it is.
        self.system.ask_for_code("sms", second)
        eventually("the other person", lambda: second in self.find("#people").text)
        self.assertEqual(self.focus(), f"Copy {copied}")
        self.assertNotIn(second, self.find("#messages").text)

    def test_mail_is_shown_in_a_frame_that_can_do_nothing(self) -> None:
        self.open("/outbox")
        self.system.ask_for_code("email", "seoyeon@campus.example")
        frame = self.find("#messages iframe")
        self.assertEqual(frame.get_attribute("sandbox"), "")
        code = self.find("#messages .letter button[data-copy]").get_attribute("data-copy")
        self.driver.switch_to.frame(frame)
        self.addCleanup(self.driver.switch_to.default_content)
        self.assertIn(code, self.find("body").text)


class EachPage(PagesTest):
    def test_it_breaks_no_policy_and_fits_a_phone(self) -> None:
        for page in PAGES + FRONT_END:
            with self.subTest(page):
                self.open(page)
                self.find(".opblock" if page == "/docs" else "main h1")
                self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
                width = self.run_in_page("return document.documentElement.scrollWidth")
                self.assertLessEqual(width, PHONE["width"])
                self.assertEqual(self.console(), "")

    def test_a_fault_is_asked_for_on_its_page(self) -> None:
        self.open("/faults")
        self.find("#operation").send_keys("DynamoDB.TransactWriteItems")
        self.find("#function").send_keys("create_captcha_challenge")
        self.tab_to("Let it go wrong")
        self.press(Keys.ENTER)
        eventually("the fault", lambda: "create_captcha_challenge" in self.find("#faults").text)
        self.assertEqual(self.status(), "It will go wrong")
        status = "return (await fetch('/v1/captcha-challenges', { method: 'POST', headers: " \
            "{ 'content-type': 'application/json' }, body: '{}' })).status"
        self.assertEqual([self.run_in_page(status), self.run_in_page(status)], [503, 201])
        eventually("the end of it", lambda: "Nothing" in self.find("#faults").text)

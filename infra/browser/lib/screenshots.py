"""Pictures of the local system's pages, with something to see on each, for README.md."""

import base64
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

from browser import start_chromium
from local_system import ROOT, LocalSystem, eventually
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

FOLDER = ROOT / "infra/local/screenshots"
WIDE = {"width": 1200, "height": 760, "deviceScaleFactor": 1, "mobile": False}
PHONE = {"width": 390, "height": 760, "deviceScaleFactor": 1, "mobile": True}
PASSWORD = "drie kleine eendjes"


def prepare(system: LocalSystem) -> None:
    """Two people sign up; a text to a third cannot be sent, and is given up."""
    for username, channel, target in [
        ("minsu_26", "sms", "+821012345678"),
        ("seoyeon", "email", "seoyeon@hanbit.example"),
    ]:
        code_id = system.ask_for_code(channel, target)
        text = system.await_text(target)
        code = next(word for word in text.replace(".", " ").split() if word.isdigit() and len(word) == 6)
        proof = system.post(f"/v1/verification-codes/{code_id}/confirmations", {"code": code})["proof"]
        account = {"username": username, "password": PASSWORD, "password_confirmation": PASSWORD}
        system.post("/v1/users", {**account, "proof": proof, "terms_accepted": True})
    system.post("/_local/faults", {"kind": "throttle", "operation": "SNS.Publish", "times": 5})
    system.ask_for_code("sms", "+821000000201")
    for attempt in range(1, 6):
        failed = ("failed", attempt)

        def has_failed() -> bool:
            items = system.get("/_local/deliveries.json")["items"]
            return any((item["status"], item["attempts"]) == failed for item in items)

        eventually("a failed attempt", has_failed)
        system.advance(61)


def find(driver: WebDriver, selector: str) -> WebElement:
    return eventually(selector, lambda: driver.find_elements(By.CSS_SELECTOR, selector))[0]


def look(_: WebDriver) -> None:
    """Nothing is done."""


def unfold(driver: WebDriver, part: str) -> None:
    # Only a part that can be opened cares.
    driver.execute_script("arguments[0].open = true", find(driver, part))


def ask_for_code(driver: WebDriver) -> None:
    find(driver, "#target").send_keys("010-1234-5678")
    find(driver, "#captcha input").click()
    eventually("the captcha", lambda: find(driver, "#captcha-told").text == "Thank you.")
    find(driver, "#reach button").click()
    eventually("the code's field", lambda: find(driver, "#code").is_displayed())
    # With the countdown in sight.
    driver.execute_script("document.querySelector('[value=link]').scrollIntoView()")


# File, page, size, colour scheme, and what is done there first.
PICTURES: list[tuple[str, str, dict[str, Any], str, Callable[[WebDriver], None]]] = [
    ("start", "", WIDE, "light", look),
    ("api", "/docs", WIDE, "light", partial(unfold, part=".opblock")),
    ("outbox", "/outbox", WIDE, "light", look),
    ("calls", "/calls?function=create_user", WIDE, "light", partial(unfold, part="#invocations li:last-child details")),
    ("queues-dark", "/queues", WIDE, "dark", look),
    ("outbox-phone", "/outbox?to=%2B821012345678", PHONE, "light", look),
    ("sign-up-phone", "/web/sign-up", PHONE, "light", ask_for_code),
]


def take(
    driver: WebDriver, url: str, size: dict[str, Any], scheme: str, prepare_page: Callable[[WebDriver], None]
) -> bytes:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.get(url)
    prepare_page(driver)
    for frame in driver.find_elements(By.TAG_NAME, "iframe"):
        driver.switch_to.frame(frame)
        eventually("the mail", lambda: driver.find_element(By.TAG_NAME, "body").text)
        driver.switch_to.default_content()
    return base64.b64decode(driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    system = LocalSystem()
    try:
        prepare(system)
        with tempfile.TemporaryDirectory(prefix="campus-browser-", ignore_cleanup_errors=True) as folder:
            driver = start_chromium(folder, third_party_cookies=False)
            try:
                for name, page, *looks in PICTURES:
                    picture = take(driver, f"http://127.0.0.1:{system.port}/_local{page}", *looks)
                    (FOLDER / f"{name}.png").write_bytes(picture)
                    print(f"{name}.png: {len(picture) // 1024} KB")
            finally:
                driver.quit()
    finally:
        system.stop()


main()

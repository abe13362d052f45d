"""Pictures of the local system's pages, with something to see on each, for README.md."""

import base64
import tempfile
from typing import Any

from browser import start_chromium
from local_system import ROOT, LocalSystem, eventually
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

FOLDER = ROOT / "infra/local/screenshots"
WIDE = {"width": 1200, "height": 760, "deviceScaleFactor": 1, "mobile": False}
PHONE = {"width": 390, "height": 760, "deviceScaleFactor": 1, "mobile": True}
# File, page, size, colour scheme, and what is opened first.
PICTURES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("start", "", WIDE, "light", ""),
    ("api", "/docs", WIDE, "light", ".opblock"),
    ("outbox", "/outbox", WIDE, "light", ""),
    ("calls", "/calls?function=create_user", WIDE, "light", "#invocations li:last-child details"),
    ("queues-dark", "/queues", WIDE, "dark", ""),
    ("outbox-phone", "/outbox?to=%2B821012345678", PHONE, "light", ""),
]
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


def take(driver: WebDriver, url: str, size: dict[str, Any], scheme: str, opened: str) -> bytes:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.get(url)
    if opened:
        found = eventually(opened, lambda: driver.find_elements(By.CSS_SELECTOR, opened))
        # Only a part that can be opened cares.
        driver.execute_script("arguments[0].open = true", found[0])
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

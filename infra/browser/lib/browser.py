"""Headless Chromium with pages that call the local system: what the tests of infra/browser/tests build on.

What Chromium (156) does was found out by trying it:

- `http://localhost` and `http://127.0.0.1` count as trustworthy: their `Secure` cookies are kept and sent, and
  requests to them carry `Sec-Fetch-Site`.
- Pages of the one are of another site than the other, since sites are told by host and not by port. So the API
  at `localhost` has cross-site pages at 127.0.0.1 and same-site ones at another port of `localhost`.
- Cookies of another site, `SameSite=None` as they are, depend on a preference, which Debian's build sets to keep them
  out. So tests set it, either way. Without them a client on another site has to use bearer tokens.
"""

import json
import os
import tempfile
import unittest
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

from local_system import LocalSystem, PageServer

SECONDS_MAX = 30
API_HOST = "localhost"
SAME_SITE = "localhost"
OTHER_SITE = "127.0.0.1"
# No stage allows it. It is this machine by another name, which only this browser knows.
FOREIGN = "evil.example"
FLAGS = [
    "--headless=new",
    # Root may not start it otherwise. It sees no page but ours.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # Nothing leaves this machine: no services of its own, no other names, no proxy.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def start_chromium(folder: str, *, third_party_cookies: bool) -> webdriver.Chrome:
    options = Options()
    options.binary_location = os.environ["CAMPUS_BROWSER"]
    # 0 lets them pass, 1 keeps them out.
    options.add_experimental_option("prefs", {"profile.cookie_controls_mode": int(not third_party_cookies)})
    for flag in [*FLAGS, f"--user-data-dir={folder}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(os.environ["CAMPUS_BROWSER_DRIVER"]))
    driver.set_page_load_timeout(SECONDS_MAX)
    driver.set_script_timeout(SECONDS_MAX)
    return driver


class BrowserTest(unittest.TestCase):
    """Tests with a system, a server of pages and a browser that they share, and no cookies of each other."""

    third_party_cookies = True
    system: LocalSystem
    pages: PageServer
    driver: webdriver.Chrome

    @classmethod
    def setUpClass(cls) -> None:
        cls.system = LocalSystem()
        cls.addClassCleanup(cls.system.stop)
        cls.pages = PageServer()
        cls.addClassCleanup(cls.pages.stop)
        folder = tempfile.TemporaryDirectory(prefix="campus-browser-", ignore_cleanup_errors=True)
        cls.addClassCleanup(folder.cleanup)
        cls.driver = start_chromium(folder.name, third_party_cookies=cls.third_party_cookies)
        cls.addClassCleanup(cls.driver.quit)

    def setUp(self) -> None:
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    @property
    def api(self) -> str:
        return f"http://{API_HOST}:{self.system.port}"

    def visit(self, host: str, page: str = "client.html") -> None:
        """Opens a page of the folder, served from this host."""
        self.driver.get(f"http://{host}:{self.pages.port}/{page}")

    def await_page(self, url: str) -> None:
        """Waits until the browser shows a page whose address begins so."""
        WebDriverWait(self.driver, SECONDS_MAX).until(lambda driver: driver.current_url.startswith(url))

    def run_in_page(self, script: str, **values: Any) -> Any:
        """What an asynchronous function of this body returns, in the page, where `api` is the API's URL."""
        names = {"api": self.api, **values}
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in names.items())
        return self.driver.execute_script(f"return (async () => {{ {given} {script} }})()")

    def cookies(self) -> dict[str, str]:
        """What the browser holds, of whatever site and path."""
        kept = self.driver.execute_cdp_cmd("Storage.getCookies", {})["cookies"]
        return {cookie["name"]: cookie["value"] for cookie in kept}

    def console(self) -> str:
        """What the browser has told of the pages since it was last asked."""
        return "\n".join(entry["message"] for entry in self.driver.get_log("browser"))

    def sent(self, path: str) -> list[dict[str, str]]:
        """The headers of the requests that went to a path of the API since this was last asked."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        ids = {
            event["params"]["requestId"]
            for event in events
            if event["method"] == "Network.requestWillBeSent" and event["params"]["request"]["url"] == self.api + path
        }
        return [
            {name.lower(): value for name, value in event["params"]["headers"].items()}
            for event in events
            # These have the cookies, and what else the browser adds at last.
            if event["method"] == "Network.requestWillBeSentExtraInfo" and event["params"]["requestId"] in ids
        ]

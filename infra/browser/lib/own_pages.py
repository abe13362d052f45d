"""What the tests of the local system's own pages build on."""

from browser import SECONDS_MAX, BrowserTest
from local_system import eventually
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}


class PagesTest(BrowserTest):
    """Tests of the local system's own pages, with hands and eyes."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.driver.execute_cdp_cmd, "Emulation.clearDeviceMetricsOverride", {})
        self.console()

    def open(self, page: str) -> None:
        self.driver.get(f"{self.api}/_local{page}")

    def find(self, selector: str, within: WebElement | None = None) -> WebElement:
        """The first such element, once there is one."""
        return eventually(selector, lambda: (within or self.driver).find_elements(By.CSS_SELECTOR, selector))[0]

    def click(self, element: WebElement) -> None:
        # Not under the bar, which stays above what is scrolled.
        self.driver.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
        element.click()

    def leave_by(self, element: WebElement) -> None:
        """Presses what leads to another page, and waits until that is there, with what it loads."""
        left = self.run_in_page("return performance.timeOrigin")
        self.click(element)
        # Between two pages the driver fails in more ways than that an element is stale.
        WebDriverWait(self.driver, SECONDS_MAX, ignored_exceptions=[WebDriverException]).until(
            lambda _: self.run_in_page(
                "return document.readyState === 'complete' && performance.timeOrigin !== left", left=left
            )
        )

    def press(self, *keys: str) -> None:
        self.driver.switch_to.active_element.send_keys(*keys)

    def focus(self) -> str:
        """What has the focus, in its own words."""
        return self.driver.switch_to.active_element.text

    def tab_to(self, text: str) -> None:
        """Goes to what begins so, by the tabulator key alone."""
        for _ in range(60):
            self.press(Keys.TAB)
            if self.focus().startswith(text):
                return
        self.fail(f"{text} cannot be reached by keyboard")

    def status(self) -> str:
        return self.find("#status").text

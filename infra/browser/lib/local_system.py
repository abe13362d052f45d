"""The local system as a process of the test's own, and a server of pages that call it."""

import json
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

SECONDS_MAX = 30
ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "target/debug/campus-local"
PAGES = ROOT / "infra/browser/pages"


Answer = TypeVar("Answer")


def eventually(what: str, probe: Callable[[], Answer]) -> Answer:
    """Asks again until there is an answer."""
    until = time.monotonic() + SECONDS_MAX
    while not (answer := probe()):
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)
    return answer


class LocalSystem:
    """Campus with its demo data, in memory."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "--memory", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout
        banner = ""
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/_local", banner)):
            line = self.process.stdout.readline()
            assert line, f"campus-local did not start: {banner}"
            banner += line
        self.port = int(found[1])

    def advance(self, seconds: int) -> None:
        """Moves the time that the system goes by."""
        self.post("/_local/clock", {"advance_seconds": seconds})

    def get(self, path: str) -> Any:
        return self.call(path, None)

    def post(self, path: str, body: Any) -> Any:
        return self.call(path, json.dumps(body).encode())

    def call(self, path: str, body: bytes | None) -> Any:
        """The answer's document, of a call that succeeds."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, body, {"content-type": "application/json", "accept-language": "en"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def ask_for_code(self, channel: str, target: str) -> str:
        """Has a code for a sign-up sent, and returns its id."""
        challenge = self.post("/v1/captcha-challenges", {})["id"]
        token = self.post(f"/v1/captcha-challenges/{challenge}/solutions", {})["captcha_token"]
        asked = {"channel": channel, "target": target, "purpose": "sign_up", "captcha_token": token}
        return self.post("/v1/verification-codes", asked)["id"]

    def await_text(self, target: str) -> str:
        """The text of the latest message to someone, once there is one."""
        path = "/_local/outbox.json?limit=1&to=" + urllib.parse.quote(target, safe="")
        return eventually(f"a message to {target}", lambda: self.get(path)["items"])[0]["text"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=20)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class PageServer:
    """Serves the folder of pages, by whatever name of this machine a browser asks."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(PAGES)))
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

"""The local system as a process of the test's own, and a server of pages that call it."""

import json
import re
import subprocess
import threading
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "target/debug/campus-local"
PAGES = ROOT / "infra/browser/pages"


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

    def post(self, path: str, body: Any) -> None:
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10):
            pass

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

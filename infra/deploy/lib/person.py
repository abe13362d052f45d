"""Someone who uses the API as a client would, with HTTP and what was sent to them."""

import json
import re
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from deployed import Emulator, expect

ATTEMPTS_MAX = 3


@dataclass
class Reply:
    status: int
    body: Any

    def expect(self, status: int) -> Any:
        # What was answered otherwise than with a refusal may hold a token.
        told = self.body if self.status >= 400 else "not shown"
        expect(self.status == status, f"{status} was expected, the answer is {self.status}: {told}")
        return self.body


class Client:
    """Someone who calls the API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, path: str, body: Any = None, token: str | None = None) -> Reply:
        """Makes a call, a few times while a dependency is down: an emulator that is busy has no answer in time."""
        # Under one key, so that what an earlier attempt did is not done twice.
        headers = {"content-type": "application/json", "idempotency-key": uuid.uuid4().hex}
        if token:
            headers["authorization"] = f"Bearer {token}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, headers)
        for _ in range(ATTEMPTS_MAX - 1):
            reply, retry_after = self.attempt(request)
            if reply.status != 503:
                return reply
            time.sleep(retry_after)
        return self.attempt(request)[0]

    def attempt(self, request: urllib.request.Request) -> tuple[Reply, int]:
        """The answer, and the seconds after which to try once more."""
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Reply(answer.status, json.load(answer)), 0
        except urllib.error.HTTPError as refused:
            with refused:
                return Reply(refused.code, json.load(refused)), int(refused.headers.get("retry-after", 0))

    def solve_captcha(self) -> str:
        """A captcha token, of a stage that takes any answer."""
        challenge = self.call("/v1/captcha-challenges", {}).expect(201)["id"]
        return self.call(f"/v1/captcha-challenges/{challenge}/solutions", {}).expect(201)["captcha_token"]

    def sign_in(self, login: str, password: str) -> Any:
        """A new session, whether or not others' failures from the same address make it cost a captcha."""
        wish = {"login": login, "password": password, "captcha_token": self.solve_captcha()}
        return self.call("/v1/sessions", wish).expect(201)["session"]


class Person(Client):
    """Someone with a phone or a mailbox."""

    def __init__(self, emulator: Emulator, url: str, address: str) -> None:
        """`address` is a phone number (E.164) or a mail address."""
        super().__init__(url)
        self.emulator = emulator
        self.address = address
        self.channel = "email" if "@" in address else "sms"

    def inbox(self) -> list[str]:
        """The texts that the emulator's SNS or SES took for this person, oldest first."""
        if self.channel == "sms":
            sent = json.loads(self.emulator.get(f"/_ministack/sns/sms-messages?phoneNumber={quote(self.address)}"))
            return [message["Message"] for message in sent["sms_messages"].get(self.address, [])]
        accounts = json.loads(self.emulator.get("/_ministack/ses/messages"))["messages"].values()
        return [mail["BodyText"] for sent in accounts for mail in sent if self.address in mail["To"]]

    def ask_for_code(self) -> str:
        """Asks for a verification code for signing up, and returns its id."""
        wish = {
            "channel": self.channel,
            "target": self.address,
            "purpose": "sign_up",
            "captcha_token": self.solve_captcha(),
        }
        return self.call("/v1/verification-codes", wish).expect(202)["id"]

    def await_message(self) -> str:
        deadline = time.monotonic() + 30
        while not (inbox := self.inbox()):
            expect(time.monotonic() < deadline, f"nothing was sent by {self.channel} within 30 s")
            time.sleep(0.1)
        return inbox[-1]

    def prove(self) -> str:
        """Gets a code, tells it back, and returns the proof for it."""
        code_id = self.ask_for_code()
        codes = re.findall(r"\b\d{6}\b", self.await_message())
        expect(codes, "the message holds no code")
        return self.call(f"/v1/verification-codes/{code_id}/confirmations", {"code": codes[0]}).expect(201)["proof"]

    def sign_up(self, username: str, password: str, proof: str) -> Reply:
        wish = {"username": username, "password": password, "password_confirmation": password}
        return self.call("/v1/users", {**wish, "proof": proof, "terms_accepted": True})

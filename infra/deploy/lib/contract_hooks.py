"""What Schemathesis knows beyond the API description: who calls, from where, and which answer leads to which call."""

import atexit
import ipaddress
import itertools
import json
import os
import uuid
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import schemathesis

from person import Client

GIVEN = json.loads(os.environ["CAMPUS_CONTRACT"])
CLIENT = Client(GIVEN["url"])
# Of a block that no subscriber has.
NOBODYS_NUMBER = "010-0000-0099"
# What of an answer another operation takes. The description does not say, since clients need not be told.
LINKS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("create_captcha_challenge", "201", "solve_captcha_challenge", {"parameters": {"id": "$response.body#/id"}}),
    (
        "solve_captcha_challenge", "201", "create_verification_code",
        {"requestBody": {"captcha_token": "$response.body#/captcha_token"}},
    ),
    *(
        ("solve_captcha_challenge", "201", target, {"requestBody": {"captcha_token": "$response.body#/captcha_token"}})
        for target in ("check_availability", "create_password_reset")
    ),
    ("create_verification_code", "202", "confirm_verification_code", {"parameters": {"id": "$response.body#/id"}}),
    ("list_sessions", "200", "delete_session", {"parameters": {"id": "$response.body#/items/0/id"}}),
    # Few can be asked for in a day, and those are listed.
    ("create_export", "202", "get_export", {"parameters": {"id": "$response.body#/id"}}),
    ("list_exports", "200", "get_export", {"parameters": {"id": "$response.body#/items/0/id"}}),
    (
        "create_session", "201", "create_token_refresh",
        {"requestBody": {"refresh_token": "$response.body#/session/refresh_token"}},
    ),
    *(
        (f"create_{thing}", "201", f"{verb}_{thing}", {"parameters": {"id": "$response.body#/id"}})
        for thing in ("school", "library", "film", "screening")
        for verb in ("get", "update", "delete")
    ),
]


def sign_up_form(mailbox: str, **wishes: str) -> dict[str, Any]:
    """The form of someone with a mailbox, which no other run has, and nothing that proves it."""
    password = GIVEN["password"]
    return {
        "email": f"{mailbox}@campus.example", "password": password, "password_confirmation": password,
        "captcha_token": CLIENT.solve_captcha(), "terms_accepted": True, **wishes,
    }


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Makes examples of what only this stage has, and adds the links."""
    operations = {
        operation["operationId"]: operation for path in raw_schema["paths"].values() for operation in path.values()
    }
    # The calls are made with a token. Where there are two ways in, strangers are not tried.
    for operation in operations.values():
        operation["security"] = [way for way in operation.get("security", []) if "cookie" not in way]
    for source, status, target, link in LINKS:
        responses = operations[source]["responses"]
        responses[status].setdefault("links", {})[target] = {"operationId": target, **link}
    session = CLIENT.sign_in(GIVEN["caller"], GIVEN["password"])
    refresh_token, token = session["refresh_token"], session["access_token"]
    library = CLIENT.call("/v1/libraries", {"name": "계약도서관"}, token).expect(201)["id"]
    film = CLIENT.call("/v1/films", {"title": "계약"}, token).expect(201)["id"]
    school = CLIENT.call("/v1/schools", {"name": f"계약대학교 {uuid.uuid4().hex[:8]}"}, token).expect(201)["id"]
    screening = operations["create_screening"]["requestBody"]["content"]["application/json"]["example"]
    # Whom an admin may look up, change and purge: someone who waits for their link.
    someone = f"contract_{uuid.uuid4().hex[:8]}"
    CLIENT.call("/v1/users", sign_up_form(someone, username=someone)).expect(202)
    found = CLIENT.call("/v1/admin/user-searches", {"username": someone}, token).expect(200)
    for operation in ("update_user", "delete_user"):
        [path] = [parameter for parameter in operations[operation]["parameters"] if parameter.get("in") == "path"]
        path["example"] = found["items"][0]["id"]
    [path] = [one for one in operations["solve_captcha_challenge"]["parameters"] if one.get("in") == "path"]
    path["example"] = CLIENT.call("/v1/captcha-challenges", {}).expect(201)["id"]
    examples = {
        "create_password_reset": {"login": "nobody_of_that_name", "captcha_token": CLIENT.solve_captcha()},
        "create_user": sign_up_form(uuid.uuid4().hex),
        "replace_school": {"school_id": school},
        "search_users": {"username": someone},
        # What they are already, or they would have to be in use.
        "update_user": {"roles": ["member"]},
        "create_screening": {**screening, "library_id": library, "film_id": film},
        "create_session": {"login": GIVEN["guessed"], "password": GIVEN["password"]},
        "create_token_refresh": {"refresh_token": refresh_token},
        "create_verification_code": {
            "channel": "sms", "purpose": "sign_up", "target": NOBODYS_NUMBER, "captcha_token": CLIENT.solve_captcha(),
        },
    }
    for operation, example in examples.items():
        operations[operation]["requestBody"]["content"]["application/json"]["example"] = example


class Session:
    """The caller's session, begun anew whenever a call may have ended it."""

    token: str | None = None


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    def get(self, case: Any, context: Any) -> str:
        if Session.token is None:
            Session.token = CLIENT.sign_in(GIVEN["caller"], GIVEN["password"])["access_token"]
        return Session.token

    def set(self, case: Any, token: str, context: Any) -> None:
        case.headers["authorization"] = f"Bearer {token}"


# Each call comes from elsewhere, as far as a stage for tests lets it say so, or most would meet a limit. The
# block is reserved for benchmarks.
ADDRESSES = itertools.cycle(ipaddress.ip_network("198.18.0.0/15").hosts())


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    case.headers["x-campus-test-address"] = str(next(ADDRESSES))


TALLY: defaultdict[str, Counter[int]] = defaultdict(Counter)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    # It also tries methods that a path does not have.
    if case.method.upper() == case.operation.method.upper():
        TALLY[case.operation.definition.raw["operationId"]][response.status_code] += 1
    if case.method.upper() == "DELETE" and response.status_code == 204:
        Session.token = None


@atexit.register
def leave_tally() -> None:
    Path(GIVEN["tally"]).write_text(json.dumps(TALLY), encoding="utf-8")

"""The contract test: Schemathesis calls each operation as its description allows, and as it does not.

No answer may contradict the description. And the calls must have been worth making: each operation was called
often enough, had a success, and refused strangers where it should.
"""

import argparse
import json
import os
import random
import sys
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

from deployed import ROOT, WORK, Failure, expect, follow

CONFIGURATION = ROOT / "infra/deploy/lib/schemathesis.toml"
DESCRIPTION = WORK / "openapi.json"
TALLY = WORK / "contract.json"
# CI's. Another each night would find more, and would fail for changes that have nothing to do with it.
SEED = 20261121
EXAMPLES = 100
SECONDS_MAX = 10 * 60
# Their success takes what no call gives: a code that only its addressee reads, an alert that has come, a link in a mail,
# or in an export that is not ready at once. Or it would be the caller's end: another password, no account.
# The acceptance suite has it.
NEEDS_MORE = {
    "confirm_verification_code", "update_notification", "delete_notification", "replace_read_marker",
    "create_unsubscription", "download_export", "create_activation", "complete_password_reset", "replace_password",
    "replace_email", "replace_phone", "delete_current_user", "create_oauth_session", "create_oauth_registration",
    "create_identity",
}


@dataclass
class People:
    """Two who have accounts, and their password."""

    # Makes the calls that need a session. Is an admin, or much would be refused, and has an account that no call
    # deletes. Known by a username, which no call takes away.
    caller: str
    # Is signed in as, with right and with wrong passwords; not the same, or the caller would soon be locked out.
    guessed: str
    password: str


def check(url: str, people: People, seed: int = SEED, examples: int = EXAMPLES) -> str:
    """Runs the test, whose output goes to the terminal and a file, and returns a line that sums it up."""
    WORK.mkdir(parents=True, exist_ok=True)
    TALLY.unlink(missing_ok=True)
    # As a file: Schemathesis leaves out the operation that it loads a description from.
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=30) as answer:
        DESCRIPTION.write_bytes(answer.read())
    print(f"    seed {seed}", flush=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(CONFIGURATION.parent),
        "CAMPUS_CONTRACT": json.dumps({"url": url, "tally": str(TALLY), **asdict(people)}),
    }
    command = [
        "schemathesis", "--config-file", str(CONFIGURATION), "run", str(DESCRIPTION), "--url", url,
        # It makes fewer where it finds nothing new to try.
        "--seed", str(seed), "--max-examples", str(examples * 3 // 2), "--no-color",
    ]
    status, _ = follow(command, WORK / "contract.log", environment, SECONDS_MAX)
    expect(status == 0, "the API contradicts its description: see above")
    tally = json.loads(TALLY.read_text(encoding="utf-8"))
    expect_worth(tally, examples)
    calls = sum(sum(answers.values()) for answers in tally.values())
    return f"{calls} calls of {len(tally)} operations answered as described"


def expect_worth(tally: dict[str, dict[str, int]], examples: int) -> None:
    """A test whose every request is refused at the door would pass, too."""
    description = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    for operation in (operation for path in description["paths"].values() for operation in path.values()):
        name = operation["operationId"]
        answers = tally.get(name, {})
        calls = sum(answers.values())
        told = ", ".join(f"{count} x {status}" for status, count in sorted(answers.items()))
        print(f"    {name:28} {calls:4} calls: {told}", flush=True)
        expect(calls >= examples, f"{name} was called fewer than {examples} times")
        succeeded = any(status.startswith("2") for status in answers)
        expect(succeeded or name in NEEDS_MORE, f"{name} never succeeded")
        # Where a session is taken but not needed, nobody is a stranger.
        is_open = {} in operation.get("security", [{}])
        expect("401" in answers or is_open, f"{name} was never called by a stranger")


def main() -> None:
    parser = argparse.ArgumentParser(description="Holds a running system to the API description that it serves.")
    parser.add_argument("--url", required=True, help="where the system is")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the requests, {SEED} by default; 0 for a new one")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="least number of calls of each operation")
    # The demo's people.
    parser.add_argument("--caller", default="admin", help="login of who makes the calls, an admin")
    parser.add_argument("--guessed", default="junho", help="login of who is signed in as, also wrongly")
    parser.add_argument("--password", default="campus-demo-2026", help="of both")
    arguments = parser.parse_args()
    people = People(arguments.caller, arguments.guessed, arguments.password)
    seed = arguments.seed or random.randrange(1, 2**32)
    try:
        print(check(arguments.url.rstrip("/"), people, seed, arguments.examples))
    except Failure as failure:
        sys.exit(f"contract: FAILED: {failure}")


if __name__ == "__main__":
    main()

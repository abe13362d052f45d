"""What infra/deploy/test does once its tools are installed."""

import argparse
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

import contract
import roles
from deployed import ROOT, WORK, Emulator, Failure, Stack, expect, follow
from person import Person

ARM = platform.machine() in ("aarch64", "arm64")
PARAMETERS: dict[str, Any] = {
    "Stage": "test",
    "Architecture": "arm64" if ARM else "x86_64",
    # What the acceptance suite expects: the origin of the local system, and the shortest minimum there may be.
    "AllowedOrigins": "http://localhost:3000",
    "PasswordMinimum": 6,
    # Few enough for a test to use up.
    "SendsPerAddressPerHour": 20,
    "CaptchaProvider": "none",
    # What the stand-ins for providers know the system by.
    "GoogleClients": "campus-web,campus-app",
    "KakaoClients": "campus-web,campus-app",
    "KakaoApp": "310",
    "FacebookApp": "310",
    # All tests together use no half of it.
    "SmsPerHour": 36000,
    "SmsPerDay": 864000,
    "LogRetentionDays": 1,
    "DeletionProtection": "false",
}
# What the update in place changes.
CHANGES = {"PasswordMinimum": 8, "LogRetentionDays": 7}
# What the stand-ins gave it, as an operator puts it into the secret `provider-keys`.
KEYS = {"google": "google secret", "kakao": "kakao secret", "facebook": "facebook secret"}
# The acceptance suite, without what looks behind HTTP at a local system all the time.
ACCEPTANCE = [
    "accounts::",
    "conventions::",
    "notifications::inbox::",
    "notifications::own_deliveries::",
    "notifications::preferences::",
    "notifications::unsubscriptions::",
    "screenings::",
]
# Tests that may fail among the others, if they pass alone.
AGAIN_MAX = 8
# Fewer than a function has instances in the emulator, which has its hands full with these.
TEST_THREADS = 3
NOT_DEPLOYED_MAX = 5
ACCEPTANCE_SECONDS_MAX = 30 * 60
# The program may have to be built.
STAND_INS_SECONDS_MAX = 15 * 60


@contextmanager
def step(title: str) -> Iterator[None]:
    print(f"\n--- {title}", flush=True)
    began = time.monotonic()
    yield
    print(f"    {time.monotonic() - began:.0f} s", flush=True)


def say(text: str) -> None:
    print(f"    {text}", flush=True)


def generated(what: str) -> Any:
    """What the generator prints, from the code as it is now."""
    command = ["cargo", "run", "--quiet", "--package", "campus-generate", "--", what]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


class StandIns:
    """The stand-ins for other companies, as a program of their own."""

    process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Starts them, and returns where they are."""
        log = WORK / "stand-ins.log"
        program = ["cargo", "run", "--quiet", "--", "--stand-ins", "--port", "0"]
        with log.open("w") as said:
            self.process = subprocess.Popen(program, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        deadline = time.monotonic() + STAND_INS_SECONDS_MAX
        while not (found := re.search(r"http://[^\s;]+", log.read_text(encoding="utf-8"))):
            expect(self.process.poll() is None and time.monotonic() < deadline, f"the stand-ins did not start: {log}")
            time.sleep(0.2)
        return found[0]

    def stop(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()


def hand_over_keys(stack: Stack) -> None:
    """Does what the README tells operators to do, with what the stand-ins take for keys."""
    secrets = boto3.client("secretsmanager")
    secrets.put_secret_value(SecretId=f"{stack.name}-provider-keys", SecretString=json.dumps(KEYS))


def not_deployed() -> list[str]:
    """The tests that cannot run against a deployment; each line of the file names one and says why."""
    lines = (ROOT / "tests/not_deployed.txt").read_text(encoding="utf-8").splitlines()
    expect(len(lines) <= NOT_DEPLOYED_MAX, f"tests/not_deployed.txt lists over {NOT_DEPLOYED_MAX} tests")
    for line in lines:
        expect(re.fullmatch(r"[\w:]+ +# .+", line), f"tests/not_deployed.txt: a line is a test, # and a reason: {line}")
    return [line.split()[0] for line in lines]


def counts(said: list[str]) -> tuple[int, int]:
    """How many tests passed and failed, by the runner's closing line."""
    closing = re.findall(r"^test result: .*?(\d+) passed; (\d+) failed", "".join(said), re.MULTILINE)
    expect(closing, "the tests did not get to their end")
    passed, failed = closing[-1]
    return int(passed), int(failed)


def acceptance(stack: Stack) -> str:
    """Runs the suite, whose output goes to the terminal and a file, and returns its closing line."""
    suite = ["cargo", "test", "--workspace", "--test", "acceptance", "--"]
    listed = subprocess.run([*suite, "--list"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    known = {line.removesuffix(": test") for line in listed.splitlines() if line.endswith(": test")}
    skipped = not_deployed()
    expect(not set(skipped) - known, f"tests/not_deployed.txt lists what is no test: {sorted(set(skipped) - known)}")
    chosen = [*ACCEPTANCE, f"--test-threads={TEST_THREADS}"]
    skips = [argument for test in skipped for argument in ("--skip", test)]
    environment = {
        **os.environ,
        "RUST_BACKTRACE": "0",
        "CAMPUS_TARGET_URL": stack.url,
        "CAMPUS_TARGET_PREFIX": f"{stack.name}-",
        "CAMPUS_TARGET_OUTBOX": os.environ["AWS_ENDPOINT_URL"],
        "CAMPUS_TARGET_ISSUER": stack.outputs["ApiUrl"],
        "CAMPUS_TARGET_SENDS_PER_ADDRESS_PER_HOUR": str(PARAMETERS["SendsPerAddressPerHour"]),
        "CAMPUS_TARGET_SMS_PER_HOUR": str(PARAMETERS["SmsPerHour"]),
        "CAMPUS_TARGET_SMS_PER_DAY": str(PARAMETERS["SmsPerDay"]),
        "CAMPUS_TARGET_PROVIDERS_URL": PARAMETERS["ProvidersUrl"],
        "CAMPUS_TARGET_PASSWORD_MINIMUM": str(PARAMETERS["PasswordMinimum"]),
    }
    status, said = follow([*suite, *chosen, *skips], WORK / "acceptance.log", environment, ACCEPTANCE_SECONDS_MAX)
    again = sorted({found[1] for line in said if (found := re.fullmatch(r"test ([\w:]+) \.\.\. FAILED", line.strip()))})
    if 0 < len(again) <= AGAIN_MAX:
        # An emulator that dozens of functions ask at once has no answer in time now and then. What is wrong fails
        # alone, too.
        say(f"alone: {', '.join(again)}")
        alone = [*suite, *again, "--exact", "--test-threads=1"]
        status, said_again = follow(alone, WORK / "acceptance-alone.log", environment, ACCEPTANCE_SECONDS_MAX)
        expect(status == 0 and counts(said_again) == (len(again), 0), "the acceptance suite fails alone, too")
        return f"{counts(said)[0] + len(again)} passed, {len(again)} of them alone, 0 failed, {len(skipped)} not run"
    passed, failed = counts(said)
    closing = f"{passed} passed, {failed} failed, {len(skipped)} not run"
    expect(status == 0 and passed > 0, f"the acceptance suite: {closing}")
    return closing


def conform(emulator: Emulator, stack: Stack, seed: int) -> str:
    """Holds the API to its own description."""
    # Another than the description's example, with which the caller would change it, or delete the account.
    password = "zeven grote ganzen"
    logins = []
    for address in ("+821012340011", "+821012340012"):
        person = Person(emulator, stack.url, address)
        username = f"contract_{address[-4:]}"
        person.sign_up(username, password, person.prove()).expect(201)
        logins.append(username)
    appointed = appoint(stack, {"username": logins[0]})
    expect(appointed.get("outcome") == "done", f"{logins[0]} is not made an admin: {appointed}")
    return contract.check(stack.url, contract.People(*logins, password), seed)


def appoint(stack: Stack, payload: dict[str, str]) -> dict[str, str]:
    """What the operator's command for a first admin reports."""
    answer = boto3.client("lambda").invoke(
        FunctionName=f"{stack.name}-appoint_admin", Payload=json.dumps(payload).encode()
    )
    return json.load(answer["Payload"])


def commands(stack: Stack) -> None:
    """Has an operator's command do, refuse, and not understand."""
    for payload, outcome in [
        ({"username": "contract_0012"}, "done"),
        ({"username": "nobody_of_that_name"}, "refused"),
        ({}, "unreadable"),
    ]:
        report = appoint(stack, payload)
        expect(report.get("outcome") == outcome, f"appoint_admin answers {payload} with {report}, not {outcome}")
        say(f"{outcome}: {report['message']}")


def messages(emulator: Emulator, stack: Stack) -> None:
    """Shows what people get."""
    for address in ("+821012340001", "reader@snu.example"):
        person = Person(emulator, stack.url, address)
        person.ask_for_code()
        text = re.sub(r"\b\d{6}\b", "······", person.await_message())
        say(f"{person.channel}: {' '.join(text.split())}")


def retention(stack: Stack) -> set[int | None]:
    return {group.get("retentionInDays") for group in stack.log_groups()}


def update(emulator: Emulator, stack: Stack) -> None:
    """Changes parameters under an account that exists."""
    ana = Person(emulator, stack.url, "+821012340002")
    ben = Person(emulator, stack.url, "+821012340003")
    cho = Person(emulator, stack.url, "+821012340004")
    # Seven characters: enough before, too short after.
    short = "vq7#Lzk"
    session = ana.sign_up("ana_before", "drie kleine eendjes", ana.prove()).expect(201)["session"]
    before = ana.call("/v1/users/me", token=session["access_token"]).expect(200)
    ben.sign_up("ben_before", short, ben.prove()).expect(201)
    proof = cho.prove()

    api = stack.outputs["ApiId"]
    changed = {**PARAMETERS, **CHANGES}
    stack.deploy(changed)
    expect(stack.outputs["ApiId"] == api, "the update replaced the API")
    expect(retention(stack) == {CHANGES["LogRetentionDays"]}, f"log retention is {retention(stack)} days")
    after = ana.call("/v1/users/me", token=session["access_token"]).expect(200)
    expect(after == before, "the account is not what it was before the update")
    refused = cho.sign_up("cho_after", short, proof).expect(422)
    expect("too_short" in json.dumps(refused), f"the shortest password has not changed: {refused}")
    cho.sign_up("cho_after", short * 2, proof).expect(201)
    say("log retention and the shortest password changed; the account, its token and a proof under way did not")

    said = stack.deploy(changed)
    expect("No changes to deploy" in said, "deploying the same once more changes something")
    say("deploying the same once more changes nothing")


def tear_down(stack: Stack) -> None:
    """Deletes the stack, which leaves what holds data."""
    tables = stack.physical("AWS::DynamoDB::Table").values()
    secrets = stack.physical("AWS::SecretsManager::Secret").values()
    stack.delete()
    for table in tables:
        boto3.client("dynamodb").describe_table(TableName=table)
    for secret in secrets:
        expect("DeletedDate" not in boto3.client("secretsmanager").describe_secret(SecretId=secret), secret)
    functions = boto3.client("lambda").list_functions()["Functions"]
    expect(not functions, f"functions outlived the stack: {[function['FunctionName'] for function in functions]}")
    expect(not boto3.client("apigatewayv2").get_apis()["Items"], "the API outlived the stack")
    say(f"{len(tables)} tables and {len(secrets)} secrets are retained, nothing else")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", action="store_true", help="take the bundles that are there")
    parser.add_argument("--seed", type=int, default=contract.SEED, help="of the contract test's calls")
    arguments = parser.parse_args()
    # Ends like a failure does: with the emulator stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    began = time.monotonic()
    summary_file = WORK / "summary.txt"
    summary_file.unlink(missing_ok=True)

    if not arguments.built:
        with step("build"):
            subprocess.run([ROOT / "infra/deploy/build", "--arm64" if ARM else "--x86-64"], check=True)
    with step("generate"):
        stack = Stack("campus-test", WORK / "template.json")
        stack.template.write_text(json.dumps(generated("--flat"), indent=1), encoding="utf-8")
        declared = generated("--grants")
    emulator, stand_ins = Emulator(), StandIns()
    with step("start the emulator"):
        emulator.start()
    try:
        with step("start the stand-ins"):
            PARAMETERS["ProvidersUrl"] = stand_ins.start()
        try:
            with step("deploy"):
                stack.deploy(PARAMETERS)
                hand_over_keys(stack)
                say(f"{len(stack.resources)} resources")
            with step("acceptance suite"):
                accepted = acceptance(stack)
            with step("contract"):
                conforming = conform(emulator, stack, arguments.seed)
            with step("roles"):
                refused = roles.check(stack, declared)
                say(refused)
            with step("commands"):
                commands(stack)
            with step("messages"):
                messages(emulator, stack)
            with step("update in place"):
                update(emulator, stack)
        except Exception:
            print(f"\nWhat functions last logged of trouble:\n{stack.last_words()}", flush=True)
            raise
        with step("tear down"):
            tear_down(stack)
    finally:
        stand_ins.stop()
        emulator.stop()

    minutes = (time.monotonic() - began) / 60
    summary = f"deployed: {accepted}; {conforming}; {refused}; {minutes:.1f} minutes"
    summary_file.write_text(summary + "\n", encoding="utf-8")
    print(f"\n{summary}")


try:
    main()
except (Failure, subprocess.CalledProcessError) as failure:
    sys.exit(f"\ndeployed: FAILED: {failure}")
except KeyboardInterrupt:
    sys.exit(130)

"""The emulator as a process, and a stack on it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "target/deploy"
ARTIFACTS = "artifacts"


class Failure(Exception):
    """Something does not hold."""


def expect(holds: object, message: str) -> None:
    if not holds:
        raise Failure(message)


def run(command: list[str], log: Path) -> str:
    """Runs a command and returns what it said, which is in the log, too."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        raise Failure(f"{command[0]} {command[1]} failed with status {done.returncode}:\n{tail(done.stdout, 30)}")
    return done.stdout


def follow(command: list[str], log: Path, environment: dict[str, str], seconds_max: int) -> tuple[int, list[str]]:
    """Runs a command that may take minutes. What it says goes to the terminal, to the log, and back line by line."""
    # A session of its own, so that what the command starts is stopped with it.
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )
    overdue = threading.Timer(seconds_max, os.killpg, [running.pid, signal.SIGKILL])
    overdue.start()
    said = []
    with running, log.open("w", encoding="utf-8") as file:
        try:
            for line in running.stdout or ():
                print(line, end="", flush=True)
                file.write(line)
                said.append(line)
        except BaseException:
            os.killpg(running.pid, signal.SIGKILL)
            raise
        finally:
            in_time = overdue.is_alive()
            overdue.cancel()
    expect(in_time, f"{command[0]} took longer than {seconds_max} s")
    return running.returncode, said


def tail(text: str, lines: int) -> str:
    return "\n".join(text.splitlines()[-lines:])


def isolate(url: str) -> None:
    """Points everything that speaks to AWS at the emulator, and takes the user's own account out of its reach."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SAM_", "CAMPUS_"))]:
        del os.environ[name]
    os.environ.update(
        AWS_ENDPOINT_URL=url,
        AWS_REGION="ap-northeast-2",
        AWS_DEFAULT_REGION="ap-northeast-2",
        # The emulator takes any credentials that are no role's or user's for the account's owner.
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="127.0.0.1",
        no_proxy="127.0.0.1",
        SAM_CLI_TELEMETRY="0",
        # Where SAM keeps notes of its own.
        __SAM_CLI_APP_DIR=str(WORK / "sam"),
    )


class Emulator:
    """An emulated AWS of our own."""

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = WORK / "emulator.log"
        self.scratch = WORK / "tmp"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        isolate(self.url)
        with self.log.open("w") as log:
            # A session of its own: Ctrl-C is for us, and functions' processes are stopped with it.
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "infra/deploy/emulator.py"), "--port", str(port), "--end-with-parent"],
                stdout=log, stderr=log, env={**os.environ, "TMPDIR": str(self.scratch)}, start_new_session=True,
            )
        try:
            self.await_answer()
        except BaseException:
            self.stop()
            raise

    def await_answer(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            expect(self.process.poll() is None, f"the emulator ended:\n{tail(self.log.read_text(), 20)}")
            try:
                self.get("/_ministack/health")
                return
            except OSError:
                time.sleep(0.1)
        raise Failure("the emulator does not answer")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        # The functions' programs, unpacked.
        shutil.rmtree(self.scratch, ignore_errors=True)


class Stack:
    """The system, as a stack of this name."""

    def __init__(self, name: str, template: Path) -> None:
        self.name = name
        self.template = template

    def deploy(self, parameters: dict[str, Any]) -> str:
        """Has the SAM CLI create or update the stack, as on AWS, and returns what it said."""
        for attribute in ("outputs", "resources"):
            self.__dict__.pop(attribute, None)
        s3 = boto3.client("s3")
        try:
            s3.head_bucket(Bucket=ARTIFACTS)
        except ClientError:
            s3.create_bucket(
                Bucket=ARTIFACTS,
                CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]},
            )
        return run(
            [
                "sam", "deploy", "--template-file", str(self.template), "--stack-name", self.name,
                "--s3-bucket", ARTIFACTS, "--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND",
                "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
                "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()),
            ],
            WORK / "deploy.log",
        )

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [resource for page in pages for resource in page["StackResourceSummaries"]]

    def physical(self, kind: str) -> dict[str, str]:
        """Physical ids by logical ones, of the resources of a type such as `AWS::DynamoDB::Table`."""
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in self.resources
            if resource["ResourceType"] == kind
        }

    @cached_property
    def outputs(self) -> dict[str, str]:
        stack = boto3.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    @property
    def url(self) -> str:
        """Where the emulator serves the API. Its own URL names a host that needs name resolution."""
        return f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{self.outputs['ApiId']}/$default"

    def delete(self) -> None:
        client = boto3.client("cloudformation")
        client.delete_stack(StackName=self.name)
        client.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def last_words(self) -> str:
        """What functions last said of trouble, function by function. They log nothing secret."""
        logs, said = boto3.client("logs"), []
        for group in self.log_groups():
            events = logs.filter_log_events(logGroupName=group["logGroupName"]).get("events", [])
            lines = [event["message"].strip() for event in events]
            trouble = [line for line in lines if re.search("ERROR|WARN|panicked", line)]
            if trouble:
                said.append("\n  ".join([f"{group['logGroupName']}:", *trouble[-5:]]))
        return "\n".join(said) or "nothing"

    def log_groups(self) -> list[dict[str, Any]]:
        """The functions' log groups."""
        pages = boto3.client("logs").get_paginator("describe_log_groups")
        return list(pages.paginate(logGroupNamePrefix=f"/aws/lambda/{self.name}-").search("logGroups"))

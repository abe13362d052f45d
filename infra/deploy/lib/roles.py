"""Acts as each function's role, and tries whatever the role is not granted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deployed import Failure, Stack

# None of these can change anything: each names an item that is not there, and demands that it is.
KEY = {"pk": {"S": "DEPLOYMENT-TEST"}, "sk": {"S": "-"}}
THERE = {"ConditionExpression": "attribute_exists(pk)"}
TABLE_ACTIONS: dict[str, Callable[..., Any]] = {
    "dynamodb:GetItem": lambda client, table: client.get_item(TableName=table, Key=KEY),
    "dynamodb:BatchGetItem": lambda client, table: client.batch_get_item(RequestItems={table: {"Keys": [KEY]}}),
    "dynamodb:Query": lambda client, table: client.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": KEY["pk"]}
    ),
    "dynamodb:Scan": lambda client, table: client.scan(TableName=table, Limit=1),
    "dynamodb:PutItem": lambda client, table: client.put_item(TableName=table, Item=KEY, **THERE),
    "dynamodb:UpdateItem": lambda client, table: client.update_item(TableName=table, Key=KEY, **THERE),
    "dynamodb:DeleteItem": lambda client, table: client.delete_item(TableName=table, Key=KEY, **THERE),
    "dynamodb:BatchWriteItem": lambda client, table: client.batch_write_item(
        RequestItems={table: [{"DeleteRequest": {"Key": KEY}}]}
    ),
    "dynamodb:ConditionCheckItem": lambda client, table: client.transact_write_items(
        TransactItems=[{"ConditionCheck": {"TableName": table, "Key": KEY, **THERE}}]
    ),
}
DENIALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


@dataclass
class Trial:
    """One action on one thing, called as grants call it: `table accounts`."""

    resource: str
    action: str
    operation: Callable[..., Any]
    # What would go out to someone is tried only where it has to be denied.
    harmless: bool = True

    @property
    def service(self) -> str:
        return self.action.split(":", 1)[0]


def trials(stack: Stack) -> list[Trial]:
    """Everything that a function may be granted, and what none may."""
    found = []
    for table in stack.physical("AWS::DynamoDB::Table").values():
        for action, operation in TABLE_ACTIONS.items():
            found.append(Trial(called(stack, "table", table), action, partial(operation, table=table)))
    for url in stack.physical("AWS::SQS::Queue").values():
        send = partial(send_message, url=url)
        found.append(Trial(called(stack, "queue", url.rsplit("/", 1)[-1]), "sqs:SendMessage", send, harmless=False))
    for arn in stack.physical("AWS::SecretsManager::Secret").values():
        name = boto3.client("secretsmanager").describe_secret(SecretId=arn)["Name"]
        read = partial(get_secret_value, name=name)
        found.append(Trial(called(stack, "secret", name), "secretsmanager:GetSecretValue", read))
    found.append(Trial("sms", "sns:Publish", publish, harmless=False))
    found.append(Trial("email", "ses:SendEmail", send_email, harmless=False))
    found.append(Trial("email", "ses:SendRawEmail", send_raw_email, harmless=False))
    return found


def called(stack: Stack, kind: str, physical: str) -> str:
    return f"{kind} {physical.removeprefix(stack.name + '-')}"


def send_message(client: Any, url: str) -> None:
    client.send_message(QueueUrl=url, MessageBody="{}")


def get_secret_value(client: Any, name: str) -> None:
    client.get_secret_value(SecretId=name)


def publish(client: Any) -> None:
    client.publish(PhoneNumber="+821000000000", Message="no")


def send_email(client: Any) -> None:
    message = {"Subject": {"Data": "no"}, "Body": {"Text": {"Data": "no"}}}
    client.send_email(
        Source="campus@campus.example", Destination={"ToAddresses": ["nobody@campus.example"]}, Message=message
    )


def send_raw_email(client: Any) -> None:
    client.send_raw_email(
        Source="campus@campus.example",
        Destinations=["nobody@campus.example"],
        RawMessage={"Data": b"Subject: no\r\n\r\nno"},
    )


def is_denied(trial: Trial, client: Any) -> bool:
    try:
        trial.operation(client)
    except ClientError as error:
        return error.response["Error"]["Code"] in DENIALS
    return False


def destinations(stack: Stack) -> set[tuple[str, str]]:
    """Functions, and the queues where Lambda, in their roles, leaves word of the records that they gave up."""
    mappings = boto3.client("lambda").get_paginator("list_event_source_mappings").paginate()
    found = set()
    for mapping in mappings.search("EventSourceMappings"):
        if arn := mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
            function, queue = (name.rsplit(":", 1)[-1] for name in (mapping["FunctionArn"], arn))
            prefix = f"{stack.name}-"
            found.add((function.removeprefix(prefix), f"queue {queue.removeprefix(prefix)}"))
    return found


def check(stack: Stack, declared: dict[str, Any]) -> str:
    """Compares what each function's role may do with what the code declares, by trying it."""
    physical = stack.physical("AWS::IAM::Role")
    if strangers := set(physical) - {function["role"] for function in declared.values()}:
        raise Failure(f"roles that belong to no function: {', '.join(sorted(strangers))}")
    account = boto3.client("sts").get_caller_identity()["Account"]
    tried, leaves_word = trials(stack), destinations(stack)
    faults, denied, allowed = [], 0, 0
    for name, function in sorted(declared.items()):
        granted = {(grant["resource"], action) for grant in function["grants"] for action in grant["actions"]}
        if unknown := granted - {(trial.resource, trial.action) for trial in tried}:
            raise Failure(f"{name} is granted what is not deployed, or not tried: {sorted(unknown)}")
        role = physical[function["role"]]
        runs_as = boto3.client("lambda").get_function_configuration(FunctionName=f"{stack.name}-{name}")["Role"]
        if not runs_as.endswith(f"/{role}"):
            raise Failure(f"{name} runs as {runs_as}, not as {role}")
        credentials = boto3.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="deployment-test"
        )["Credentials"]
        session = boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
        # A service is called in boto3 as its actions begin in IAM.
        clients: dict[str, Any] = {
            service: session.client(service) for service in {trial.service for trial in tried}
        }
        for trial in tried:
            is_granted = (trial.resource, trial.action) in granted
            if (is_granted and not trial.harmless) or (name, trial.resource) in leaves_word:
                continue
            if is_denied(trial, clients[trial.service]) == is_granted:
                verdict = "is denied" if is_granted else "is allowed"
                faults.append(f"{name}: {trial.action} on {trial.resource} {verdict}")
            denied += not is_granted
            allowed += is_granted
    if faults:
        raise Failure("roles and grants differ:\n  " + "\n  ".join(faults))
    tables = len(stack.physical("AWS::DynamoDB::Table"))
    return (
        f"{len(declared)} functions x {tables} tables: {denied} calls that no grant allows were denied"
        f" (queues, secrets, SMS and mail among them), {allowed} that one allows were not"
    )

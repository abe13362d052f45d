"""What functions may do."""

from rules import Holds, differences, rule, short
from rules.calls import caller, functions, properties
from system import ROLE, attribute, of_type, ref, sub

# Actions that no resource can be named for, and why not.
STARS = {
    "sns:Publish": "SNS knows no resource for a phone number; a Deny beside it keeps it from topics",
    "ses:SendEmail": "the sender's identity may be its address or its domain; a condition names the sender",
    "ses:SendRawEmail": "as SendEmail",
    "xray:PutTraceSegments": "X-Ray knows no resource for a trace",
    "xray:PutTelemetryRecords": "as PutTraceSegments",
}
NO_TOPICS = {"Effect": "Deny", "Action": ["sns:Publish"], "Resource": sub("arn:${AWS::Partition}:sns:*:*:*")}
THIS_SENDER = {"StringEqualsIfExists": {"ses:FromAddress": ref("EmailSender")}}

# Whose ARN a parameter holds, by the end of its name; the others are secrets.
SERVICES = {"TableArn": "dynamodb", "TableStreamArn": "dynamodb", "QueueArn": "sqs", "Arn": "secretsmanager"}

LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
POLL_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
LIST_STREAMS = "dynamodb:ListStreams"
TRACE = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
LAMBDA_ITSELF = {*LOG, *POLL_QUEUE, *READ_STREAM, LIST_STREAMS, *TRACE}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    """All that a role may come to hold, whatever is switched on."""
    written = [one for policy in role.get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]
    return [one for statement in written for one in either(statement) if one != ref("AWS::NoValue")]


def either(statement):
    return statement["Fn::If"][1:] if "Fn::If" in statement else [statement]


def each_role(system):
    for file, stack in system.stacks.items():
        for name, role in of_type(stack, ROLE).items():
            yield file, stack, name, role


def each_statement(system):
    for file, stack, name, role in each_role(system):
        for number, statement in enumerate(statements(role), 1):
            yield f"{file} {name} {number}", stack, name, role, statement


@rule
def roles_are_for_lambda_alone(system):
    """With policies of their own alone: a managed one grants what its author pleases, later too."""
    service = {"Service": "lambda.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": service}],
    }
    for file, _, name, role in each_role(system):
        wanted = {"AssumeRolePolicyDocument": trust, "Policies": Holds("one policy", lambda value: len(value) == 1)}
        for text in differences(role, wanted):
            yield f"{file} {name}", text


@rule
def no_action_is_a_pattern(system):
    for place, _, _, _, statement in each_statement(system):
        for action in listed(statement.get("Action", "*")):
            if "*" in action or "?" in action:
                yield place, f"allows {action}"
        for key in sorted(statement.keys() - {"Effect", "Action", "Resource", "Condition"}):
            yield place, f"{key} does not belong here"


@rule
def resources_are_named(system):
    """Each statement is for one of the resources that the stack was handed, and for actions of its service."""
    for place, stack, name, role, statement in each_statement(system):
        resource, actions = statement.get("Resource"), listed(statement.get("Action", "*"))
        if statement["Effect"] != "Allow":
            if statement != NO_TOPICS:
                yield place, "denies something else than topics"
            continue
        if resource == "*":
            for action in actions:
                if action not in STARS:
                    yield place, f"{action} is for any resource"
            if "sns:Publish" in actions and NO_TOPICS not in statements(role):
                yield place, "may publish to topics"
            if {"ses:SendEmail", "ses:SendRawEmail"} & set(actions) and statement.get("Condition") != THIS_SENDER:
                yield place, "may send as anyone"
            continue
        parameter = resource.get("Ref", "") if isinstance(resource, dict) else ""
        service = next((of for end, of in SERVICES.items() if parameter.endswith(end)), None)
        if service and parameter in stack["Parameters"]:
            for action in actions:
                if action.split(":")[0] != service:
                    yield place, f"{action} does not go with {parameter}"
        elif resource not in (attribute(name.removesuffix("Role") + "LogGroup", "Arn"), *streams(stack)):
            yield place, f"is for {short(resource)}"


def streams(stack):
    return [sub(f"${{{name}}}/stream/*") for name in stack["Parameters"] if name.endswith("TableArn")]


@rule
def roles_have_what_lambda_itself_needs(system):
    """The emulator polls without asking the role; AWS does not. Nobody but a source's reader may take from it."""
    for file, stack in system.stacks.items():
        for function in functions(stack):
            wanted = {(action, short(attribute(f"{function}LogGroup", "Arn"))) for action in LOG}
            wanted |= {(action, short("*")) for action in TRACE}
            kind, source = caller(stack, function), properties(stack, f"{function}Source").get("EventSourceArn")
            if kind == "queue":
                wanted |= {(action, short(source)) for action in POLL_QUEUE}
            elif kind == "stream":
                table = source["Ref"].removesuffix("StreamArn") + "Arn"
                wanted |= {(action, short(source)) for action in READ_STREAM}
                wanted |= {(LIST_STREAMS, short(sub(f"${{{table}}}/stream/*")))}
                wanted |= {("sqs:SendMessage", short(ref("StreamDeadQueueArn")))}
            found = {
                (action, short(statement.get("Resource")))
                for statement in statements(properties(stack, f"{function}Role"))
                for action in listed(statement.get("Action", "*"))
                if action in LAMBDA_ITSELF or statement.get("Resource") == ref("StreamDeadQueueArn")
            }
            for action, resource in sorted(wanted - found):
                yield f"{file} {function}Role", f"lacks {action} on {resource}"
            for action, resource in sorted(found - wanted):
                yield f"{file} {function}Role", f"may {action} on {resource}"

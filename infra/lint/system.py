"""What the rules look at: the templates as data, and what code and configuration say about them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]
ROOT = "template.yaml"

FUNCTION = "AWS::Serverless::Function"
LOG_GROUP = "AWS::Logs::LogGroup"
ROLE = "AWS::IAM::Role"
INTEGRATION = "AWS::ApiGatewayV2::Integration"
ROUTE = "AWS::ApiGatewayV2::Route"
PERMISSION = "AWS::Lambda::Permission"
SOURCE = "AWS::Lambda::EventSourceMapping"
RETRIES = "AWS::Lambda::EventInvokeConfig"
SCHEDULE = "AWS::Events::Rule"
ALARM = "AWS::CloudWatch::Alarm"
DASHBOARD = "AWS::CloudWatch::Dashboard"
API = "AWS::ApiGatewayV2::Api"
STAGE = "AWS::ApiGatewayV2::Stage"
TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
SECRET = "AWS::SecretsManager::Secret"
STACK = "AWS::CloudFormation::Stack"
TOPIC = "AWS::SNS::Topic"
SUBSCRIPTION = "AWS::SNS::Subscription"
IDENTITY = "AWS::SES::EmailIdentity"
CONFIGURATION = "AWS::SES::ConfigurationSet"
EVENTS = "AWS::SES::ConfigurationSetEventDestination"
TOPIC_POLICY = "AWS::SNS::TopicPolicy"
QUEUE_POLICY = "AWS::SQS::QueuePolicy"


class Loader(yaml.SafeLoader):
    """Reads intrinsic functions in their long form: `!Ref X` as `{"Ref": "X"}`, so that none passes for text."""


def intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", intrinsic)


def ref(name):
    return {"Ref": name}


def attribute(name, of):
    return {"Fn::GetAtt": [name, of]}


def sub(text):
    return {"Fn::Sub": text}


def of_type(template, kind):
    """Properties of the template's resources of a type, by their logical ids."""
    resources = template["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in resources if resource["Type"] == kind}


def texts(value):
    """Every piece of text within a value, the keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def pascal(name):
    return "".join(word.capitalize() for word in re.split("[-_]", name))


@dataclass
class Code:
    """What the code says. `tables` tells of each whether it is streamed; `cors` is the local front door's; `mail` is
    what it calls the configuration set of mail."""

    tables: dict
    queues: list
    secrets: list
    cors: dict
    hidden: dict
    mail: str
    receives: int


@dataclass
class System:
    """`stacks` and `sizes` are by file."""

    root: dict
    stacks: dict
    sizes: dict
    code: Code
    config: dict

    def templates(self):
        return {ROOT: self.root, **self.stacks}


def found(pattern, text):
    """All matches. None means that the code is written differently now: better to fail than to compare nothing."""
    matches = re.findall(pattern, text, re.DOTALL)
    if not matches:
        raise LookupError(f"nothing in the code looks like {pattern}")
    return matches


def read_code(project):
    def read(path):
        return (project / path).read_text(encoding="utf-8")

    resources, clients, door, local = (
        read("shared/aws/src/resource.rs"),
        read("shared/aws/src/clients.rs"),
        read("infra/local/src/http.rs"),
        read("infra/local/src/system.rs"),
    )

    def declared(kind, rest=""):
        named = found(rf'pub const (\w+): {kind} = {kind} {{ name: "([\w-]+)"{rest} }};', resources)
        names = {constant: values for constant, *values in named}
        listed = re.findall(r"\w+", found(rf"pub const \w+: \[{kind}; \d+\] =\s+\[(.*?)\];", resources)[0])
        if set(listed) != set(names):
            raise LookupError(f"the list of all is not what is declared of {kind}")
        return [names[constant] for constant in listed]

    def headers(call):
        return re.findall(r'"([^"]+)"', found(rf"\.{call}\(\w+::list\(named\(&\[(.*?)\]\)\)\)", door)[0])

    return Code(
        tables={name: streamed == "true" for name, streamed in declared("Table", r", streamed: (true|false)")},
        queues=[name for name, _ in declared("Queue", r", hidden_seconds: (\d+)")],
        secrets=[name for (name,) in declared("Secret")],
        cors={
            "AllowMethods": re.findall(r"Method::(\w+)", found(r"\.allow_methods\((.*?)\]\)\)", door)[0]),
            "AllowHeaders": headers("allow_headers"),
            "ExposeHeaders": headers("expose_headers"),
            "MaxAge": int(found(r"\.max_age\(std::time::Duration::from_secs\((\d+)\)\)", door)[0]),
        },
        hidden={name: int(seconds) for name, seconds in declared("Queue", r", hidden_seconds: (\d+)")},
        mail=found(r'fn mail_configuration\(.*?format!\("\{\}([\w-]+)", self\.prefix\)', clients)[0],
        receives=int(found(r"const RECEIVES_MAX: u32 = (\d+);", local)[0]),
    )


def read_system(project=PROJECT):
    files = [ROOT, *sorted(str(path.relative_to(project)) for path in (project / "infra/stacks").iterdir())]
    templates = {file: (project / file).read_bytes() for file in files}
    parsed = {file: yaml.load(text, Loader) for file, text in templates.items()}
    return System(
        root=parsed.pop(ROOT),
        stacks=parsed,
        sizes={file: len(text) for file, text in templates.items()},
        code=read_code(project),
        config=tomllib.loads((project / "samconfig.toml").read_text(encoding="utf-8")),
    )

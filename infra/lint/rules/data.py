"""What holds data: tables and secrets, and the names that code finds things by."""

from rules import PRESENT, Holds, differences, rule
from system import (
    ALARM, API, CONFIGURATION, EVENTS, IDENTITY, LOG_GROUP, QUEUE, QUEUE_POLICY, SECRET, SOURCE, STACK, STAGE,
    SUBSCRIPTION, TABLE, TOPIC, TOPIC_POLICY, of_type, pascal, ref, sub, texts,
)

# A type that is not here is one that no rule looks at: a policy of a secret, say, or a key.
TYPES = {
    API, STAGE, TABLE, QUEUE, SECRET, STACK, LOG_GROUP, IDENTITY, TOPIC, SUBSCRIPTION, ALARM, CONFIGURATION, EVENTS,
    TOPIC_POLICY, QUEUE_POLICY,
}


@rule
def the_root_holds_known_types(system):
    for name, resource in system.root["Resources"].items():
        if resource["Type"] not in TYPES:
            yield f"template.yaml {name}", f"no rule knows of {resource['Type']}"
    for kind in (API, STAGE, LOG_GROUP):
        if len(of_type(system.root, kind)) != 1:
            yield "template.yaml", f"has {len(of_type(system.root, kind))} of {kind}, not one"


@rule
def names_are_those_of_the_code(system):
    """Code finds tables, queues and secrets by name. One that no code names would only cost."""
    code = system.code
    wanted = {
        (TABLE, "TableName"): {f"{pascal(name)}Table": name for name in code.tables},
        (QUEUE, "QueueName"): {
            **{f"{pascal(name)}Queue": name for name in code.queues},
            **{f"{pascal(name)}DeadQueue": f"{name}-dead" for name in [*code.queues, "stream"]},
        },
        (SECRET, "Name"): {pascal(name): name for name in code.secrets},
    }
    for (kind, key), names in wanted.items():
        found = of_type(system.root, kind)
        for name in sorted(names.keys() - found.keys()):
            yield f"template.yaml {name}", "the code names it, and it is not there"
        for name in sorted(found.keys() - names.keys()):
            yield f"template.yaml {name}", "the code names no such thing"
        for name in sorted(names.keys() & found.keys()):
            physical = sub(f"${{AWS::StackName}}-{names[name]}")
            if found[name].get(key) != physical:
                yield f"template.yaml {name}", f"{key} is not {physical['Fn::Sub']}"


def streams_read(system):
    """Tables whose streams are read, by their logical ids."""
    sources = [source for stack in system.stacks.values() for source in of_type(stack, SOURCE).values()]
    arns = [source["EventSourceArn"].get("Ref", "") for source in sources]
    return {arn.removesuffix("StreamArn") for arn in arns if arn.endswith("TableStreamArn")}


@rule
def tables_are_on_demand_backed_up_and_encrypted(system):
    for name, table in of_type(system.root, TABLE).items():
        wanted = {
            "TableName": PRESENT,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": PRESENT,
            "KeySchema": PRESENT,
            # Reads compare the same attribute: TTL on another would let records stay for ever.
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True},
            "DeletionProtectionEnabled": {"Fn::If": ["IsProtected", True, False]},
        }
        if "StreamSpecification" in table:
            wanted["StreamSpecification"] = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
        for text in differences(table, wanted):
            yield f"template.yaml {name}", text
    if system.root["Conditions"].get("IsProtected") != {"Fn::Equals": [ref("DeletionProtection"), "true"]}:
        yield "template.yaml IsProtected", "is not what DeletionProtection says"


@rule
def streams_are_where_workers_read(system):
    """A stream that nobody reads lets an outbox look delivered; a worker without one never runs."""
    read = streams_read(system)
    for name, table in of_type(system.root, TABLE).items():
        streamed = next((there for table, there in system.code.tables.items() if name == f"{pascal(table)}Table"), None)
        if ("StreamSpecification" in table) != (name in read):
            yield f"template.yaml {name}", "has a stream that no worker reads, or a worker and no stream"
        if streamed is not None and ("StreamSpecification" in table) != streamed:
            yield f"template.yaml {name}", f"the code says that streamed is {str(streamed).lower()}"


@rule
def data_outlives_the_stack(system):
    for kind in (TABLE, SECRET):
        for name in of_type(system.root, kind):
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if system.root["Resources"][name].get(policy) != "Retain":
                    yield f"template.yaml {name}", f"{policy} is not Retain"


@rule
def secrets_are_generated(system):
    """So nobody has ever known one."""
    for name, secret in of_type(system.root, SECRET).items():
        long = Holds(
            "64 letters and digits",
            lambda value: value == {"PasswordLength": 64, "ExcludePunctuation": True},
        )
        for text in differences(secret, {"Name": PRESENT, "Description": PRESENT, "GenerateSecretString": long}):
            yield f"template.yaml {name}", text


@rule
def no_value_of_a_secret_is_in_a_template(system):
    """A dynamic reference puts a secret's value where whoever may describe the resource reads it."""
    for file, template in system.templates().items():
        for section in template:
            if section == "Resources":
                continue
            if any("{{resolve:" in text for text in texts(template[section])):
                yield f"{file} {section}", "resolves a secret"
        for name, resource in template["Resources"].items():
            if any("{{resolve:" in text for text in texts(resource)):
                yield f"{file} {name}", "resolves a secret"

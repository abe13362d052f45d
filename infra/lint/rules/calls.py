"""Who may call a function, and what does."""

import re

from rules import PRESENT, Holds, differences, rule
from system import (
    ALARM, API, DASHBOARD, FUNCTION, INTEGRATION, LOG_GROUP, PERMISSION, RETRIES, ROLE, ROUTE, SCHEDULE, SOURCE,
    STAGE, attribute, of_type, ref, sub,
)

# A stack's logical ids are a function's name and one of these.
ALWAYS = {"Function": FUNCTION, "LogGroup": LOG_GROUP, "Role": ROLE}
BY_CALLER = {
    "route": {"Route": ROUTE, "Integration": INTEGRATION, "Permission": PERMISSION},
    "schedule": {"Source": SCHEDULE, "Permission": PERMISSION, "Retries": RETRIES, "ErrorsAlarm": ALARM},
    # Lambda asks a queue and a stream itself, with the function's role: nobody else needs a permission.
    "queue": {"Source": SOURCE},
    "stream": {"Source": SOURCE, "LagAlarm": ALARM},
    # An operator, by the right to invoke functions, which nobody is given here.
    "command": {},
}
# What the generator begins the description of a command with.
IS_COMMAND = "Command: "
IS_POSITIVE = Holds("a number above 0", lambda value: isinstance(value, int) and value > 0)
# API Gateway answers 503 after 30 seconds, and the function would go on unheard.
ANSWERS_IN_TIME = Holds("1 to 29", lambda value: isinstance(value, int) and 1 <= value <= 29)


def properties(stack, name):
    return stack["Resources"].get(name, {}).get("Properties", {})


def functions(stack):
    """What the logical ids of each function's resources begin with."""
    return [name.removesuffix("Function") for name in of_type(stack, FUNCTION)]


def caller(stack, function):
    """What calls the function: a key of BY_CALLER, or nothing."""
    source = stack["Resources"].get(f"{function}Source", {})
    if f"{function}Route" in stack["Resources"]:
        return "route"
    if source.get("Type") == SCHEDULE:
        return "schedule"
    if source.get("Type") == SOURCE:
        arn = source["Properties"]["EventSourceArn"].get("Ref", "")
        return "stream" if arn.endswith("TableStreamArn") else "queue" if arn.endswith("QueueArn") else None
    if not source and str(properties(stack, f"{function}Function").get("Description", "")).startswith(IS_COMMAND):
        return "command"
    return None


@rule
def every_function_has_what_calls_it_and_nothing_more(system):
    """One caller each. A second permission, a function's URL or any other resource has no place in a stack."""
    for file, stack in system.stacks.items():
        wanted = {}
        for function in functions(stack):
            kind = caller(stack, function)
            if kind is None:
                yield f"{file} {function}Function", "nothing calls it"
            for suffix, resource in {**ALWAYS, **BY_CALLER.get(kind, {})}.items():
                wanted[function + suffix] = resource
        for name in sorted(wanted.keys() - stack["Resources"].keys()):
            yield f"{file} {name}", "is missing"
        for name, resource in stack["Resources"].items():
            if name not in wanted and resource["Type"] != DASHBOARD:
                yield f"{file} {name}", f"a {resource['Type']} does not belong here"
            elif resource["Type"] != wanted.get(name, DASHBOARD):
                yield f"{file} {name}", f"is a {resource['Type']}, not a {wanted[name]}"


@rule
def nothing_is_left_out(system):
    """A condition could leave a permission, an alarm or a table out of some stages, unseen here."""
    conditional = {"AlarmSubscription", "ServerErrorsAlarm"}
    for file, template in system.templates().items():
        for name, resource in template["Resources"].items():
            if "Condition" in resource and name not in conditional and resource["Type"] != DASHBOARD:
                yield f"{file} {name}", "has a condition"


@rule
def functions_are_plain(system):
    """SAM makes URLs, events, aliases and policies out of other properties."""
    for file, stack in system.stacks.items():
        for function in functions(stack):
            wanted = {
                "FunctionName": Holds("the stack's name and its own", is_named_after_the_stack),
                "Description": PRESENT,
                "Handler": PRESENT,
                "MemorySize": IS_POSITIVE,
                "Timeout": ANSWERS_IN_TIME if caller(stack, function) == "route" else IS_POSITIVE,
                "Role": attribute(f"{function}Role", "Arn"),
                "LoggingConfig": {"LogGroup": ref(f"{function}LogGroup")},
            }
            for text in differences(properties(stack, f"{function}Function"), wanted):
                yield f"{file} {function}Function", text
        shared = dict(stack.get("Globals", {}).get("Function", {}))
        shared.pop("Environment", None)
        wanted = {
            "Runtime": "provided.al2023",
            "Architectures": [ref("Architecture")],
            "CodeUri": Holds("a bundle", lambda value: isinstance(value, str) and value.endswith("/bootstrap.zip")),
            "LoggingConfig": {"LogFormat": "JSON"},
            "Tracing": {"Fn::If": ["HasTraces", "Active", "PassThrough"]},
        }
        for text in differences(shared, wanted):
            yield f"{file} Globals", text
        if stack.get("Conditions", {}).get("HasTraces") != {"Fn::Equals": [ref("Traces"), "true"]}:
            yield f"{file} Conditions", "HasTraces is not what the parameter says"
        if set(stack.get("Globals", {})) != {"Function"}:
            yield f"{file} Globals", "is for functions alone"


def is_named_after_the_stack(name):
    return re.fullmatch(r"\$\{StackName\}-[a-z0-9_]+", name.get("Fn::Sub", "")) is not None


@rule
def every_route_leads_to_its_function(system):
    for file, stack in system.stacks.items():
        for function in functions(stack):
            if caller(stack, function) != "route":
                continue
            wanted = {
                "ApiId": ref("Api"),
                "RouteKey": Holds("a method and a path", is_route_key),
                "Target": sub(f"integrations/${{{function}Integration}}"),
            }
            for text in differences(properties(stack, f"{function}Route"), wanted):
                yield f"{file} {function}Route", text
            wanted = {
                "ApiId": ref("Api"),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": attribute(f"{function}Function", "Arn"),
                "PayloadFormatVersion": "2.0",
            }
            for text in differences(properties(stack, f"{function}Integration"), wanted):
                yield f"{file} {function}Integration", text


def is_route_key(key):
    return key == "$default" or re.fullmatch(r"(GET|POST|PUT|PATCH|DELETE) (/[a-z0-9._-]+|/\{[a-z_]+\})+", key)


@rule
def every_route_is_there_once(system):
    """`$default` among them: without it, API Gateway answers unknown paths in its own words."""
    places = {}
    for file, stack in system.stacks.items():
        for name, route in of_type(stack, ROUTE).items():
            places.setdefault(re.sub(r"\{\w+\}", "{}", route.get("RouteKey", "")), []).append(f"{file} {name}")
    for key, found in places.items():
        if len(found) > 1:
            yield found[-1], f"{key} is the route of {found[0]}, too"
    if "$default" not in places:
        yield "infra/stacks", "no route takes what the others do not"


@rule
def permissions_are_for_the_caller_alone(system):
    """API Gateway on exactly the function's route of exactly this API, or EventBridge on its rule."""
    for file, stack in system.stacks.items():
        for function in functions(stack):
            kind = caller(stack, function)
            name = f"{function}Permission"
            if name not in stack["Resources"] or kind not in ("route", "schedule"):
                continue
            if kind == "route":
                key = properties(stack, f"{function}Route")["RouteKey"]
                pattern = re.sub(r"\{\w+\}", "*", key.replace(" ", ""))
                api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}"
                principal, source = "apigateway.amazonaws.com", sub(f"{api}/$default/{pattern}")
            else:
                principal, source = "events.amazonaws.com", attribute(f"{function}Source", "Arn")
            wanted = {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref(f"{function}Function"),
                "Principal": principal,
                "SourceArn": source,
            }
            for text in differences(properties(stack, name), wanted):
                yield f"{file} {name}", text


@rule
def schedules_call_their_function_alone(system):
    for file, stack in system.stacks.items():
        for function in functions(stack):
            if caller(stack, function) != "schedule":
                continue
            source = properties(stack, f"{function}Source")
            wanted = {
                "Description": PRESENT,
                "ScheduleExpression": Holds(
                    "a rate", lambda value: re.fullmatch(r"rate\([1-9][0-9]* minutes?\)", value)
                ),
                "Targets": PRESENT,
            }
            for text in differences(source, wanted):
                yield f"{file} {function}Source", text
            arns = [target["Arn"] for target in source.get("Targets", [])]
            if arns != [attribute(f"{function}Function", "Arn")]:
                yield f"{file} {function}Source", "does not call its function alone"
            # A call that failed is not repeated: the next one does its work.
            wanted = {
                "FunctionName": ref(f"{function}Function"),
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": 0,
                "MaximumEventAgeInSeconds": IS_POSITIVE,
            }
            for text in differences(properties(stack, f"{function}Retries"), wanted):
                yield f"{file} {function}Retries", text


@rule
def the_api_is_one_for_known_origins(system):
    """Browsers refuse `*` where cookies are sent, and so do we. The other lists are the local front door's,
    so that what works there works here."""
    for name, api in of_type(system.root, API).items():
        wanted = {"Name": ref("AWS::StackName"), "ProtocolType": "HTTP", "CorsConfiguration": PRESENT}
        for text in differences(api, wanted):
            yield f"template.yaml {name}", text
        wanted = {"AllowCredentials": True, "AllowOrigins": ref("AllowedOrigins"), **system.code.cors}
        for text in differences(api.get("CorsConfiguration", {}), wanted):
            yield f"template.yaml {name}", f"CORS: {text}"
    origins = system.root["Parameters"]["AllowedOrigins"]
    for origin in ("*", "https://*", "https://*.campus.example", "null"):
        if re.fullmatch(origins.get("AllowedPattern", ".*"), origin):
            yield "template.yaml AllowedOrigins", f"takes {origin}"
    if system.code.cors["MaxAge"] != 600:
        yield "infra/local/src/http.rs", "CORS: MaxAge is not 600"


@rule
def the_stage_is_throttled(system):
    """The permissions name the stage `$default`. Settings of one route would lift the limits from it."""
    for name, stage in of_type(system.root, STAGE).items():
        wanted = {
            "ApiId": ref("Api"),
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": Holds(
                "a rate and a burst",
                lambda value: set(value) == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
                and all(IS_POSITIVE.test(limit) for limit in value.values()),
            ),
            "AccessLogSettings": PRESENT,
        }
        for text in differences(stage, wanted):
            yield f"template.yaml {name}", text

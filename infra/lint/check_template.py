"""Compares template.yaml with the functions in the code, as long as the template is written by hand.

Reads the declarations (NAME, ROUTE, GRANTS, ...) as text, so it needs no build. Each function must have
the handler, memory, route, permission and role that they imply, and the template must have no others.
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]

IAM = {
    "get": "dynamodb:GetItem",
    "batch_get": "dynamodb:BatchGetItem",
    "query": "dynamodb:Query",
    "put": "dynamodb:PutItem",
    "update": "dynamodb:UpdateItem",
    "delete": "dynamodb:DeleteItem",
    "check": "dynamodb:ConditionCheckItem",
    "send": "sqs:SendMessage",
    "read": "secretsmanager:GetSecretValue",
    "publish": "sns:Publish",
    "send_email": "ses:SendEmail",
}
TABLES = {"ACCOUNTS", "SESSIONS", "KEYS", "PROFILES", "REQUESTS", "NOTIFICATIONS"}
MEMORY = {None: 256, "STANDARD": 256, "HASHING": 1769}


def pascal(name):
    return "".join(word.capitalize() for word in re.split("[_-]", name.lower()))


def resource(name):
    """What a grant's resource is in the template; SMS and mail have none."""
    if name in ("SMS", "EMAIL"):
        return "*"
    return pascal(name) + ("Table" if name in TABLES else "")


def declared():
    """The functions in the code, by handler."""
    functions = {}
    for path in sorted(ROOT.glob("functions/*/src/**/*.rs")):
        for text in re.split(r"(?m)^impl (?=Endpoint|Worker)", path.read_text(encoding="utf-8"))[1:]:

            def find(pattern):
                found = re.search(pattern, text, re.DOTALL)
                return found and found[1]

            name = find(r'const NAME: &\'static str = "(\w+)"')
            grants = set()
            listed = find(r"const GRANTS: &'static \[Grant\] =\s*&\[(.*?)\];") or ""
            for one, actions in re.findall(r"([A-Z_]+)((?:\s*\.\w+\(\))+)", listed):
                grants |= {(resource(one), IAM[action]) for action in re.findall(r"\w+", actions)}
            # What Registry::add grants to the runner.
            if find(r"type Access = (\w+)") not in (None, "Public"):
                grants |= {("KeysTable", IAM["batch_get"]), ("SessionsTable", IAM["batch_get"])}
            if find(r"const (LIMITS):"):
                grants.add(("RequestsTable", IAM["update"]))
            route = re.search(r'const ROUTE: Route = (\w+?)(_at_root)?\("(.+?)"\)', text)
            functions[f"{path.relative_to(ROOT).parts[1]}.{name}"] = {
                "route": route and f"{route[1].upper()} {'' if route[2] else '/v1'}{route[3]}",
                "memory": MEMORY[find(r"Tuning = Tuning::(\w+)")],
                "grants": grants,
            }
    return functions


class Loader(yaml.SafeLoader):
    """Reads `!Ref X`, `!GetAtt X.Arn` and the like as their text."""


Loader.add_multi_constructor("!", lambda loader, _, node: (
    loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node, deep=True)
))


def listed(value):
    return value if isinstance(value, list) else [value]


def deployed():
    """The functions in the template, by handler."""
    template = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), Loader)
    resources = template["Resources"]
    functions = {}
    for id, function in resources.items():
        if function["Type"] != "AWS::Serverless::Function":
            continue
        prefix, properties = id.removesuffix("Function"), function["Properties"]
        part = lambda suffix: resources.get(prefix + suffix, {}).get("Properties", {})
        grants = set()
        for statement in part("Role")["Policies"][0]["PolicyDocument"]["Statement"]:
            for target in listed(statement["Resource"]):
                target = re.sub(r"^\${|[.}].*", "", target)
                # The log, and what Lambda itself does with the role for the function's source.
                own = target in (f"{prefix}LogGroup", "RelayDeadQueue") or set(listed(statement["Action"])) & {
                    "sqs:ReceiveMessage", "dynamodb:GetRecords"
                }
                if statement["Effect"] == "Allow" and not own:
                    grants |= {(target, action) for action in listed(statement["Action"])}
        route = part("Route").get("RouteKey")
        functions[properties["Handler"]] = {
            "route": route,
            "memory": properties.get("MemorySize", template["Globals"]["Function"]["MemorySize"]),
            "grants": grants,
        }
        domain, name = properties["Handler"].split(".")
        checks = [
            (id == f"{pascal(name)}Function", "its logical id is not that of its name"),
            (properties["FunctionName"].endswith(f"-{name}"), "its FunctionName is not that of its name"),
            (properties["CodeUri"] == f"target/lambda/campus-{domain}/bootstrap.zip", "its CodeUri is another domain's"),
            (properties["Role"] == f"{prefix}Role.Arn", "its role is another's"),
        ]
        if route:
            source = "${Api}/$default/" + re.sub(r"{\w+}", "*", route.replace(" ", "", 1))
            checks += [
                (part("Route")["Target"] == f"integrations/${{{prefix}Integration}}", "its route leads elsewhere"),
                (part("Integration")["IntegrationUri"] == f"{id}.Arn", "its integration calls another function"),
                (part("Permission")["FunctionName"] == id, "its permission is for another function"),
                (part("Permission")["SourceArn"].endswith(source), f"its permission is not for {source}"),
            ]
        functions[properties["Handler"]]["faults"] = [fault for holds, fault in checks if not holds]
    return functions


def main():
    code, template = declared(), deployed()
    faults = [f"{handler}: is not in template.yaml" for handler in code.keys() - template.keys()]
    faults += [f"{handler}: is not in the code" for handler in template.keys() - code.keys()]
    for handler in code.keys() & template.keys():
        wanted, found = code[handler], template[handler]
        faults += [f"{handler}: {fault}" for fault in found["faults"]]
        for key in ("route", "memory"):
            if wanted[key] != found[key]:
                faults.append(f"{handler}: {key} is {found[key]}, the code says {wanted[key]}")
        faults += [f"{handler}: lacks {action} on {target}" for target, action in wanted["grants"] - found["grants"]]
        faults += [f"{handler}: may {action} on {target}" for target, action in found["grants"] - wanted["grants"]]
    print("\n".join(sorted(faults)) or f"template.yaml and the code agree on {len(code)} functions")
    sys.exit(bool(faults))


main()

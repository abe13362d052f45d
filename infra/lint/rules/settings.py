"""Parameters, what samconfig.toml gives them, and the environment of functions."""

import re

from rules import rule
from system import FUNCTION, of_type, ref, texts

SECRET_NAME = re.compile("SECRET|KEY|PASSWORD|TOKEN|SEED|PEPPER|CREDENTIAL|PRIVATE")
# The length of a password is none.
NO_SECRETS = {"CAMPUS_PASSWORD_MINIMUM"}
FUNCTION_NAME_MAX = 64


@rule
def no_secret_is_in_the_environment(system):
    """Whoever may look at a function reads its environment. Code reads secrets by name instead."""
    for file, stack in system.stacks.items():
        places = {"Globals": stack.get("Globals", {}).get("Function", {}), **of_type(stack, FUNCTION)}
        for place, properties in places.items():
            for variable, value in properties.get("Environment", {}).get("Variables", {}).items():
                if SECRET_NAME.search(variable) and variable not in NO_SECRETS:
                    yield f"{file} {place}", f"{variable} is named like a secret"
                if any(text.endswith("Arn") or "Arn}" in text for text in texts(value)):
                    yield f"{file} {place}", f"{variable} names a resource that code finds by its name"


def misfit(parameter, value):
    """Why a parameter does not take the value, if so."""
    if "AllowedValues" in parameter and value not in [str(one) for one in parameter["AllowedValues"]]:
        return f"{value} is not among its values"
    values = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    for one in values:
        if "AllowedPattern" in parameter and not re.fullmatch(parameter["AllowedPattern"], one):
            return f"{one} is not of its pattern"
    if parameter["Type"] == "Number":
        if not re.fullmatch("-?[0-9]+", value):
            return f"{value} is no number"
        if not parameter.get("MinValue", int(value)) <= int(value) <= parameter.get("MaxValue", int(value)):
            return f"{value} is too little or too much"
    return None


@rule
def parameters_explain_themselves(system):
    """And refuse what makes no sense, before anything is changed."""
    for name, parameter in system.root["Parameters"].items():
        if not parameter.get("Description"):
            yield f"template.yaml {name}", "has no description"
        bounds = {"AllowedValues", "AllowedPattern"} | ({"MinValue"} if parameter["Type"] == "Number" else set())
        if not bounds & parameter.keys():
            yield f"template.yaml {name}", "takes anything"
        if "Default" in parameter and misfit(parameter, str(parameter["Default"])):
            yield f"template.yaml {name}", f"its default: {misfit(parameter, str(parameter['Default']))}"


@rule
def samconfig_fits_the_template(system):
    parameters = system.root["Parameters"]
    stages = [stage for stage in system.config.items() if stage[0] not in ("version", "default")]
    for stage, commands in stages:
        deploy = commands["deploy"]["parameters"]
        given = dict(one.split("=", 1) for one in deploy["parameter_overrides"])
        for name, value in given.items():
            if name not in parameters:
                yield f"samconfig.toml {stage}", f"{name} is no parameter"
            elif misfit(parameters[name], value):
                yield f"samconfig.toml {stage}", f"{name}: {misfit(parameters[name], value)}"
        for name, parameter in parameters.items():
            if "Default" not in parameter and name not in given:
                yield f"samconfig.toml {stage}", f"{name} is not given, and has no default"
        # prod deployed as test would let strangers in.
        if given.get("Stage") != stage:
            yield f"samconfig.toml {stage}", f"Stage is {given.get('Stage')}"
        if not {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"} <= set(deploy["capabilities"].split()):
            yield f"samconfig.toml {stage}", "SAM needs to be allowed to make roles, and nested stacks to expand"
        # The names of functions begin with the stack's. No linter sees how long they get.
        for file, stack in system.stacks.items():
            for function, properties in of_type(stack, FUNCTION).items():
                name = properties["FunctionName"]["Fn::Sub"].replace("${StackName}", deploy["stack_name"])
                if len(name) > FUNCTION_NAME_MAX:
                    yield f"{file} {function}", f"{name} is longer than {FUNCTION_NAME_MAX}"
    if not {"dev", "prod"} <= {stage for stage, _ in stages}:
        yield "samconfig.toml", "dev or prod is missing"


@rule
def test_numbers_are_not_for_prod(system):
    """With them, everyone else's verification would end in nothing."""
    found = system.root.get("Rules", {}).get("TestNumbersAreNotForProd", {})
    is_prod = {"Fn::Equals": [ref("Stage"), "prod"]}
    empty = {"Fn::Equals": [ref("TestNumbers"), ""]}
    if found.get("RuleCondition") != is_prod or [one["Assert"] for one in found.get("Assertions", [])] != [empty]:
        yield "template.yaml TestNumbersAreNotForProd", "does not keep them from prod"


@rule
def people_solve_captchas(system):
    """Nor does anybody sign in by a stand-in for a provider, but in a stage for tests."""
    found = system.root.get("Rules", {}).get("PeopleSolveCaptchas", {})
    is_not_test = {"Fn::Not": [{"Fn::Equals": [ref("Stage"), "test"]}]}
    asserted = [
        {"Fn::Not": [{"Fn::Equals": [ref("CaptchaProvider"), "none"]}]},
        {"Fn::Not": [{"Fn::Equals": [ref("CaptchaId"), ""]}]},
        {"Fn::Equals": [ref("ProvidersUrl"), ""]},
    ]
    if found.get("RuleCondition") != is_not_test or [one["Assert"] for one in found.get("Assertions", [])] != asserted:
        yield "template.yaml PeopleSolveCaptchas", "does not keep stages for tests apart"

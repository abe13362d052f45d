"""How the root template hands things to the nested ones, and what AWS takes at most."""

from rules import differences, rule
from system import FUNCTION, INTEGRATION, SECRET, STACK, attribute, of_type, ref

FUNCTIONS_MAX = 74
# The rest is room for what is added by hand.
NESTED_RESOURCES_MAX = 450
ROOT_RESOURCES_MAX = 500
INTEGRATIONS_MAX = 300
BYTES_MAX = 1_000_000


@rule
def every_template_is_nested_once(system):
    urls = [stack.get("TemplateURL") for stack in of_type(system.root, STACK).values()]
    for file in system.stacks:
        if urls.count(file) != 1:
            yield file, f"is nested {urls.count(file)} times"
    for name, stack in of_type(system.root, STACK).items():
        if stack.get("TemplateURL") not in system.stacks:
            yield f"template.yaml {name}", f"{stack.get('TemplateURL')} is no template of infra/stacks"
        for key in sorted(stack.keys() - {"TemplateURL", "Parameters"}):
            yield f"template.yaml {name}", f"{key} does not belong here"


def handed(parameter, root):
    """What a parameter of this name must be given."""
    if parameter == "StackName":
        return ref("AWS::StackName")
    if parameter == "Issuer":
        return attribute("Api", "ApiEndpoint")
    if root["Parameters"].get(parameter, {}).get("Type") == "CommaDelimitedList":
        # The environment holds no lists.
        return {"Fn::Join": [",", ref(parameter)]}
    if parameter.endswith("StreamArn"):
        return attribute(parameter.removesuffix("StreamArn"), "StreamArn")
    if parameter.endswith("Arn"):
        name = parameter.removesuffix("Arn")
        # A secret's id is its ARN. It has no attribute of that name.
        return attribute(name, "Id" if name in of_type(root, SECRET) else "Arn")
    return ref(parameter)


@rule
def parameters_are_what_their_names_say(system):
    """The flat template of the deployment test is merged by these names, so it would not show a crossed wire."""
    for name, stack in of_type(system.root, STACK).items():
        template = system.stacks.get(stack.get("TemplateURL"))
        if template is None:
            continue
        wanted = {parameter: handed(parameter, system.root) for parameter in template["Parameters"]}
        for text in differences(stack.get("Parameters", {}), wanted):
            yield f"template.yaml {name}", text


@rule
def every_template_takes_the_same_parameters(system):
    """So an endpoint that begins to use a table changes no wiring."""
    first, *others = system.stacks
    for file in others:
        for text in differences(system.stacks[file]["Parameters"], system.stacks[first]["Parameters"]):
            yield f"{file} Parameters", text


@rule
def stacks_are_deployed_one_by_one(system):
    """API Gateway takes few calls a second that change an API, and fails the deployment that makes more."""
    before = {name: system.root["Resources"][name].get("DependsOn") for name in of_type(system.root, STACK)}
    done = None
    for _ in before:
        following = [name for name in before if before[name] == done]
        if len(following) != 1:
            yield "template.yaml", f"{len(following)} stacks follow {done or 'nothing'}, not one"
            return
        done = following[0]


@rule
def the_linter_hears_everything(system):
    """Only what all stacks take and not each needs is no fault."""
    for file, template in system.templates().items():
        silenced = template.get("Metadata", {}).get("cfn-lint", {}).get("config", {}).get("ignore_checks", [])
        if silenced not in ([], ["W2001"] if file in system.stacks else []):
            yield file, f"silences {', '.join(silenced)}"
        for name, resource in template["Resources"].items():
            if "Metadata" in resource:
                yield f"{file} {name}", "has metadata, which may silence the linter"


@rule
def templates_are_within_the_limits(system):
    """SAM makes one Lambda function of each plain one, and adds nothing: a test holds it to that."""
    for file, template in system.templates().items():
        most = NESTED_RESOURCES_MAX if file in system.stacks else ROOT_RESOURCES_MAX
        if len(template["Resources"]) > most:
            yield file, f"has {len(template['Resources'])} resources, more than {most}"
        if len(of_type(template, FUNCTION)) > FUNCTIONS_MAX:
            yield file, f"has {len(of_type(template, FUNCTION))} functions, more than {FUNCTIONS_MAX}"
        if system.sizes[file] > BYTES_MAX:
            yield file, f"has {system.sizes[file]} bytes, more than {BYTES_MAX}"
    integrations = sum(len(of_type(template, INTEGRATION)) for template in system.stacks.values())
    if integrations > INTEGRATIONS_MAX:
        yield "infra/stacks", f"have {integrations} integrations, more than {INTEGRATIONS_MAX}"

"""Logs and alarms."""

import json
import re

from rules import differences, rule
from rules.calls import functions, properties
from system import ALARM, LOG_GROUP, STAGE, attribute, of_type, ref, sub

# What an access log may tell. Paths and queries may hold secrets, addresses and agents tell of people.
TOLD = {
    "requestId", "requestTimeEpoch", "routeKey", "status", "responseLength", "responseLatency",
    "integration.requestId", "integration.status", "integrationErrorMessage",
}


@rule
def logs_are_kept_as_long_as_the_stage_says(system):
    for file, stack in system.stacks.items():
        for function in functions(stack):
            name = properties(stack, f"{function}Function").get("FunctionName", {}).get("Fn::Sub")
            wanted = {"LogGroupName": sub(f"/aws/lambda/{name}"), "RetentionInDays": ref("LogRetentionDays")}
            for text in differences(properties(stack, f"{function}LogGroup"), wanted):
                yield f"{file} {function}LogGroup", text
    for name, group in of_type(system.root, LOG_GROUP).items():
        # The name's beginning spares the account's resource policy for logs, which has room for few groups.
        wanted = {
            "LogGroupName": sub("/aws/vendedlogs/${AWS::StackName}-api"),
            "RetentionInDays": ref("LogRetentionDays"),
        }
        for text in differences(group, wanted):
            yield f"template.yaml {name}", text


@rule
def access_logs_tell_of_routes_not_of_people(system):
    for name, stage in of_type(system.root, STAGE).items():
        settings = stage.get("AccessLogSettings", {})
        if settings.get("DestinationArn") != attribute("ApiLogGroup", "Arn"):
            yield f"template.yaml {name}", "its access log is not ApiLogGroup"
        told = re.findall(r"\$context\.([\w.]+)", settings.get("Format", ""))
        for variable in told:
            if variable not in TOLD:
                yield f"template.yaml {name}", f"its access log tells {variable}"
        if "routeKey" not in told:
            yield f"template.yaml {name}", "its access log does not tell the route"
        try:
            json.loads(settings.get("Format", ""))
        except ValueError:
            yield f"template.yaml {name}", "its access log is no JSON"


@rule
def alarms_reach_someone(system):
    for file, template in system.templates().items():
        for name, alarm in of_type(template, ALARM).items():
            for key in ("AlarmActions", "OKActions"):
                if alarm.get(key) != [ref("AlarmTopic")]:
                    yield f"{file} {name}", f"{key} is not the topic alone"
            # Nothing is counted while nothing is called: that is no alarm, nor the end of one's reasons.
            if alarm.get("TreatMissingData") != "notBreaching":
                yield f"{file} {name}", "TreatMissingData is not notBreaching"
            if "ActionsEnabled" in alarm:
                yield f"{file} {name}", "ActionsEnabled does not belong here"

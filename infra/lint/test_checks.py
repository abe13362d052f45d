"""Breaks the templates in every way that a rule tells of, so that no rule can pass because it looks at nothing."""

import ast
import copy
import inspect
import json
import logging
import unittest
from unittest import mock

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from check_templates import check
from rules import MODULES, RULES, Holds, calls, data, differences, mail, nesting, queues, roles, settings, watching
from system import (
    ALARM, DASHBOARD, EVENTS, FUNCTION, IDENTITY, INTEGRATION, LOG_GROUP, PERMISSION, STAGE, SUBSCRIPTION, attribute,
    of_type, pascal, read_system, ref, sub,
)

R = "template.yaml"
A = "infra/stacks/accounts.yaml"
N = "infra/stacks/notifications.yaml"
F = "infra/stacks/fallback.yaml"
SYSTEM = read_system()


# --- Changes ------------------------------------------------------------------------------------------


def template_at(system, path):
    """The innermost container on the path, and the last key. A resource's properties are meant unless the
    name after the file is a section's."""
    file, name, *rest = path
    template = system.templates()[file]
    if name in ("Resources", "Parameters", "Conditions", "Globals", "Metadata", "Rules"):
        keys = [name, *rest]
    else:
        keys = ["Resources", name, "Properties", *rest]
    for key in keys[:-1]:
        template = template[key]
    return template, keys[-1]


def put(*path_and_value):
    *path, value = path_and_value

    def change(system):
        container, key = template_at(system, path)
        container[key] = value

    return change


def drop(*path):
    def change(system):
        container, key = template_at(system, path)
        del container[key]

    return change


def add(*path_and_value):
    *path, value = path_and_value

    def change(system):
        container, key = template_at(system, path)
        container[key].append(value)

    return change


def all_of(*changes):
    def change(system):
        for one in changes:
            one(system)

    return change


def code(name, value):
    return lambda system: setattr(system.code, name, value)


def config(stage, *path_and_value):
    *path, key, value = path_and_value

    def change(system):
        container = system.config[stage]["deploy"]["parameters"]
        for one in path:
            container = container[one]
        container[key] = value

    return change


def override(stage, *given):
    needed = ["AllowedOrigins=https://a.example", "CaptchaProvider=turnstile"]
    return config(stage, "parameter_overrides", [f"Stage={stage}", *needed, *given])


def role_of(function):
    return (f"{function}Role", "Policies", 0, "PolicyDocument", "Statement")


def allow(file, function, action, resource):
    return add(file, *role_of(function), {"Effect": "Allow", "Action": action, "Resource": resource})


def logged(variable):
    """The access log's format with one more variable."""
    return LOG_FORMAT.replace("{", f'{{"x":"$context.{variable}",', 1)


def stray(system):
    """A template that nobody nests, and that nothing else is wrong with."""
    system.stacks["other"] = {**system.stacks[F], "Resources": {}}
    system.sizes["other"] = 1


def many(file, kind, count):
    """Resources that are only there to be counted."""
    return lambda system: system.templates()[file]["Resources"].update(
        {f"Filler{number}": {"Type": kind} for number in range(count)}
    )


API_ARN = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}"
LOG_FORMAT = SYSTEM.root["Resources"]["ApiStage"]["Properties"]["AccessLogSettings"]["Format"]
# Of send_sms: log, ledger, requests, secret, Allow and Deny of SNS, queue; of send_email: SES in their stead.
STAR, NO_TOPICS, POLL, MAIL = 4, 5, 6, 4
# Of send_alerts: log, five tables, Allow and Deny of SNS, SES.
RAW_MAIL = 8

NOT_AFTER_POLICY = (f"{R} MailEvents", "does not wait for FeedbackTopicPolicy")


def policy_of(name):
    return SYSTEM.root["Resources"][name]["Properties"]["PolicyDocument"]


def without_condition(name):
    """For anyone who is let in, whatever they come from."""
    document = copy.deepcopy(policy_of(name))
    del document["Statement"][0]["Condition"]
    return document


# --- What is changed, and every fault that is then found: its place and text ----------------------------

CASES = {
    calls.every_function_has_what_calls_it_and_nothing_more: [
        (drop(A, "Resources", "GetHealthPermission"), (f"{A} GetHealthPermission", "is missing")),
        (drop(F, "Resources", "FallbackPermission"), (f"{F} FallbackPermission", "is missing")),
        (drop(N, "Resources", "SweepOutboxPermission"), (f"{N} SweepOutboxPermission", "is missing")),
        (
            all_of(*(drop(A, "Resources", f"GetHealth{one}") for one in ("Route", "Integration", "Permission"))),
            (f"{A} GetHealthFunction", "nothing calls it"),
        ),
        (
            put(A, "AppointAdminFunction", "Description", "Called by: someone"),
            (f"{A} AppointAdminFunction", "nothing calls it"),
        ),
        (
            put(A, "Resources", "AppointAdminPermission", {"Type": "AWS::Lambda::Permission", "Properties": {}}),
            (f"{A} AppointAdminPermission", "a AWS::Lambda::Permission does not belong here"),
        ),
        (
            put(A, "Resources", "GetHealthUrl", {"Type": "AWS::Lambda::Url"}),
            (f"{A} GetHealthUrl", "a AWS::Lambda::Url does not belong here"),
        ),
        (
            put(N, "Resources", "SendSmsPermission", {"Type": PERMISSION}),
            (f"{N} SendSmsPermission", f"a {PERMISSION} does not belong here"),
        ),
        (
            put(A, "Resources", "GetHealthLogGroup", "Type", "AWS::S3::Bucket"),
            (f"{A} GetHealthLogGroup", f"is a AWS::S3::Bucket, not a {LOG_GROUP}"),
        ),
    ],
    calls.nothing_is_left_out: [
        (
            put(A, "Resources", "GetHealthPermission", "Condition", "X"),
            (f"{A} GetHealthPermission", "has a condition"),
        ),
        (put(R, "Resources", "SmsDeadAlarm", "Condition", "IsNotTest"), (f"{R} SmsDeadAlarm", "has a condition")),
    ],
    calls.functions_are_plain: [
        (
            put(A, "GetHealthFunction", "FunctionUrlConfig", {"AuthType": "NONE"}),
            (f"{A} GetHealthFunction", "FunctionUrlConfig does not belong here"),
        ),
        (
            put(A, "GetHealthFunction", "Role", attribute("CreateUserRole", "Arn")),
            (
                f"{A} GetHealthFunction",
                'Role is {"Fn::GetAtt": ["CreateUserRole", "Arn"]}, not {"Fn::GetAtt": ["GetHealthRole", "Arn"]}',
            ),
        ),
        (put(A, "GetHealthFunction", "Timeout", 30), (f"{A} GetHealthFunction", "Timeout is 30, not 1 to 29")),
        (
            put(A, "Globals", "Function", "Tracing", "Active"),
            (f"{A} Globals", 'Tracing is Active, not {"Fn::If": ["HasTraces", "Active", "PassThrough"]}'),
        ),
        (
            put(A, "Conditions", "HasTraces", {"Fn::Equals": [ref("Traces"), "false"]}),
            (f"{A} Conditions", "HasTraces is not what the parameter says"),
        ),
        (
            put(A, "Globals", "Function", "Layers", ["arn"]),
            (f"{A} Globals", "Layers does not belong here"),
        ),
        (put(A, "Globals", "HttpApi", {}), (f"{A} Globals", "is for functions alone")),
    ],
    calls.every_route_leads_to_its_function: [
        (
            put(A, "GetHealthRoute", "Target", sub("integrations/${CreateUserIntegration}")),
            (
                f"{A} GetHealthRoute",
                'Target is {"Fn::Sub": "integrations/${CreateUserIntegration}"}, '
                'not {"Fn::Sub": "integrations/${GetHealthIntegration}"}',
            ),
        ),
        (
            put(A, "GetHealthRoute", "ApiKeyRequired", True),
            (f"{A} GetHealthRoute", "ApiKeyRequired does not belong here"),
        ),
        (
            put(A, "GetHealthIntegration", "IntegrationUri", attribute("CreateUserFunction", "Arn")),
            (
                f"{A} GetHealthIntegration",
                'IntegrationUri is {"Fn::GetAtt": ["CreateUserFunction", "Arn"]}, '
                'not {"Fn::GetAtt": ["GetHealthFunction", "Arn"]}',
            ),
        ),
        (
            put(A, "GetHealthIntegration", "PayloadFormatVersion", "1.0"),
            (f"{A} GetHealthIntegration", "PayloadFormatVersion is 1.0, not 2.0"),
        ),
    ],
    calls.every_route_is_there_once: [
        (
            all_of(
                put(A, "GetKeySetRoute", "RouteKey", "GET /health"),
                put(A, "GetKeySetPermission", "SourceArn", sub(f"{API_ARN}/$default/GET/health")),
            ),
            (f"{A} GetHealthRoute", f"GET /health is the route of {A} GetKeySetRoute, too"),
        ),
        (
            all_of(
                put(F, "FallbackRoute", "RouteKey", "GET /fallback"),
                put(F, "FallbackPermission", "SourceArn", sub(f"{API_ARN}/$default/GET/fallback")),
            ),
            ("infra/stacks", "no route takes what the others do not"),
        ),
    ],
    calls.permissions_are_for_the_caller_alone: [
        (
            put(A, "GetHealthPermission", "SourceArn", sub(f"{API_ARN}/*")),
            (
                f"{A} GetHealthPermission",
                f'SourceArn is {{"Fn::Sub": "{API_ARN}/*"}}, not {{"Fn::Sub": "{API_ARN}/$default/GET/health"}}',
            ),
        ),
        (drop(F, "FallbackPermission", "SourceArn"), (f"{F} FallbackPermission", "SourceArn is missing")),
        (drop(N, "SweepOutboxPermission", "SourceArn"), (f"{N} SweepOutboxPermission", "SourceArn is missing")),
        (
            put(N, "SweepOutboxPermission", "Principal", "*"),
            (f"{N} SweepOutboxPermission", "Principal is *, not events.amazonaws.com"),
        ),
        (
            put(A, "GetHealthPermission", "FunctionName", ref("CreateUserFunction")),
            (
                f"{A} GetHealthPermission",
                'FunctionName is {"Ref": "CreateUserFunction"}, not {"Ref": "GetHealthFunction"}',
            ),
        ),
    ],
    calls.schedules_call_their_function_alone: [
        (
            put(N, "SweepOutboxSource", "EventPattern", {}),
            (f"{N} SweepOutboxSource", "EventPattern does not belong here"),
        ),
        (
            put(N, "SweepOutboxSource", "Targets", 0, "Arn", attribute("SendSmsFunction", "Arn")),
            (f"{N} SweepOutboxSource", "does not call its function alone"),
        ),
        (
            put(N, "SweepOutboxRetries", "MaximumRetryAttempts", 2),
            (f"{N} SweepOutboxRetries", "MaximumRetryAttempts is 2, not 0"),
        ),
    ],
    calls.the_api_is_one_for_known_origins: [
        (put(R, "Api", "Target", "arn"), (f"{R} Api", "Target does not belong here")),
        (
            put(R, "Api", "CorsConfiguration", "AllowOrigins", ["*"]),
            (f"{R} Api", 'CORS: AllowOrigins is ["*"], not {"Ref": "AllowedOrigins"}'),
        ),
        (drop(R, "Api", "CorsConfiguration", "AllowCredentials"), (f"{R} Api", "CORS: AllowCredentials is missing")),
        (put(R, "Api", "CorsConfiguration", "MaxAge", 60), (f"{R} Api", "CORS: MaxAge is 60, not 600")),
        (
            put(R, "Api", "CorsConfiguration", "ExposeHeaders", ["*"]),
            (f"{R} Api", f'CORS: ExposeHeaders is ["*"], not {json.dumps(SYSTEM.code.cors["ExposeHeaders"])}'),
        ),
        (
            lambda system: system.code.cors.update(AllowMethods=["GET"]),
            (f"{R} Api", 'CORS: AllowMethods is ["GET", "POST", "PUT", "PATCH", "DELETE"], not ["GET"]'),
        ),
        (
            put(R, "Parameters", "AllowedOrigins", "AllowedPattern", r"https://[a-z*.]+|http://localhost:3000"),
            (f"{R} AllowedOrigins", "takes https://*"),
            (f"{R} AllowedOrigins", "takes https://*.campus.example"),
        ),
        (
            all_of(
                lambda system: system.code.cors.update(MaxAge=60), put(R, "Api", "CorsConfiguration", "MaxAge", 60)
            ),
            ("infra/local/src/http.rs", "CORS: MaxAge is not 600"),
        ),
    ],
    calls.the_stage_is_throttled: [
        (drop(R, "ApiStage", "DefaultRouteSettings"), (f"{R} ApiStage", "DefaultRouteSettings is missing")),
        (
            drop(R, "ApiStage", "DefaultRouteSettings", "ThrottlingRateLimit"),
            (
                f"{R} ApiStage",
                'DefaultRouteSettings is {"ThrottlingBurstLimit": 1000}, not a rate and a burst',
            ),
        ),
        (put(R, "ApiStage", "RouteSettings", {}), (f"{R} ApiStage", "RouteSettings does not belong here")),
    ],
    data.the_root_holds_known_types: [
        (
            put(R, "Resources", "Open", {"Type": "AWS::SecretsManager::ResourcePolicy"}),
            (f"{R} Open", "no rule knows of AWS::SecretsManager::ResourcePolicy"),
        ),
        (drop(R, "Resources", "ApiStage"), (R, f"has 0 of {STAGE}, not one")),
    ],
    data.names_are_those_of_the_code: [
        (drop(R, "Resources", "KeysTable"), (f"{R} KeysTable", "the code names it, and it is not there")),
        (
            lambda system: system.code.secrets.remove("code-secret"),
            (f"{R} CodeSecret", "the code names no such thing"),
        ),
        (
            put(R, "SmsQueue", "QueueName", "sms"),
            (f"{R} SmsQueue", "QueueName is not ${AWS::StackName}-sms"),
        ),
    ],
    data.tables_are_on_demand_backed_up_and_encrypted: [
        *(
            (drop(R, "KeysTable", name), (f"{R} KeysTable", f"{name} is missing"))
            for name in (
                "BillingMode", "TimeToLiveSpecification", "PointInTimeRecoverySpecification", "SSESpecification",
                "DeletionProtectionEnabled",
            )
        ),
        (
            put(R, "KeysTable", "TimeToLiveSpecification", "AttributeName", "expires"),
            (
                f"{R} KeysTable",
                'TimeToLiveSpecification is {"AttributeName": "expires", "Enabled": true}, '
                'not {"AttributeName": "expires_at", "Enabled": true}',
            ),
        ),
        (
            put(R, "KeysTable", "DeletionProtectionEnabled", False),
            (
                f"{R} KeysTable",
                'DeletionProtectionEnabled is false, not {"Fn::If": ["IsProtected", true, false]}',
            ),
        ),
        (put(R, "Conditions", "IsProtected", False), (f"{R} IsProtected", "is not what DeletionProtection says")),
    ],
    data.streams_are_where_workers_read: [
        (
            put(R, "KeysTable", "StreamSpecification", {"StreamViewType": "NEW_AND_OLD_IMAGES"}),
            (f"{R} KeysTable", "has a stream that no worker reads, or a worker and no stream"),
            (f"{R} KeysTable", "the code says that streamed is false"),
        ),
        (
            lambda system: system.code.tables.update(outbox=False),
            (f"{R} OutboxTable", "the code says that streamed is false"),
        ),
    ],
    data.data_outlives_the_stack: [
        (
            put(R, "Resources", "KeysTable", "DeletionPolicy", "Delete"),
            (f"{R} KeysTable", "DeletionPolicy is not Retain"),
        ),
        (
            drop(R, "Resources", "KeysTable", "UpdateReplacePolicy"),
            (f"{R} KeysTable", "UpdateReplacePolicy is not Retain"),
        ),
        (drop(R, "Resources", "CodeSecret", "DeletionPolicy"), (f"{R} CodeSecret", "DeletionPolicy is not Retain")),
    ],
    data.secrets_are_generated: [
        (
            all_of(drop(R, "CodeSecret", "GenerateSecretString"), put(R, "CodeSecret", "SecretString", "known")),
            (f"{R} CodeSecret", "GenerateSecretString is missing"),
            (f"{R} CodeSecret", "SecretString does not belong here"),
        ),
    ],
    data.no_value_of_a_secret_is_in_a_template: [
        (
            put(R, "Parameters", "PhoneCountries", "Description", "{{resolve:ssm:countries}}"),
            (f"{R} Parameters", "resolves a secret"),
        ),
        (
            put(R, "EmailSenderIdentity", "EmailIdentity", sub("{{resolve:secretsmanager:${CodeSecret}}}")),
            (f"{R} EmailSenderIdentity", "resolves a secret"),
        ),
    ],
    mail.bounces_and_complaints_are_told: [
        (
            put(R, "MailConfiguration", "Name", sub("${AWS::StackName}-post")),
            (
                f"{R} MailConfiguration",
                'Name is {"Fn::Sub": "${AWS::StackName}-post"}, not {"Fn::Sub": "${AWS::StackName}-mail"}',
            ),
        ),
        (drop(R, "Resources", "MailEvents"), (f"{R} MailEvents", "is missing"), NOT_AFTER_POLICY),
        (drop(R, "Resources", "MailEvents", "DependsOn"), NOT_AFTER_POLICY),
        (
            put(R, "Resources", "OtherEvents", {"Type": EVENTS, "Properties": {}}),
            (f"{R} OtherEvents", "does not belong here"),
        ),
    ],
    mail.topics_lead_where_they_should: [
        (drop(R, "Resources", "FeedbackTopic"), (f"{R} FeedbackTopic", "is missing")),
        (
            put(R, "Resources", "Listener", {"Type": SUBSCRIPTION, "Properties": {"TopicArn": ref("FeedbackTopic")}}),
            (f"{R} Listener", "does not belong here"),
        ),
        (
            put(R, "FeedbackSubscription", "RawMessageDelivery", True),
            (f"{R} FeedbackSubscription", "RawMessageDelivery does not belong here"),
        ),
    ],
    mail.only_ses_tells_of_mail_and_only_the_topic_queues_it: [
        (drop(R, "Resources", "FeedbackQueuePolicy"), (f"{R} FeedbackQueuePolicy", "is missing")),
        (
            put(R, "FeedbackTopicPolicy", "Topics", [ref("AlarmTopic")]),
            (
                f"{R} FeedbackTopicPolicy",
                'Topics is [{"Ref": "AlarmTopic"}], not [{"Ref": "FeedbackTopic"}]',
            ),
        ),
        (
            drop(R, "FeedbackQueuePolicy", "PolicyDocument", "Statement", 0, "Condition"),
            (
                f"{R} FeedbackQueuePolicy",
                f"PolicyDocument is {json.dumps(without_condition('FeedbackQueuePolicy'))}, "
                f"not {json.dumps(policy_of('FeedbackQueuePolicy'))}",
            ),
        ),
    ],
    queues.queues_keep_dead_letters: [
        (drop(R, "SmsQueue", "RedrivePolicy"), (f"{R} SmsQueue", "RedrivePolicy is missing")),
        (
            put(R, "SmsQueue", "RedrivePolicy", "maxReceiveCount", 3),
            (
                f"{R} SmsQueue",
                'RedrivePolicy is {"deadLetterTargetArn": {"Fn::GetAtt": ["SmsDeadQueue", "Arn"]}, '
                '"maxReceiveCount": 3}, not '
                '{"deadLetterTargetArn": {"Fn::GetAtt": ["SmsDeadQueue", "Arn"]}, "maxReceiveCount": 5}',
            ),
        ),
        (drop(R, "SmsQueue", "SqsManagedSseEnabled"), (f"{R} SmsQueue", "SqsManagedSseEnabled is missing")),
        (
            put(R, "StreamDeadQueue", "MessageRetentionPeriod", 345600),
            (f"{R} StreamDeadQueue", "MessageRetentionPeriod is 345600, not 1209600"),
        ),
        (drop(R, "SmsDeadQueue", "SqsManagedSseEnabled"), (f"{R} SmsDeadQueue", "SqsManagedSseEnabled is missing")),
        (
            all_of(
                code("receives", 4),
                *(
                    put(R, f"{pascal(queue)}Queue", "RedrivePolicy", "maxReceiveCount", 4)
                    for queue in SYSTEM.code.queues
                ),
            ),
            ("infra/local/src/system.rs", "RECEIVES_MAX is less than 5"),
        ),
    ],
    queues.dead_letters_raise_an_alarm: [
        (
            drop(R, "Resources", "StreamDeadAlarm"),
            (f"{R} StreamDeadQueue", "no alarm tells of its first message"),
        ),
        (put(R, "SmsDeadAlarm", "Threshold", 100), (f"{R} SmsDeadQueue", "no alarm tells of its first message")),
    ],
    queues.messages_are_hidden_for_six_timeouts: [
        (
            put(N, "SendSmsFunction", "Timeout", 20),
            (f"{R} SmsQueue", "VisibilityTimeout is not six times that of SendSmsFunction"),
        ),
        (
            all_of(put(N, "SendSmsFunction", "Timeout", 20), put(R, "SmsQueue", "VisibilityTimeout", 120)),
            (f"{R} SmsQueue", "VisibilityTimeout is not the hidden_seconds of the code"),
        ),
        (
            all_of(
                *(drop(N, "Resources", f"SendSms{one}") for one in ("Function", "LogGroup", "Role", "Source")),
            ),
            (f"{R} SmsQueue", "no worker reads it"),
        ),
    ],
    queues.sources_report_each_failure: [
        *(
            (drop(N, source, name), (f"{N} {source}", f"{name} is missing"))
            for source, name in (
                ("SendSmsSource", "FunctionResponseTypes"),
                ("SendSmsSource", "ScalingConfig"),
                ("RelayOutboxSource", "FunctionResponseTypes"),
                ("RelayOutboxSource", "BisectBatchOnFunctionError"),
                ("RelayOutboxSource", "MaximumRecordAgeInSeconds"),
                ("RelayOutboxSource", "DestinationConfig"),
            )
        ),
        (
            put(N, "RelayOutboxSource", "MaximumRecordAgeInSeconds", -1),
            (f"{N} RelayOutboxSource", "MaximumRecordAgeInSeconds is -1, not bounded"),
        ),
        (put(N, "SendSmsSource", "Enabled", False), (f"{N} SendSmsSource", "Enabled does not belong here")),
    ],
    queues.one_worker_reads_a_queue: [
        (
            all_of(
                put(N, "SendEmailSource", "EventSourceArn", ref("SmsQueueArn")),
                put(N, *role_of("SendEmail"), 5, "Resource", ref("SmsQueueArn")),
            ),
            (queues.messages_are_hidden_for_six_timeouts, f"{R} EmailQueue", "no worker reads it"),
            (f"{N} SendEmailSource", "SendSmsSource reads SmsQueue, too"),
        ),
    ],
    roles.roles_are_for_lambda_alone: [
        (
            add(A, "GetHealthRole", "AssumeRolePolicyDocument", "Statement", {"Effect": "Allow", "Principal": "*"}),
            (f"{A} GetHealthRole", None),
        ),
        (
            put(A, "GetHealthRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
            (f"{A} GetHealthRole", "ManagedPolicyArns does not belong here"),
        ),
    ],
    roles.no_action_is_a_pattern: [
        (
            put(A, *role_of("GetHealth"), 1, "Action", ["dynamodb:*"]),
            (f"{A} GetHealthRole 2", "allows dynamodb:*"),
        ),
        (
            put(A, *role_of("GetHealth"), 1, "Action", "dynamodb:Get?tem"),
            (f"{A} GetHealthRole 2", "allows dynamodb:Get?tem"),
        ),
        (
            put(A, *role_of("GetHealth"), 1, "NotResource", "*"),
            (f"{A} GetHealthRole 2", "NotResource does not belong here"),
        ),
    ],
    roles.resources_are_named: [
        (
            put(N, *role_of("SendSms"), NO_TOPICS, "Resource", "*"),
            (f"{N} SendSmsRole 5", "may publish to topics"),
            (f"{N} SendSmsRole 6", "denies something else than topics"),
        ),
        (drop(N, *role_of("SendSms"), NO_TOPICS), (f"{N} SendSmsRole 5", "may publish to topics")),
        (
            put(A, *role_of("GetHealth"), 1, "Resource", "*"),
            (f"{A} GetHealthRole 2", "dynamodb:GetItem is for any resource"),
        ),
        (drop(N, *role_of("SendEmail"), MAIL, "Condition"), (f"{N} SendEmailRole 5", "may send as anyone")),
        (drop(N, *role_of("SendAlerts"), RAW_MAIL, "Condition"), (f"{N} SendAlertsRole 9", "may send as anyone")),
        (
            allow(A, "GetHealth", "sqs:SendMessage", ref("KeysTableArn")),
            (f"{A} GetHealthRole 5", "sqs:SendMessage does not go with KeysTableArn"),
        ),
        (
            put(A, *role_of("GetHealth"), 1, "Resource", sub("${KeysTableArn}*")),
            (f"{A} GetHealthRole 2", 'is for {"Fn::Sub": "${KeysTableArn}*"}'),
        ),
        (
            put(A, *role_of("GetHealth"), 1, "Resource", ref("ElsewhereTableArn")),
            (f"{A} GetHealthRole 2", 'is for {"Ref": "ElsewhereTableArn"}'),
        ),
    ],
    roles.roles_have_what_lambda_itself_needs: [
        (
            put(N, *role_of("SendSms"), POLL, "Action", ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]),
            (f"{N} SendSmsRole", 'lacks sqs:DeleteMessage on {"Ref": "SmsQueueArn"}'),
        ),
        (
            allow(A, "GetHealth", "sqs:ReceiveMessage", ref("SmsQueueArn")),
            (f"{A} GetHealthRole", 'may sqs:ReceiveMessage on {"Ref": "SmsQueueArn"}'),
        ),
        (
            put(A, *role_of("GetHealth"), -1, "Fn::If", 1, "Action", ["xray:PutTraceSegments"]),
            (f"{A} GetHealthRole", "lacks xray:PutTelemetryRecords on *"),
        ),
    ],
    settings.no_secret_is_in_the_environment: [
        (
            put(A, "Globals", "Function", "Environment", "Variables", "CAMPUS_API_TOKEN", "x"),
            (f"{A} Globals", "CAMPUS_API_TOKEN is named like a secret"),
        ),
        (
            put(A, "Globals", "Function", "Environment", "Variables", "CAMPUS_X", sub("${CodeSecretArn}")),
            (f"{A} Globals", "CAMPUS_X names a resource that code finds by its name"),
        ),
    ],
    settings.parameters_explain_themselves: [
        (drop(R, "Parameters", "Stage", "Description"), (f"{R} Stage", "has no description")),
        (drop(R, "Parameters", "Stage", "AllowedValues"), (f"{R} Stage", "takes anything")),
        (
            put(R, "Parameters", "PasswordMinimum", "Default", 5),
            (f"{R} PasswordMinimum", "its default: 5 is too little or too much"),
        ),
        (
            put(R, "Parameters", "EmailSender", "Default", "nobody"),
            (f"{R} EmailSender", "its default: nobody is not of its pattern"),
        ),
    ],
    settings.samconfig_fits_the_template: [
        (override("dev", "Colour=red"), ("samconfig.toml dev", "Colour is no parameter")),
        (
            override("prod", "LogRetentionDays=8"),
            ("samconfig.toml prod", "LogRetentionDays: 8 is not among its values"),
        ),
        (
            override("prod", "PasswordMinimum=long"),
            ("samconfig.toml prod", "PasswordMinimum: long is no number"),
        ),
        (
            config("dev", "parameter_overrides", ["Stage=dev", "CaptchaProvider=turnstile"]),
            ("samconfig.toml dev", "AllowedOrigins is not given, and has no default"),
        ),
        (
            override("prod", "Stage=test"),
            ("samconfig.toml prod", "Stage is test"),
        ),
        (
            config("prod", "capabilities", "CAPABILITY_IAM"),
            ("samconfig.toml prod", "SAM needs to be allowed to make roles, and nested stacks to expand"),
        ),
        (
            all_of(
                put(A, "GetHealthFunction", "FunctionName", sub("${StackName}-" + 54 * "x")),
                put(A, "GetHealthLogGroup", "LogGroupName", sub("/aws/lambda/${StackName}-" + 54 * "x")),
            ),
            (f"{A} GetHealthFunction", f"campus-dev-{54 * 'x'} is longer than 64"),
        ),
        (lambda system: system.config.pop("prod"), ("samconfig.toml", "dev or prod is missing")),
    ],
    settings.test_numbers_are_not_for_prod: [
        (
            drop(R, "Rules", "TestNumbersAreNotForProd"),
            (f"{R} TestNumbersAreNotForProd", "does not keep them from prod"),
        ),
        (
            put(R, "Rules", "TestNumbersAreNotForProd", "RuleCondition", "Fn::Equals", 1, "dev"),
            (f"{R} TestNumbersAreNotForProd", "does not keep them from prod"),
        ),
    ],
    settings.people_solve_captchas: [
        (drop(R, "Rules", "PeopleSolveCaptchas"), (f"{R} PeopleSolveCaptchas", "does not keep stages for tests apart")),
        (
            put(R, "Rules", "PeopleSolveCaptchas", "RuleCondition", "Fn::Not", 0, "Fn::Equals", 1, "dev"),
            (f"{R} PeopleSolveCaptchas", "does not keep stages for tests apart"),
        ),
    ],
    watching.logs_are_kept_as_long_as_the_stage_says: [
        (drop(A, "GetHealthLogGroup", "RetentionInDays"), (f"{A} GetHealthLogGroup", "RetentionInDays is missing")),
        (drop(R, "ApiLogGroup", "RetentionInDays"), (f"{R} ApiLogGroup", "RetentionInDays is missing")),
    ],
    watching.access_logs_tell_of_routes_not_of_people: [
        (
            put(R, "ApiStage", "AccessLogSettings", "DestinationArn", "arn"),
            (f"{R} ApiStage", "its access log is not ApiLogGroup"),
        ),
        *(
            (
                put(R, "ApiStage", "AccessLogSettings", "Format", logged(name)),
                (f"{R} ApiStage", f"its access log tells {name}"),
            )
            for name in ("path", "identity.sourceIp", "identity.userAgent")
        ),
        (
            put(R, "ApiStage", "AccessLogSettings", "Format", '{"status":"$context.status"}'),
            (f"{R} ApiStage", "its access log does not tell the route"),
        ),
        (
            put(R, "ApiStage", "AccessLogSettings", "Format", "$context.routeKey"),
            (f"{R} ApiStage", "its access log is no JSON"),
        ),
    ],
    watching.alarms_reach_someone: [
        (drop(R, "SmsSpendAlarm", "AlarmActions"), (f"{R} SmsSpendAlarm", "AlarmActions is not the topic alone")),
        (
            put(N, "RelayOutboxLagAlarm", "OKActions", []),
            (f"{N} RelayOutboxLagAlarm", "OKActions is not the topic alone"),
        ),
        (
            drop(R, "SmsSpendAlarm", "TreatMissingData"),
            (f"{R} SmsSpendAlarm", "TreatMissingData is not notBreaching"),
        ),
        (
            put(R, "SmsSpendAlarm", "ActionsEnabled", False),
            (f"{R} SmsSpendAlarm", "ActionsEnabled does not belong here"),
        ),
    ],
    nesting.every_template_is_nested_once: [
        (
            stray,
            ("other", "is nested 0 times"),
        ),
        (
            put(R, "FallbackStack", "TemplateURL", "infra/stacks/gone.yaml"),
            (F, "is nested 0 times"),
            (f"{R} FallbackStack", "infra/stacks/gone.yaml is no template of infra/stacks"),
        ),
        (
            put(R, "FallbackStack", "NotificationARNs", []),
            (f"{R} FallbackStack", "NotificationARNs does not belong here"),
        ),
    ],
    nesting.parameters_are_what_their_names_say: [
        (
            put(R, "AccountsStack", "Parameters", "SmsQueueArn", attribute("EmailQueue", "Arn")),
            (
                f"{R} AccountsStack",
                'SmsQueueArn is {"Fn::GetAtt": ["EmailQueue", "Arn"]}, not {"Fn::GetAtt": ["SmsQueue", "Arn"]}',
            ),
        ),
        (
            put(R, "AccountsStack", "Parameters", "AllowedOrigins", ref("AllowedOrigins")),
            (
                f"{R} AccountsStack",
                'AllowedOrigins is {"Ref": "AllowedOrigins"}, not {"Fn::Join": [",", {"Ref": "AllowedOrigins"}]}',
            ),
        ),
        *(
            (drop(R, "AccountsStack", "Parameters", name), (f"{R} AccountsStack", f"{name} is missing"))
            for name in ("StackName", "Issuer", "OutboxTableStreamArn", "CodeSecretArn", "Stage")
        ),
        (put(R, "AccountsStack", "Parameters", "More", 1), (f"{R} AccountsStack", "More does not belong here")),
    ],
    nesting.every_template_takes_the_same_parameters: [
        (
            all_of(drop(F, "Parameters", "Stage"), drop(R, "FallbackStack", "Parameters", "Stage")),
            (f"{F} Parameters", "Stage is missing"),
        ),
    ],
    nesting.the_linter_hears_everything: [
        (put(R, "Metadata", {"cfn-lint": {"config": {"ignore_checks": ["W2001"]}}}), (R, "silences W2001")),
        (
            put(A, "Metadata", "cfn-lint", "config", "ignore_checks", ["W2001", "E3001"]),
            (A, "silences W2001, E3001"),
        ),
        (
            put(A, "Resources", "GetHealthRole", "Metadata", {}),
            (f"{A} GetHealthRole", "has metadata, which may silence the linter"),
        ),
    ],
    nesting.stacks_are_deployed_one_by_one: [
        (drop(R, "Resources", "FallbackStack", "DependsOn"), (R, "2 stacks follow nothing, not one")),
        (
            put(R, "Resources", "FallbackStack", "DependsOn", "AccountsStack"),
            (R, "2 stacks follow AccountsStack, not one"),
        ),
    ],
}

# Changes that break so much else that only the rule itself is asked.
ALONE = {
    nesting.templates_are_within_the_limits: [
        (many(A, "X", 451), (A, f"has {451 + len(SYSTEM.stacks[A]['Resources'])} resources, more than 450")),
        (many(R, "X", 501), (R, f"has {501 + len(SYSTEM.root['Resources'])} resources, more than 500")),
        (many(F, FUNCTION, 74), (F, "has 75 functions, more than 74")),
        (lambda system: system.sizes.update({N: 1_000_001}), (N, "has 1000001 bytes, more than 1000000")),
        (
            all_of(many(A, INTEGRATION, 130), many(F, INTEGRATION, 130)),
            ("infra/stacks", None),
        ),
    ],
}


def agrees(found, wanted):
    """A fault's text may be left open where it would be a page."""
    return found[:2] == wanted[:2] and wanted[2] in (None, found[2])


class Rules(unittest.TestCase):
    maxDiff = None

    def broken(self, change):
        system = copy.deepcopy(SYSTEM)
        change(system)
        return system

    def test_the_templates_are_without_fault(self):
        self.assertEqual([str(fault) for fault in check(SYSTEM)], [])

    def test_each_change_is_found_by_its_rule_and_by_no_other(self):
        count = 0
        for table, ask in ((CASES, lambda rule, system: check(system)), (ALONE, ask_alone)):
            for rule, cases in table.items():
                for number, (change, *faults) in enumerate(cases, 1):
                    with self.subTest(rule=rule.__name__, case=number):
                        count += 1
                        wanted = [fault if len(fault) == 3 else (rule, *fault) for fault in faults]
                        wanted = [(by.__name__, place, text) for by, place, text in wanted]
                        found = [tuple(fault) for fault in ask(rule, self.broken(change))]
                        same = len(found) == len(wanted) and all(map(agrees, found, wanted))
                        self.assertTrue(same, f"found {found}, not {wanted}")
        print(f"\n{count} changes of the templates")

    def test_every_fault_that_a_rule_knows_has_a_change(self):
        """Of each rule, every `yield` must be reached by one of its changes."""
        for rule in RULES:
            tree = ast.parse(inspect.getsource(rule))
            first = rule.__code__.co_firstlineno
            lines = {first + node.lineno - 1 for node in ast.walk(tree) if isinstance(node, ast.Yield)}
            self.assertGreater(len(lines), 0, rule.__name__)
            for change, *_ in [*CASES.get(rule, []), *ALONE.get(rule, [])]:
                faults = rule(self.broken(change))
                for _ in faults:
                    lines.discard(faults.gi_frame.f_lineno)
            with self.subTest(rule=rule.__name__):
                self.assertEqual(lines, set(), "lines whose fault no change brings about")

    def test_every_rule_is_asked(self):
        """A generator of faults that lacks `@rule` would never run."""
        for module in MODULES:
            for node in ast.parse(inspect.getsource(module)).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("each_") and yields(node):
                    self.assertIn(getattr(module, node.name), RULES)


def ask_alone(rule, system):
    return [(rule.__name__, *fault) for fault in rule(system)]


def yields(node):
    return any(isinstance(one, ast.Yield) for one in ast.walk(node))


# Properties that may be left out or that no rule has reason to hold; of other types, each is held by a rule.
FREE = {
    ALARM: {
        "AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "Metrics",
        "EvaluationPeriods", "ComparisonOperator", "Threshold",
    },
    DASHBOARD: {"DashboardName", "DashboardBody"},
    IDENTITY: {"EmailIdentity"},
}
# Resources whose lack no rule tells of: cfn-lint does, where others refer to them.
LINTED = {ALARM, DASHBOARD, IDENTITY}


class EveryProperty(unittest.TestCase):
    """Whatever a template says is held by some rule, but for what is listed above."""

    def test_what_is_left_out_is_missed(self):
        for file, template in SYSTEM.templates().items():
            for name, resource in list(template["Resources"].items()):
                for key in resource["Properties"].keys() - FREE.get(resource["Type"], set()):
                    with self.subTest(place=f"{file} {name} {key}"), mock.patch.dict(resource["Properties"]):
                        del resource["Properties"][key]
                        self.assertTrue(faults_or_refusal())
                if resource["Type"] not in LINTED:
                    with self.subTest(place=f"{file} {name}"), mock.patch.dict(template["Resources"]):
                        del template["Resources"][name]
                        self.assertTrue(faults_or_refusal())

    def test_what_is_put_in_is_noticed(self):
        for file, template in SYSTEM.templates().items():
            for name, resource in template["Resources"].items():
                if resource["Type"] not in FREE:
                    with self.subTest(place=f"{file} {name}"), mock.patch.dict(resource["Properties"], Unheard=True):
                        self.assertTrue(faults_or_refusal())


def faults_or_refusal():
    """A rule that cannot make sense of a template fails as loudly as one that finds a fault."""
    try:
        return check(SYSTEM)
    except (KeyError, TypeError, AttributeError) as refusal:
        return [refusal]


class Transform(unittest.TestCase):
    def test_sam_adds_no_resource(self):
        """The rules see what is deployed, and count it rightly: a Lambda function for each plain one."""
        # It misses a receiver of its own statistics.
        logging.getLogger("samtranslator").setLevel(logging.ERROR)
        for file, template in SYSTEM.templates().items():
            with self.subTest(file=file):
                uploaded = copy.deepcopy(template)
                if "Globals" in uploaded:
                    uploaded["Globals"]["Function"]["CodeUri"] = "s3://bucket/bootstrap.zip"
                translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="eu-west-1"))
                deployed = translator.translate(uploaded, {})["Resources"]
                types = {name: resource["Type"] for name, resource in template["Resources"].items()}
                types |= {name: "AWS::Lambda::Function" for name in of_type(template, FUNCTION)}
                self.assertEqual({name: resource["Type"] for name, resource in deployed.items()}, types)


class Differences(unittest.TestCase):
    def test_each_kind_is_told(self):
        odd = Holds("odd", lambda value: value % 2)
        self.assertEqual(list(differences({"a": 1, "b": 3}, {"a": 1, "b": odd})), [])
        self.assertEqual(list(differences({}, {"a": 1})), ["a is missing"])
        self.assertEqual(list(differences({"a": 2}, {"a": 1})), ["a is 2, not 1"])
        self.assertEqual(list(differences({"a": 2}, {"a": odd})), ["a is 2, not odd"])
        self.assertEqual(list(differences({"a": 2}, {})), ["a does not belong here"])


if __name__ == "__main__":
    unittest.main()

"""What is told of mail: from SES by a topic into a queue, and from nobody else."""

from rules import differences, rule
from system import (
    CONFIGURATION, EVENTS, QUEUE_POLICY, SUBSCRIPTION, TOPIC, TOPIC_POLICY, attribute, of_type, ref, sub,
)

ALARMS, FEEDBACK = "AlarmTopic", "FeedbackTopic"


def each_difference(found, wanted):
    """Place and difference, for resources of one type by their names."""
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"template.yaml {name}", "is missing"
        elif name not in wanted:
            yield f"template.yaml {name}", "does not belong here"
        else:
            for text in differences(found[name], wanted[name]):
                yield f"template.yaml {name}", text


def name_of_set(system):
    """As functions name it with each mail."""
    return f"${{AWS::StackName}}-{system.code.mail}"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


@rule
def bounces_and_complaints_are_told(system):
    events = {
        "ConfigurationSetName": ref("MailConfiguration"),
        "EventDestination": {
            "Name": "feedback",
            "Enabled": True,
            "MatchingEventTypes": ["bounce", "complaint"],
            "SnsDestination": {"TopicARN": ref(FEEDBACK)},
        },
    }
    sets = {"MailConfiguration": {"Name": sub(name_of_set(system))}}
    for place, text in each_difference(of_type(system.root, CONFIGURATION), sets):
        yield place, text
    for place, text in each_difference(of_type(system.root, EVENTS), {"MailEvents": events}):
        yield place, text
    # SES refuses a topic that it may not publish to, and CloudFormation sees no order between the two.
    if system.root["Resources"].get("MailEvents", {}).get("DependsOn") != "FeedbackTopicPolicy":
        yield "template.yaml MailEvents", "does not wait for FeedbackTopicPolicy"


@rule
def topics_lead_where_they_should(system):
    """An address is personal, so whoever subscribed to the topic would learn of people."""
    topics = {
        ALARMS: {"TopicName": sub("${AWS::StackName}-alarms")},
        FEEDBACK: {"TopicName": sub("${AWS::StackName}-feedback")},
    }
    for place, text in each_difference(of_type(system.root, TOPIC), topics):
        yield place, text
    subscriptions = {
        "AlarmSubscription": {"TopicArn": ref(ALARMS), "Protocol": "email", "Endpoint": ref("AlarmEmail")},
        "FeedbackSubscription": {
            "TopicArn": ref(FEEDBACK), "Protocol": "sqs", "Endpoint": attribute("FeedbackQueue", "Arn"),
        },
    }
    for place, text in each_difference(of_type(system.root, SUBSCRIPTION), subscriptions):
        yield place, text


@rule
def only_ses_tells_of_mail_and_only_the_topic_queues_it(system):
    """Or anyone could have an address suppressed."""
    arn = f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:configuration-set/{name_of_set(system)}"
    publish = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": ref(FEEDBACK),
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId"), "aws:SourceArn": sub(arn)}},
    }
    queue = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attribute("FeedbackQueue", "Arn"),
        "Condition": {"StringEquals": {"aws:SourceArn": ref(FEEDBACK)}},
    }
    policies = {"FeedbackTopicPolicy": {"Topics": [ref(FEEDBACK)], "PolicyDocument": document(publish)}}
    for place, text in each_difference(of_type(system.root, TOPIC_POLICY), policies):
        yield place, text
    policies = {"FeedbackQueuePolicy": {"Queues": [ref("FeedbackQueue")], "PolicyDocument": document(queue)}}
    for place, text in each_difference(of_type(system.root, QUEUE_POLICY), policies):
        yield place, text

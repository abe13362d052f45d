"""Queues, dead letters, and the sources of workers."""

from rules import PRESENT, Holds, differences, rule
from rules.calls import caller, functions, properties
from system import ALARM, QUEUE, SOURCE, attribute, of_type, pascal, ref

TWO_WEEKS = 1209600


@rule
def queues_keep_dead_letters(system):
    """A dead letter waits for as long as SQS can keep it, and everything is encrypted."""
    queues = of_type(system.root, QUEUE)
    living = [name for name in queues if not name.endswith("DeadQueue")]
    for name in living:
        dead = name.removesuffix("Queue") + "DeadQueue"
        wanted = {
            "QueueName": PRESENT,
            "VisibilityTimeout": PRESENT,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": attribute(dead, "Arn"), "maxReceiveCount": system.code.receives},
        }
        for text in differences(queues[name], wanted):
            yield f"template.yaml {name}", text
    for name in sorted(queues.keys() - set(living)):
        wanted = {
            "QueueName": PRESENT,
            "MessageRetentionPeriod": TWO_WEEKS,
            "SqsManagedSseEnabled": True,
        }
        for text in differences(queues[name], wanted):
            yield f"template.yaml {name}", text
    # Lambda asks for five: it may take a message and be throttled before the function sees it.
    if system.code.receives < 5:
        yield "infra/local/src/system.rs", "RECEIVES_MAX is less than 5"


@rule
def dead_letters_raise_an_alarm(system):
    alarms = of_type(system.root, ALARM).values()
    for name in of_type(system.root, QUEUE):
        if not name.endswith("DeadQueue"):
            continue
        wanted = {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": attribute(name, "QueueName")}],
            "Statistic": "Maximum",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
        }
        if not any(wanted == {key: alarm.get(key) for key in wanted} for alarm in alarms):
            yield f"template.yaml {name}", "no alarm tells of its first message"


@rule
def messages_are_hidden_for_six_timeouts(system):
    """Or a message is given to a second call while the first still works on it. Lambda advises six. The
    local system has to hide them for as long, or its tests prove nothing."""
    queues = of_type(system.root, QUEUE)
    read = set()
    for stack in system.stacks.values():
        for function in functions(stack):
            if caller(stack, function) != "queue":
                continue
            name = properties(stack, f"{function}Source")["EventSourceArn"]["Ref"].removesuffix("Arn")
            read.add(name)
            hidden, timeout = queues.get(name, {}).get("VisibilityTimeout"), properties(stack, f"{function}Function")
            if hidden != 6 * timeout.get("Timeout", 0):
                yield f"template.yaml {name}", f"VisibilityTimeout is not six times that of {function}Function"
            if hidden != {f"{pascal(queue)}Queue": seconds for queue, seconds in system.code.hidden.items()}.get(name):
                yield f"template.yaml {name}", "VisibilityTimeout is not the hidden_seconds of the code"
    for name in queues:
        if name not in read and not name.endswith("DeadQueue"):
            yield f"template.yaml {name}", "no worker reads it"


@rule
def sources_report_each_failure(system):
    """One bad message must neither bring back the good ones of its batch nor hold up a stream for good."""
    for file, stack in system.stacks.items():
        for function in functions(stack):
            kind = caller(stack, function)
            if kind not in ("queue", "stream"):
                continue
            source = properties(stack, f"{function}Source")
            wanted = {
                "FunctionName": ref(f"{function}Function"),
                "EventSourceArn": PRESENT,
                "BatchSize": Holds("a number above 0", lambda value: isinstance(value, int) and value > 0),
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            }
            if kind == "queue":
                # Lambda accepts no less than two. A queue without a limit could take the whole account's.
                few = Holds("2 to 50", lambda value: 2 <= value.get("MaximumConcurrency", 0) <= 50)
                wanted["ScalingConfig"] = few
            else:
                bounded = Holds("bounded", lambda value: isinstance(value, int) and 0 <= value <= 86400)
                wanted |= {
                    "StartingPosition": "TRIM_HORIZON",
                    "FilterCriteria": PRESENT,
                    "BisectBatchOnFunctionError": True,
                    "MaximumRetryAttempts": bounded,
                    "MaximumRecordAgeInSeconds": bounded,
                    "DestinationConfig": {"OnFailure": {"Destination": ref("StreamDeadQueueArn")}},
                }
            for text in differences(source, wanted):
                yield f"{file} {function}Source", text


@rule
def one_worker_reads_a_queue(system):
    """Two would each get some of the messages."""
    readers = {}
    for file, stack in system.stacks.items():
        for name, source in of_type(stack, SOURCE).items():
            arn = source["EventSourceArn"].get("Ref", "")
            if arn.endswith("QueueArn") and readers.setdefault(arn, name) != name:
                yield f"{file} {name}", f"{readers[arn]} reads {arn.removesuffix('Arn')}, too"

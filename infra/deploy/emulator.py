"""Starts ministack, an emulated AWS in memory, on loopback: `emulator.py [--port N]`.

Where ministack does otherwise than AWS, in ways that the acceptance suite sees, it is mended here from
outside; each mend says what AWS does. Nothing here may make up for a fault of ours: what AWS would refuse
must be refused.

The mends know ministack's insides, so they apply to one version only.
"""

import argparse
import os
import signal
import socket
import socketserver
import sys
import threading
import time
from contextlib import suppress
from importlib.metadata import version

MENDED = "1.5.33"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_orphanhood(parent: int) -> None:
    """Ends the process, and by that the functions that poll it, once its parent has ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def configure(port: int) -> None:
    """Sets what ministack reads when it is imported."""
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        # IAM refuses what a role is not granted.
        AUTH="true",
        MINISTACK_REGION=os.environ.get("AWS_REGION", "ap-northeast-2"),
        # Where functions find their AWS.
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        # It listens on a port of its own, which nobody needs.
        IOT_MTLS_ENABLED="0",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
    )


def mend_events() -> None:
    """What an HTTP API tells a function of a request.

    AWS tells the client's address; ministack tells 127.0.0.1 whoever it is, so limits per address would be
    one limit for everyone. AWS takes cookies out of the headers into a list; ministack leaves them there.
    """
    from ministack.core.responses import get_request_client_ip
    from ministack.services import apigateway

    run = apigateway.run_reentrant

    async def run_with_true_event(function, *arguments, **options):
        for event in arguments:
            if isinstance(event, dict) and "http" in event.get("requestContext", {}):
                event["requestContext"]["http"]["sourceIp"] = get_request_client_ip()
                if cookies := event["headers"].pop("cookie", None):
                    event["cookies"] = cookies.split("; ")
        return await run(function, *arguments, **options)

    apigateway.run_reentrant = run_with_true_event


def mend_cors() -> None:
    """AWS answers pages of other origins as CorsConfiguration says. ministack keeps the template's spelling of
    its settings (AllowOrigins), and reads that of the API (allowOrigins), so a stack's origins are ignored."""
    from ministack.services import apigateway

    def spelt_as_in_the_api(build):
        def built(settings, origin):
            return build({name[:1].lower() + name[1:]: value for name, value in settings.items()}, origin)

        return built

    apigateway._cors_response_headers = spelt_as_in_the_api(apigateway._cors_response_headers)
    apigateway._cors_preflight_response = spelt_as_in_the_api(apigateway._cors_preflight_response)


def mend_queue_permissions() -> None:
    """AWS permits a batch to whoever may do one of it. ministack asks for actions that IAM does not know."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_iam_action

    def extract_known(*arguments, **options):
        action = extract(*arguments, **options)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    iam_actions.extract_iam_action = extract_known


def mend_quotas() -> None:
    """AWS takes 500 resources in a stack, and infra/lint holds each of ours to that. Here all of them are one stack, since
    ministack cannot nest stacks with SAM functions."""
    from ministack.services.cloudformation import engine

    engine._SECTION_QUOTAS = tuple(
        (section, *names, maximum if section != "Resources" else 5_000)
        for section, *names, maximum in engine._SECTION_QUOTAS
    )


def mend_delays() -> None:
    """A call takes AWS milliseconds. ministack waits for things that are not coming."""
    from hypercorn.config import Config
    from ministack.core import lambda_runtime

    # Replies go out in two writes, and the second waits 40 ms for the other side's delayed acknowledgement.
    # Accepted connections inherit the option of the listening socket.
    create = Config.create_sockets

    def create_without_delay(self):
        sockets = create(self)
        for each in sockets.secure_sockets + sockets.insecure_sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sockets

    Config.create_sockets = create_without_delay
    # The same in the runtime API that functions poll.
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True

    # After each invocation it waits 50 ms for a line of log. A line that comes later is part of the next
    # invocation's log.
    drain = lambda_runtime.ProvidedWorker._drain_stderr_bounded

    def drain_quickly(self, first_line_wait=0.001, idle_confirm=0.001, hard_cap=0.05):
        return drain(self, first_line_wait, idle_confirm, hard_cap)

    lambda_runtime.ProvidedWorker._drain_stderr_bounded = drain_quickly


def mend_idling() -> None:
    """An instance that waits costs AWS nothing. ministack has a server and a poll for each, which look ten times a
    second whether they are to end: hundreds of instances keep half a core from whoever waits for an answer."""
    from ministack.core import lambda_runtime

    serve, shutdown = socketserver.BaseServer.serve_forever, socketserver.BaseServer.shutdown

    def serve_until_told(self, **_):
        serve(self, poll_interval=None)

    def tell(self):
        told = threading.Thread(target=shutdown, args=[self])
        told.start()
        while told.is_alive():
            with suppress(OSError):
                socket.create_connection(self.server_address, timeout=1).close()
            told.join(0.1)

    socketserver.BaseServer.serve_forever = serve_until_told
    socketserver.BaseServer.shutdown = tell

    build = lambda_runtime.ProvidedWorker._build_handler_class

    def build_patient(self, generation, pending):
        get = pending.get
        pending.get = lambda timeout: get(timeout=30)
        return build(self, generation, pending)

    lambda_runtime.ProvidedWorker._build_handler_class = build_patient


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0, which is the default, takes a free one")
    parser.add_argument("--end-with-parent", action="store_true", help="end when the process that started it does")
    arguments = parser.parse_args()
    port = arguments.port or free_port()
    if version("ministack") != MENDED:
        sys.exit(f"emulator.py mends ministack {MENDED}, and this is {version('ministack')}: look at each mend again")
    configure(port)
    if arguments.end_with_parent:
        threading.Thread(target=await_orphanhood, args=[os.getppid()], daemon=True).start()

    from ministack import app

    mend_events()
    mend_cors()
    mend_queue_permissions()
    mend_quotas()
    mend_delays()
    mend_idling()

    sys.argv = ["ministack"]
    app.main()


main()

"""A client of the suite by grpcio that sends nothing twice: reads a task from its argument, prints what came of it."""

import importlib
import json
import pathlib
import platform
import sys
import threading
import time
import uuid

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory

GENERATED = pathlib.Path(sys.argv[1])
TASK = json.loads(sys.argv[2])
OPTIONS = [
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.enable_retries", 0),
    ("grpc.service_config_disable_resolution", 1),
]
FRESH_ID = "$uuid"
FAILURES_KEPT = 20


class Outcome:
    """What came of the calls so far."""

    def __init__(self):
        self.lock = threading.Condition()
        self.under_way = 0
        self.codes = {}
        self.failures = []
        self.slowest_ms = 0

    def begin(self):
        with self.lock:
            self.under_way += 1

    def end(self, path, code, message, took_ms):
        with self.lock:
            by_code = self.codes.setdefault(path, {})
            by_code[code] = by_code.get(code, 0) + 1
            if code == "OK":
                self.slowest_ms = max(self.slowest_ms, took_ms)
            elif len(self.failures) < FAILURES_KEPT:
                now = int(time.time() * 1000)
                self.failures.append({"at_ms": now, "path": path, "code": code, "message": message})
            self.under_way -= 1
            self.lock.notify_all()

    def wait(self):
        with self.lock:
            self.lock.wait_for(lambda: self.under_way == 0)


def prepare(call, channels):
    """A function that makes the call and returns at once."""
    service = descriptor_pool.Default().FindServiceByName(call["of"])
    method = service.methods_by_name[call["method"]]
    request = json_format.ParseDict(call["request"], message_factory.GetMessageClass(method.input_type)())
    answer = message_factory.GetMessageClass(method.output_type)
    path = f"/{call['of']}/{call['method']}"
    channel = channels[call["service"]]
    open_method = channel.unary_stream if call["streams"] else channel.unary_unary
    stub = open_method(path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString)
    fresh = [name for name, value in call["request"].items() if value == FRESH_ID]
    fields = [field.name for field in method.input_type.fields if field.json_name in fresh]
    metadata = [("authorization", "Bearer " + TASK["token"])]
    timeout = TASK["deadline_ms"] / 1000

    def send(outcome):
        for field in fields:
            setattr(request, field, str(uuid.uuid4()))
        outcome.begin()
        started = time.monotonic()

        def ended(answered):
            took = int((time.monotonic() - started) * 1000)
            outcome.end(path, answered.code().name, answered.details() or "", took)

        if call["streams"]:
            threading.Thread(target=read, args=(stub(request, timeout=timeout, metadata=metadata), ended)).start()
        else:
            stub.future(request, timeout=timeout, metadata=metadata).add_done_callback(ended)

    return send


def read(stream, ended):
    """Reads a stream to its end."""
    try:
        for _ in stream:
            pass
    except grpc.RpcError:
        pass
    ended(stream)


def until_told(over):
    sys.stdin.read()
    over.set()


def main():
    sys.path.insert(0, str(GENERATED))
    for file in sorted(GENERATED.glob("callout/*/v1/*_pb2.py")):
        importlib.import_module(".".join(file.relative_to(GENERATED).with_suffix("").parts))
    channels = {name: grpc.insecure_channel(target, options=OPTIONS) for name, target in TASK["targets"].items()}
    sends = [prepare(call, channels) for call in TASK["calls"]]
    outcome = Outcome()
    if "at_once" in TASK["pace"]:
        for send in sends:
            for _ in range(TASK["pace"]["at_once"]):
                send(outcome)
    else:
        over = threading.Event()
        threading.Thread(target=until_told, args=(over,), daemon=True).start()
        interval = TASK["pace"]["every_us"] / 1_000_000
        due, turn = time.monotonic(), 0
        while not over.wait(max(0.0, due - time.monotonic())):
            sends[turn % len(sends)](outcome)
            due, turn = due + interval, turn + 1
    outcome.wait()
    client = f"grpcio {grpc.__version__}, Python {platform.python_version()}"
    print(json.dumps({
        "client": client, "codes": outcome.codes, "failures": outcome.failures, "slowest_ms": outcome.slowest_ms,
    }), flush=True)


main()

"""What a check costs in a measure that no machine's mood changes: the work that the interpreter is given for it.

Counted are the bytecode instructions that are executed and the functions in C that are called, in the thread that
answers, for one check of a service whose caches are warm. What a function in C does inside is not seen, so this is no
substitute for ``make bench``; but whoever adds a loop or a call to the path of every check sees it here, exactly.

``python bench/hot_path_cost.py`` prints the figures. The budgets below are checked by tests/guard.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

import http2_frames as h2
from cryptography.hazmat.primitives import serialization
from in_process import InProcess
from load import GRPC_HEAD
from material import framed
from questions import new_certificates, question, url_pem
from rules import ten_rules

from extauthz.demo.dev_pki import make_dev_pki, write_dev_pki
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse

WARM_UP: Final = 50
CHECKS: Final = 21
NEW: Final = "a certificate never seen before"
BUDGETS: Final[Mapping[str, int]] = {
    "a known certificate": 630,
    "no certificate: deny": 970,
    "chain of three in XFCC": 740,
    "bound token": 1_650,
    "native transport, a known certificate": 1_040,
    NEW: 17_900,
}
"""The most that a check may cost: what it costs now, and about a twentieth."""
WHAT_TO_DO: Final = (
    "If it costs too much: see what the change added to every check and take it off that path. If it has to be there, "
    "see with `make bench` what it does to the rate. The budgets are in bench/hot_path_cost.py, and "
    "`python bench/hot_path_cost.py` prints the figures: a new budget is a figure and a twentieth, and the commit says "
    "why."
)
LEAST_ANSWER: Final = 500
"""Octets: an answer with identity headers has more."""
ROOM: Final = 0.75
"""A check that costs less than this share of its budget has a budget that guards nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one check."""

    instructions: int
    c_calls: int

    @property
    def total(self) -> int:
        """The figure that the budget is about."""
        return self.instructions + self.c_calls


def cost_of(call: Callable[[], object]) -> Cost:
    """Count what one call costs."""
    c_calls = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal c_calls
        if event == "c_call":
            c_calls += 1

    with _counted_instructions() as instructions:
        sys.setprofile(profile)
        try:
            call()
        finally:
            sys.setprofile(None)
    return Cost(instructions[0], c_calls)


@contextmanager
def _counted_instructions() -> Iterator[list[int]]:
    """Count what the interpreter executes within the block, in the one element of the list that is yielded.

    Python 3.12 and later count by PEP 669; there ``sys.settrace`` misses the instructions of code that ran before.
    """
    count = [0]
    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring

        def executed(_code: object, _offset: int) -> None:
            count[0] += 1

        monitoring.use_tool_id(monitoring.PROFILER_ID, "extauthz-cost")
        monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.INSTRUCTION, executed)
        monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.INSTRUCTION)
        try:
            yield count
        finally:
            monitoring.set_events(monitoring.PROFILER_ID, 0)
            monitoring.free_tool_id(monitoring.PROFILER_ID)
        return

    def trace(frame: FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401  (sys.settrace's own type)
        if event == "opcode":
            count[0] += 1
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return trace

    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(None)


def least_of(costs: Sequence[Cost]) -> Cost:
    """Return the cost without what does not belong to the check: another thread at the same lock costs a few more."""
    return min(costs, key=lambda one: one.total)


def measure(directory: Path) -> dict[str, list[Cost]]:
    """Count every row, several times each."""
    pki = make_dev_pki(datetime.now(UTC))
    write_dev_pki(pki, directory / "pki")
    alice = pki.clients["alice"].credential.certificate.public_bytes(serialization.Encoding.DER)
    issuing = pki.issuing.credential.certificate.public_bytes(serialization.Encoding.DER)
    chain = question(None, xfcc=f'Cert="{url_pem(alice)}";Chain="{url_pem(alice)}{url_pem(issuing)}"')
    plain = {
        "a known certificate": question(alice),
        "no certificate: deny": question(None),
        "chain of three in XFCC": chain,
    }
    costs = _costs(directory, plain, bound_tokens=False)
    new = [question(der) for der in new_certificates(pki.issuing, pki.lifetime, WARM_UP + CHECKS)]
    bound = {"bound token": question(alice, token_of=alice)}
    return {**costs, **_costs(directory, bound, bound_tokens=True), NEW: _costs_of_new(directory, new)}


def _service(directory: Path, *, bound_tokens: bool) -> InProcess:
    config = directory / "extauthz.yaml"
    # Denies are written to the log and allows drawn for it, as in production; no allow is ever drawn, since a line more
    # or less would be a matter of luck.
    text = ten_rules(decision_log=str(directory / "decisions.log"), bound_tokens=bound_tokens, allow_sample=0.0)
    config.write_text(text, encoding="utf-8")
    # A stopwatch that stands still: how long a check takes decides how many buckets of a histogram are passed.
    return InProcess(config, stopwatch=lambda: 0.0)


def _costs_of_new(directory: Path, questions: Sequence[bytes]) -> list[Cost]:
    """Count checks of certificates that were not seen before, of a CA of which others were."""
    with _service(directory, bound_tokens=False) as service:
        for asked in questions[:WARM_UP]:
            service.check(asked)
        return _repeated([partial(service.check, asked) for asked in questions[WARM_UP:]])


def _costs(directory: Path, questions: Mapping[str, bytes], *, bound_tokens: bool) -> dict[str, list[Cost]]:
    found = {}
    with _service(directory, bound_tokens=bound_tokens) as service:
        for name, asked in questions.items():
            expected = "deny" in name
            if (CheckResponse.FromString(service.check(asked)).status.code != 0) != expected:
                raise RuntimeError(f"{name}: the question is answered wrongly")
            for _ in range(WARM_UP):
                service.check(asked)
            found[name] = _repeated([partial(service.check, asked)] * CHECKS)
        if not bound_tokens:
            found["native transport, a known certificate"] = _through_session(service, questions["a known certificate"])
    return found


def _through_session(service: InProcess, asked: bytes) -> list[Cost]:
    """Count a check with the frames that it comes in and those of its answer, without the socket."""
    session = service.session()

    def exchange(data: bytes) -> bytes:
        session.receive(data)
        return session.output()

    exchange(h2.opening())
    frames = list(_requests(asked, WARM_UP + CHECKS))
    for one in frames[:WARM_UP]:
        if len(exchange(one)) < LEAST_ANSWER:
            raise RuntimeError("the native transport does not answer")
    return _repeated([partial(exchange, one) for one in frames[WARM_UP:]])


def _requests(asked: bytes, count: int) -> Iterator[bytes]:
    body = framed(asked)
    blocks = h2.RequestHead(GRPC_HEAD).blocks(h2.DEFAULT_TABLE)
    for number in range(count):
        stream = 2 * number + 1
        head = h2.frame(h2.HEADERS, h2.END_HEADERS, stream, blocks[number > 0])
        yield head + h2.frame(h2.DATA, h2.END_STREAM, stream, body)


def _repeated(calls: Sequence[Callable[[], object]]) -> list[Cost]:
    gc.collect()
    gc.disable()  # a collection may run code of its own
    try:
        return [cost_of(call) for call in calls]
    finally:
        gc.enable()


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order in sets is part of the path
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606  (this program again)
    with tempfile.TemporaryDirectory(prefix="extauthz-cost-") as directory:
        costs = measure(Path(directory))
    if options.json:
        rows = {name: [one.total for one in all_] for name, all_ in costs.items()}
        print(json.dumps({"costs": rows, "budgets": BUDGETS, "room": ROOM, "what_to_do": WHAT_TO_DO}))
        return
    for name, all_ in costs.items():
        least = least_of(all_)
        print(
            f"{name:38} {least.instructions:6,} instructions + {least.c_calls:5,} calls of C "
            f"= {least.total:6,} (budget {BUDGETS[name]:,})"
        )


if __name__ == "__main__":
    main()

"""The demo from start to end, as ``extauthz demo`` runs it."""

import time
from collections.abc import Callable
from typing import Protocol

from extauthz.demo.report import invitation_lines, note_lines, table_lines, verdict_line
from extauthz.demo.run import Result, run_scenarios
from extauthz.demo.stack import DemoStack, running_stack

TABLE_HEAD = 2
"""Lines of the table before its first row: the titles and the rule."""
KEEP_POLL = 0.5
"""Seconds between two looks at the processes while the demo is left running."""


class Terminal(Protocol):
    """Where the demo writes to."""

    def progress(self, line: str) -> None:
        """Say what is being done."""

    def result(self, line: str) -> None:
        """Print a line of the outcome."""

    def verdict(self, line: str, *, good: bool) -> None:
        """Print a line of the outcome that says whether something is as expected."""


def run_demo(terminal: Terminal, *, port: int = 0, keep: bool = False) -> bool:
    """Run the demo and tell whether everything was as expected. ``port`` 0 takes a free one.

    With ``keep`` everything stays up after that until Ctrl-C. Raises DemoError when it cannot run, and
    KeyboardInterrupt when it is ended before its verdict; by then every process is gone. Main thread only.
    """
    with running_stack(port, terminal.progress) as stack:
        results = _send_all(stack, terminal)
        good = _report(results, terminal)
        if keep:
            _stay(stack, terminal.progress)
    return good


def _send_all(stack: DemoStack, terminal: Terminal) -> list[Result]:
    terminal.progress(f"sending requests to https://localhost:{stack.port}")
    results = list(run_scenarios(stack))
    stack.extauthz.require_running()
    return results


def _report(results: list[Result], terminal: Terminal) -> bool:
    lines = table_lines(results)
    terminal.result("")
    for line in lines[:TABLE_HEAD]:
        terminal.result(line)
    for line, result in zip(lines[TABLE_HEAD:], results, strict=True):
        terminal.verdict(line, good=not result.problems)
    terminal.result("")
    for line in note_lines(results):
        terminal.result(line)
    good = all(not result.problems for result in results)
    terminal.verdict(verdict_line(results), good=good)
    return good


def _stay(stack: DemoStack, say: Callable[[str], None]) -> None:
    try:
        say("")
        for line in invitation_lines(stack):
            say(line)
        while True:
            stack.extauthz.require_running()
            stack.envoy.require_running()
            time.sleep(KEEP_POLL)
    except KeyboardInterrupt:
        say("ending")

from collections.abc import Callable
from typing import Any

import pytest

from extauthz.cli import demo as demo_module
from extauthz.demo.errors import DemoError
from extauthz.demo.main import Terminal

Run = Callable[..., Any]


def outcome_of(good: bool) -> Callable[..., bool]:
    def stand_in(terminal: Terminal, *, port: int, keep: bool) -> bool:
        terminal.progress(f"port {port}, keep {keep}")
        terminal.result("a row")
        terminal.verdict("the verdict", good=good)
        return good

    return stand_in


@pytest.mark.parametrize(("good", "status"), [(True, 0), (False, 1)])
def test_the_verdict_is_the_exit_status(run: Run, monkeypatch: pytest.MonkeyPatch, good: bool, status: int) -> None:
    monkeypatch.setattr(demo_module, "run_demo", outcome_of(good))
    outcome = run("demo", "--port", 8443, "--keep")
    assert outcome.status == status
    assert outcome.err == "port 8443, keep True\n"
    assert outcome.out == "a row\nthe verdict\n"


def test_a_demo_that_cannot_run_is_a_sentence_and_status_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_run(*_: object, **__: object) -> bool:
        raise DemoError("There is no Envoy on this machine.")

    monkeypatch.setattr(demo_module, "run_demo", cannot_run)
    outcome = run("demo")
    assert (outcome.status, outcome.out, outcome.err) == (2, "", "extauthz: There is no Envoy on this machine.\n")


@pytest.mark.parametrize(("no_color", "coloured"), [(False, True), (True, False)])
def test_colours_only_on_a_terminal_that_wants_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, no_color: bool, coloured: bool
) -> None:
    monkeypatch.setattr(demo_module, "run_demo", outcome_of(good=False))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    outcome = run("demo")
    assert outcome.out.startswith("a row\n")
    assert ("\x1b[31mthe verdict" in outcome.out) is coloured


@pytest.mark.parametrize("port", ["-1", "65536", "https"])
def test_a_port_that_is_none_is_a_usage_error(run: Run, port: str) -> None:
    assert run("demo", "--port", port).status == 2

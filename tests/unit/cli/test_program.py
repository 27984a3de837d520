import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import click
import pytest

from extauthz import __version__
from extauthz.cli.group import COMMANDS
from extauthz.cli.program import DEBUG_VARIABLE, main, root

Run = Callable[..., Any]
Install = Callable[[Callable[[], None]], None]


def loaded_modules(*arguments: str) -> set[str]:
    """Run the command line in a fresh process and return the modules that it has loaded in the end."""
    code = (
        "import sys\nfrom extauthz.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    print('MODULES', *sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.partition("MODULES")[2].split())


def test_version_is_the_packages(run: Run) -> None:
    outcome = run("version")
    assert (outcome.status, outcome.out, outcome.err) == (0, f"extauthz {__version__}\n", "")


def test_the_module_runs_as_the_program_does() -> None:
    command = [sys.executable, "-P", "-m", "extauthz", "version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"extauthz {__version__}\n"


def test_the_group_names_its_commands_in_the_order_of_the_help(run: Run) -> None:
    assert root.list_commands(click.Context(root)) == list(COMMANDS)
    shown = [line.split()[0] for line in run("--help").out.partition("Commands:\n")[2].splitlines()]
    assert shown == list(COMMANDS)


def test_the_help_lists_every_command_and_loads_none() -> None:
    done = loaded_modules("--help")
    assert not {f"extauthz.cli.{module}" for module, _ in COMMANDS.values()} & done


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_and_its_help_begins_as_the_group_says(name: str, run: Run) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert command.help is not None
    assert command.help.splitlines()[0] == COMMANDS[name][1]
    outcome = run(name, "--help")
    assert outcome.status == 0
    assert outcome.out.startswith(f"Usage: extauthz {name}")


def test_version_loads_neither_cryptography_nor_grpc() -> None:
    assert not {"cryptography", "grpc", "pydantic", "google.protobuf"} & loaded_modules("version")


@pytest.mark.parametrize(
    "arguments", [("inspect", "/no/such/file"), ("pin", "/no/such/file"), ("crl", "/no/such/file")]
)
def test_reading_certificates_loads_neither_grpc_nor_the_configuration(arguments: tuple[str, ...]) -> None:
    loaded = loaded_modules(*arguments)
    assert "cryptography" in loaded
    assert not {"grpc", "pydantic", "google.protobuf", "prometheus_client"} & loaded


def test_validating_a_configuration_loads_no_grpc() -> None:
    assert not {"grpc", "google.protobuf", "prometheus_client"} & loaded_modules("validate", "/no/such/file")


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    outcome = run("serv")
    assert outcome.status == 2
    assert "No such command 'serv'" in outcome.err


def test_no_command_shows_the_help_and_is_a_usage_error(run: Run) -> None:
    outcome = run()
    assert outcome.status == 2
    assert "Usage: extauthz" in outcome.err


def broken() -> None:
    raise ZeroDivisionError("division by zero")


def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def command_that(monkeypatch: pytest.MonkeyPatch) -> Install:
    def install(body: Callable[[], None]) -> None:
        monkeypatch.setattr(root, "get_command", lambda _context, _name: click.Command("x", callback=body))

    return install


def test_a_defect_is_one_sentence_and_status_2(run: Run, command_that: Install) -> None:
    command_that(broken)
    outcome = run("x")
    assert outcome.status == 2
    assert outcome.err.startswith("extauthz: internal error: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in outcome.err


def test_the_stack_of_a_defect_is_shown_when_asked_for(command_that: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    command_that(broken)
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    with pytest.raises(ZeroDivisionError):
        main(["x"])


def test_ctrl_c_is_status_130(run: Run, command_that: Install) -> None:
    command_that(interrupted)
    outcome = run("x")
    assert outcome.status == 130
    assert "extauthz: interrupted" in outcome.err


def test_a_reader_that_went_away_ends_the_program_without_words() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "extauthz", "schema"], stdout=write, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write)
    assert done.stderr == b""

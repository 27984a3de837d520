"""docs/runbook.md has a section for each alert and each reason of a deny, and what it tells people to use exists."""

import re
from pathlib import Path

import click
import pytest
from prometheus_rules import read_alerts

from extauthz.cli.program import root
from extauthz.model.reason import ALLOW_REASONS, Reason

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
METRICS_PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
CONFIGURATION_PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
PARTS = ["Means", "Confirm", "Do"]
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|`|\| )extauthz ([a-z-]+)((?: (?:--?)?[\w./:-]+)*)", re.MULTILINE)
SENTENCE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)+")


def sections(heading: str) -> dict[str, str]:
    """Return the sections below a heading, by their names in order."""
    whole = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    parts = [part.partition("\n") for part in whole.split("\n### ")[1:]]
    return {name: text for name, _, text in parts}


def everything() -> dict[str, str]:
    return {**sections("Alerts"), **sections("Deny reasons")}


def test_each_alert_has_one_section_in_the_order_of_the_list() -> None:
    assert list(sections("Alerts")) == [alert.alert for alert in read_alerts()]


def test_each_deny_reason_has_one_section_in_the_order_of_the_steps() -> None:
    assert list(sections("Deny reasons")) == [reason for reason in Reason if reason not in ALLOW_REASONS]


@pytest.mark.parametrize("name", everything())
def test_a_section_says_what_it_means_how_to_confirm_it_and_what_to_do(name: str) -> None:
    found = re.findall(r"^- \*\*(\w+):\*\* (\S)", everything()[name], re.MULTILINE)
    assert [part for part, _ in found] == PARTS


def test_each_link_within_the_page_leads_to_a_section() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", line).replace(" ", "-").lower() for line in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_each_metric_that_is_named_exists() -> None:
    named = set(re.findall(r"\bextauthz_[a-z_]+", PAGE))
    assert {name for name in named if f"`{name}`" not in METRICS_PAGE} == set()


def test_each_command_that_is_named_exists_with_its_options() -> None:
    commands = COMMAND.findall(PAGE)
    assert len(commands) > 10
    context = click.Context(root)
    for name, arguments in commands:
        command = root.get_command(context, name)
        assert command is not None, name
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r" (--[a-z-]+)", arguments)) <= known, name


def test_each_line_of_the_process_log_that_is_quoted_is_written_by_the_program() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "extauthz").glob("**/*.py"))
    commands = ("extauthz ", "kubectl ")
    quoted = {span for span in SPAN.findall(PAGE) if SENTENCE.fullmatch(span) and not span.startswith(commands)}
    assert len(quoted) > 5
    assert {span for span in quoted if f'"{span}"' not in source} == set()


def test_each_setting_with_a_section_is_in_the_reference() -> None:
    named = {
        span
        for span in SPAN.findall(PAGE)
        if re.fullmatch(r"(?:listen|trust|revocation|headers|identity)(?:\.[a-z_]+)+", span)
    }
    assert len(named) > 5
    leaves = {span.rpartition(".")[2] for span in named}
    assert {leaf for leaf in leaves if f"`{leaf}`" not in CONFIGURATION_PAGE} == set()

"""Write docs/cli.md from the program's own help, or with ``--check`` say whether it is up to date."""

import difflib
import sys
from pathlib import Path

import click

from extauthz.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 100


def page() -> str:
    """Return the whole page."""
    parts = [
        "# Command line",
        "Made from the program's own help by `make docs`; `make check` fails when the two differ.",
        "Machine output goes to stdout, words to people go to stderr.",
    ]
    root = click.Context(main, info_name="extauthz", max_content_width=WIDTH, terminal_width=WIDTH)
    parts.append(_section("extauthz", main, root))
    for name in main.list_commands(root):
        command = main.get_command(root, name)
        if command is not None:
            context = click.Context(command, info_name=name, parent=root, max_content_width=WIDTH, terminal_width=WIDTH)
            parts.append(_section(f"extauthz {name}", command, context))
    return "\n\n".join(parts) + "\n"


def _section(title: str, command: click.Command, context: click.Context) -> str:
    return f"## {title}\n\n```text\n{command.get_help(context)}\n```"


def run(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    text = page()
    if arguments != ["--check"]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    committed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if committed == text:
        return 0
    sys.stderr.writelines(
        difflib.unified_diff(committed.splitlines(True), text.splitlines(True), "docs/cli.md", "program")
    )
    print("docs/cli.md is out of date: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))

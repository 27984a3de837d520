"""Write docs/cli.md from the program's own help, or with ``--check`` say whether it is up to date."""

import difflib
import sys
from pathlib import Path

import click

from extauthz.cli.program import root

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 100


def page() -> str:
    """Return the whole page."""
    parts = [
        "# Command line",
        "Made from the program's own help by `make docs`; `make check` fails when the two differ.",
        "Machine output goes to stdout, words to people go to stderr.",
    ]
    top = _context(root, "extauthz", None)
    parts.append(_section("extauthz", root, top))
    for name in root.list_commands(top):
        command = root.get_command(top, name)
        if command is not None:
            context = _context(command, name, top)
            parts.append(_section(f"extauthz {name}", command, context))
    return "\n\n".join(parts) + "\n"


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command,
        parent=parent,
        info_name=name,
        max_content_width=WIDTH,
        terminal_width=WIDTH,
        help_option_names=["-h", "--help"],
    )


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
    difference = difflib.unified_diff(committed.splitlines(), text.splitlines(), "docs/cli.md", "program", lineterm="")
    print("\n".join(difference), file=sys.stderr)
    print("docs/cli.md is out of date: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))

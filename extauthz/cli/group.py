"""The ``extauthz`` command group: it knows every command's name and purpose, and imports only the one that is run."""

import importlib
from collections.abc import Mapping

import click

COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("serve", "Run the service."),
    "validate": ("validate", "Check a configuration file."),
    "inspect": ("inspect", "Show who a certificate says its holder is."),
    "explain": ("explain", "Say how a request would be decided, step by step."),
    "doctor": ("doctor", "Say what is wired wrong between a proxy and extauthz."),
    "pin": ("pin", "Print the pins of a certificate."),
    "crl": ("crl", "Show what a certificate revocation list holds."),
    "import": ("import_", "Turn another product's certificate rules into a configuration."),
    "schema": ("schema", "Print the JSON Schema of the configuration file."),
    "dev-pki": ("dev_pki", "Write a throw-away PKI for development."),
    "demo": ("demo", "Run extauthz behind a real Envoy and show what it decides."),
    "health": ("health", "Ask a running service whether it is serving."),
    "sleep": ("sleep", "Wait, for a preStop hook."),
    "version": ("version", "Print the version."),
}
"""Name -> module below ``extauthz.cli`` (its ``command`` is the command) and one-line help."""


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (the base class passes it)
        """Return the names in the order in which the help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (as above)
        """Import the command's module and return the command, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"extauthz.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (as above)
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in COMMANDS.items()])

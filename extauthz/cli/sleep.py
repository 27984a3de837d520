"""``extauthz sleep``: wait, for a preStop hook in an image without a shell."""

import time
from typing import Final

import click

MOST_SECONDS: Final = 600
"""As long as ``shutdown.drain_delay`` may be. Whoever wants more has mistaken the unit."""


@click.command()
@click.argument("seconds", type=click.IntRange(0, MOST_SECONDS))
def command(*, seconds: int) -> None:
    """Wait, for a preStop hook.

    SECONDS is a whole number. For containers without a shell on Kubernetes before 1.30; from there on the kubelet waits
    by itself (lifecycle.preStop.sleep).
    """
    time.sleep(seconds)

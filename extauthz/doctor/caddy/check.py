"""All rules about Caddy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from extauthz.doctor.caddy import rules
from extauthz.doctor.caddy.view import read_caddy
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.wiring import CADDY

RULES: Final = (rules.forward_auth, rules.certificate, rules.identity_headers, rules.client_certificate)


def check_caddy(path: Path, wants: Expectations) -> Iterator[Finding]:
    """Yield what is wrong in a configuration of Caddy. Raises UnreadableError."""
    view = read_caddy(path)
    yield from wants.answers_over_http(CADDY)
    wiring = wants.http(CADDY)
    for rule in RULES:
        yield from rule(view, wants, wiring)

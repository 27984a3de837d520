"""All rules about Traefik."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.traefik import rules
from extauthz.doctor.traefik.view import read_traefik
from extauthz.doctor.wiring import TRAEFIK

RULES: Final = (
    rules.forward_auth,
    rules.middlewares_known,
    rules.certificate_passed,
    rules.certificate_kept,
    rules.identity_headers,
    rules.forwarded_headers,
    rules.client_certificate,
)


def check_traefik(paths: Sequence[Path], wants: Expectations) -> Iterator[Finding]:
    """Yield what is wrong in the files, read together. Raises UnreadableError."""
    view = read_traefik(paths)
    yield from wants.answers_over_http(TRAEFIK)
    wiring = wants.http(TRAEFIK)
    for rule in RULES:
        yield from rule(view, wants, wiring)

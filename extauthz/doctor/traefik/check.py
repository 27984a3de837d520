"""All rules about Traefik."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.traefik import rules, sent_on, ways
from extauthz.doctor.traefik.view import TraefikView, read_traefik
from extauthz.doctor.wiring import TRAEFIK

RULES: Final = (
    rules.forward_auth,
    ways.errors,
    ways.open_beside,
    rules.middlewares_known,
    rules.certificate_passed,
    rules.certificate_kept,
    rules.identity_headers,
    rules.underscores,
    rules.forwarded_headers,
    rules.client_certificate,
    rules.address,
    sent_on.path,
    sent_on.forged_certificates,
)


def check_traefik(paths: Sequence[Path], wants: Expectations) -> Checked:
    """Return what is wrong in the files, read together. Raises UnreadableError."""
    view = read_traefik(paths)
    counts = {
        "entry points": len(view.entry_points),
        "routers": len(view.routers),
        "routers with forwardAuth": len(list(view.asking)),
    }
    return Checked(Examined(view.files, counts), _findings(view, wants))


def _findings(view: TraefikView, wants: Expectations) -> Iterator[Finding]:
    yield from wants.answers_over_http(TRAEFIK)
    wiring = wants.http(TRAEFIK)
    for rule in RULES:
        yield from rule(view, wants, wiring)

"""All rules about Caddy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from extauthz.doctor.caddy import rules, told, ways, written
from extauthz.doctor.caddy.view import CaddyView, read_caddy
from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.wiring import CADDY

RULES: Final = (
    rules.forward_auth,
    ways.errors,
    ways.denials,
    ways.open_beside,
    rules.certificate,
    rules.identity_headers,
    written.identity_overwritten,
    written.underscores,
    written.files,
    rules.client_certificate,
    told.request,
    told.path_sent_on,
    told.address,
)


def check_caddy(path: Path, wants: Expectations) -> Checked:
    """Return what is wrong in a configuration of Caddy. Raises UnreadableError."""
    view = read_caddy(path)
    counts = {
        "servers": len(view.servers),
        "upstreams": len(view.upstreams),
        "forward_auth": len(view.authorizers),
    }
    return Checked(Examined([str(path)], counts), _findings(view, wants))


def _findings(view: CaddyView, wants: Expectations) -> Iterator[Finding]:
    yield from wants.answers_over_http(CADDY)
    wiring = wants.http(CADDY)
    for rule in RULES:
        yield from rule(view, wants, wiring)

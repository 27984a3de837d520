"""All rules about HAProxy."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.haproxy import rules, script, written
from extauthz.doctor.haproxy.view import HaproxyView, read_haproxy
from extauthz.doctor.wiring import HAPROXY

RULES: Final = (
    rules.question,
    rules.enforced,
    rules.allowed_before,
    rules.open_beside,
    rules.identity_headers,
    rules.client_certificate,
    written.identity_overwritten,
    written.answer_overwritten,
    written.underscores,
    written.trailers,
    written.path,
    script.address,
)


def check_haproxy(paths: Sequence[Path], wants: Expectations) -> Checked:
    """Return what is wrong in the files, read together. Raises UnreadableError."""
    view = read_haproxy(paths)
    counts = {
        "frontends": len(view.fronts),
        "backends": len(view.proxies) - len([one for one in view.fronts if one.section.kind == "frontend"]),
        "sections that ask": len(view.asking),
    }
    return Checked(Examined(view.files, counts), _findings(view, wants))


def _findings(view: HaproxyView, wants: Expectations) -> Iterator[Finding]:
    yield from wants.answers_over_http(HAPROXY)
    for rule in RULES:
        yield from rule(view, wants)

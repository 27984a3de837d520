"""What a service gets after the decision: the path that was decided on, and no header that passes for a certificate."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.traefik.view import TraefikView, cleared
from extauthz.doctor.wiring import FORWARDED_CERTIFICATE, FORWARDED_ELSEWHERE, HttpWiring

_CHANGING: Final = frozenset({"addprefix", "replacepath", "replacepathregex", "stripprefix", "stripprefixregex"})
"""Middlewares that make another path, in lower case."""


def path(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no path is changed after extauthz was asked about it."""
    for _, steps, asked in view.asking:
        for step in steps[asked + 1 :]:
            if step.kind.lower() in _CHANGING:
                yield step.config.found(Code.TRAEFIK_PATH_CHANGED, step.kind)


def forged_certificates(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that headers in which clients write certificates do not reach the service.

    Traefik's own has what it wrote itself, and extauthz needs it: that one is to go after the question.
    """
    for router, steps, asked in view.asking:
        if not view.knows_all(router):
            continue
        removed = cleared(steps) - {FORWARDED_CERTIFICATE} | cleared(steps[asked + 1 :])
        left = [name for name in (*FORWARDED_ELSEWHERE, FORWARDED_CERTIFICATE) if name not in removed]
        if left:
            yield router.node["middlewares"].found(Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE, ", ".join(left))

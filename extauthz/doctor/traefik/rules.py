"""What is asked on the way to a service, and what a client can say about itself."""

from collections.abc import Iterator
from typing import Final

import re2

from extauthz.doctor.asked import asked_by_url, reached_over_http, url_parts
from extauthz.doctor.code import Code
from extauthz.doctor.everybody import anybodys
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.tls_asked import tls_agrees_over_http, tls_of
from extauthz.doctor.traefik.view import FORWARD_AUTH, PASS_CERTIFICATE, Router, Step, TraefikView, cleared
from extauthz.doctor.wiring import FORWARDED_CERTIFICATE, TRAEFIK, HttpWiring, is_below

_NOT_ASKING: Final = frozenset({"", "NoClientCert"})
_NOT_VERIFYING: Final = frozenset({"RequestClientCert", "RequireAnyClientCert"})


def forward_auth(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that every router whose clients are asked for certificates asks extauthz about them."""
    if not view.routers:
        if not any(view.authorizers):
            yield Finding(code=Code.TRAEFIK_DOES_NOT_ASK, file=view.files[0])
        return
    if not any(view.asking):
        first = view.routers[0].node
        yield Finding(code=Code.TRAEFIK_FORWARD_AUTH_MISSING, file=first.file, detail="no router has it")
        return
    for router in view.routers:
        if needs_to_ask(view, router) and not _has(view.steps(router), FORWARD_AUTH):
            yield router.node["middlewares"].found(Code.TRAEFIK_FORWARD_AUTH_MISSING)


def needs_to_ask(view: TraefikView, router: Router) -> bool:
    """Say whether its clients are asked for certificates."""
    client_auth, _ = view.client_auth(router)
    return client_auth["clientAuthType"].text not in _NOT_ASKING


def middlewares_known(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the middlewares of routers are defined."""
    for router in view.routers:
        for name in view.unknown(router):
            yield name.found(Code.TRAEFIK_MIDDLEWARE_UNKNOWN, name.text)


def certificate_passed(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the certificate is put into its header before extauthz is asked."""
    for router, steps, _ in view.asking:
        kinds = [step.kind.lower() for step in steps if not _is_without_pem(step)]
        asked = kinds.index(FORWARD_AUTH.lower())
        if PASS_CERTIFICATE.lower() not in kinds:
            detail = "pem is not true" if _has(steps, PASS_CERTIFICATE) else ""
            yield router.node["middlewares"].found(Code.TRAEFIK_CERTIFICATE_NOT_PASSED, detail)
        elif PASS_CERTIFICATE.lower() not in kinds[:asked]:
            yield router.node["middlewares"].found(Code.TRAEFIK_CERTIFICATE_PASSED_LATE)


def certificate_kept(view: TraefikView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the question to extauthz keeps the header."""
    for config in view.authorizers:
        trusted = config["trustForwardHeader"]
        if trusted.given and not trusted.is_true and wiring.certificate_header == FORWARDED_CERTIFICATE:
            yield trusted.found(Code.TRAEFIK_CERTIFICATE_STRIPPED)
        sent = config["authRequestHeaders"]
        if sent.texts and wiring.certificate_header not in [name.lower() for name in sent.texts]:
            yield sent.found(Code.TRAEFIK_CERTIFICATE_FILTERED, wiring.certificate_header)


def identity_headers(view: TraefikView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that every identity header is taken from the answer, and the client's own dropped."""
    for config in view.authorizers:
        node = config["authResponseHeaders"]
        copied = {name.lower() for name in node.texts}
        expression = config["authResponseHeadersRegex"].text
        missing = [name for name in wants.identity_headers if name not in copied and not _finds(expression, name)]
        if missing:
            yield node.found(Code.TRAEFIK_IDENTITY_FORGEABLE, ", ".join(missing))


def underscores(view: TraefikView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that identity headers are dropped in the spelling that many services take for the same."""
    for _, steps, asked in view.asking:
        config = steps[asked].config
        expression = config["authResponseHeadersRegex"]
        copied, dropped = {name.lower() for name in config["authResponseHeaders"].texts}, cleared(steps)
        left = [
            spelled
            for name in wants.identity_headers
            for spelled in [name.replace("-", "_")]
            if (name in copied or _finds(expression.text, name))
            and spelled not in dropped
            and not _finds(expression.text, spelled)
        ]
        if left:
            yield expression.found(Code.TRAEFIK_UNDERSCORES, ", ".join(left))


def address(view: TraefikView, wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that it asks where extauthz listens, under the path that extauthz answers."""
    for config in view.authorizers:
        node = config["address"]
        url = url_parts(node.text)
        if url.scheme and not is_below(url.path, wiring.prefix):
            yield node.found(Code.TRAEFIK_OTHER_PREFIX, f"{url.path or 'no path'}, not {wiring.prefix}")
        place = node.found(Code.CONFIG_ASKED_ELSEWHERE).place
        yield from reached_over_http(wants, TRAEFIK, asked_by_url(node.text, place))
        tls = config["tls"]
        shown = tls["cert"].given or tls["certSecret"].given  # in a file, in a resource of Kubernetes
        yield from tls_agrees_over_http(wants, TRAEFIK, tls_of(url.scheme, certificate=shown), place)


def forwarded_headers(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that entry points drop the forwarded headers of clients."""
    for entry in view.entry_points.values():
        node = entry["forwardedHeaders"]
        if node["insecure"].is_true:
            yield node["insecure"].found(Code.TRAEFIK_FORWARDED_HEADERS_INSECURE)
        everybody = anybodys(node["trustedIPs"].texts)
        if everybody:
            yield node["trustedIPs"].found(Code.TRAEFIK_FORWARDED_HEADERS_INSECURE, everybody)


def client_certificate(view: TraefikView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that clients are asked for a certificate, and somebody verifies it."""
    for router, _, _ in view.asking:
        client_auth, known = view.client_auth(router)
        node = client_auth["clientAuthType"]
        if node.text in _NOT_ASKING:
            if known:
                where = router.node["tls"] if not client_auth.given else node
                yield where.found(Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED)
        elif node.text in _NOT_VERIFYING and not wants.verifies_chains:
            yield node.found(Code.TRAEFIK_UNTRUSTED_ACCEPTED, f"{node.text}; trust.chain is {wants.config.trust.chain}")


def _has(steps: list[Step], kind: str) -> bool:
    return any(step.kind.lower() == kind.lower() for step in steps)


def _is_without_pem(step: Step) -> bool:
    return step.kind.lower() == PASS_CERTIFICATE.lower() and not step.config["pem"].is_true


def _finds(expression: str, name: str) -> bool:
    """Say whether Traefik's expression is found in a header's name, as Go spells it: ``X-Client-Cert-Cn``."""
    canonical = "-".join(part.capitalize() for part in name.split("-"))
    try:
        return bool(expression) and re2.search(expression, canonical) is not None
    except re2.error:  # Traefik would refuse it too
        return False

"""Ways past the question, and what a client can say about itself."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.haproxy.conditions import Enforcement
from extauthz.doctor.haproxy.parse import Line
from extauthz.doctor.haproxy.removed import removes
from extauthz.doctor.haproxy.view import HaproxyView, Proxy, way_rules

_IGNORING: Final = frozenset({"crt-ignore-err", "ca-ignore-err"})
_CODES: Final = {
    Enforcement.OPEN: Code.HAPROXY_FAILS_OPEN,
    Enforcement.PARTIAL: Code.HAPROXY_PARTLY_ENFORCED,
}


def question(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that every frontend whose clients are asked for certificates asks extauthz about them."""
    if not view.asking:
        head = view.fronts[0].section.head
        yield head.found(Code.HAPROXY_QUESTION_MISSING, "no http-request runs a lua action with auth in its name")
        return
    for front, back, line in view.ways():
        if front.verifying_binds and front.question is None and back.question is None:
            yield line.found(Code.HAPROXY_QUESTION_MISSING)


def enforced(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that a rule behind the question refuses whoever was not allowed, also when the script failed."""
    for proxy in view.asking:
        if proxy.question is not None and not proxy.refusals:
            yield proxy.question.found(Code.HAPROXY_ANSWER_NOT_ENFORCED)
        for line, what in proxy.refusals if not proxy.enforces else ():
            yield line.found(_CODES[what])


def allowed_before(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no rule ends the rules before a request is refused."""
    for proxy in view.asking:
        refusing = {id(refusal) for refusal, what in proxy.refusals if what is Enforcement.FULL}
        for line in proxy.rules:
            if id(line) in refusing:
                break
            if line.words[1] == "allow":
                yield line.found(Code.HAPROXY_ALLOWED_BEFORE)


def open_beside(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no other frontend leads to what is protected; those that want certificates are an error."""
    ways = list(view.ways())
    protected = {key for front, back, _ in ways if _asks(front, back) for key in _keys(back)}
    for front, back, line in ways:
        told = _asks(front, back) or front.verifying_binds or front.redirects_to_https
        if not told and not protected.isdisjoint(_keys(back)):
            yield line.found(Code.HAPROXY_OPEN_BESIDE)


def identity_headers(view: HaproxyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that every identity header of the client is removed or replaced, on each way that asks."""
    seen: set[Line] = set()
    for front, back, _ in view.ways():
        asked = front.question or back.question
        if asked is None or asked in seen:
            continue
        rules = way_rules(front, back)
        forgeable = [name for name in wants.identity_headers if not any(removes(rule, name) for rule in rules)]
        if forgeable:
            seen.add(asked)
            yield asked.found(Code.HAPROXY_IDENTITY_FORGEABLE, ", ".join(forgeable))


def client_certificate(view: HaproxyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that clients are asked for a certificate, and somebody verifies it."""
    asking = {front.section.head: front for front, back, _ in view.ways() if _asks(front, back)}
    for front in asking.values():
        if not front.verifying_binds:
            yield front.section.head.found(Code.HAPROXY_CERTIFICATE_NOT_REQUESTED)
        for bind in front.verifying_binds:
            if not _IGNORING.isdisjoint(bind.words) and not wants.verifies_chains:
                yield bind.found(Code.HAPROXY_UNTRUSTED_ACCEPTED, f"trust.chain is {wants.config.trust.chain}")


def _asks(front: Proxy, back: Proxy) -> bool:
    return front.question is not None or back.question is not None


def _keys(back: Proxy) -> frozenset[str]:
    return back.servers | {f"backend {back.section.name}"}

"""The annotations ``auth-tls-*`` of one Ingress, and others that restrict who gets in."""

import re
from dataclasses import dataclass
from typing import Literal

from extauthz.importing.ingress_objects import Ingress
from extauthz.importing.remark import Remark, Weight
from extauthz.model.quoted import quoted
from extauthz.policy.patterns import REGEX_PREFIX, PatternError
from extauthz.policy.rules.distinguished_name import subject_rule

VerifyClient = Literal["on", "off", "optional", "optional_no_ca"]

DEFAULT_DEPTH = 1
"""What ingress-nginx takes without ``auth-tls-verify-depth``, and for 0."""
NO_SECRET = ""
_SECRET = re.compile(r"[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*")
_BEGINNING = "CN="
_OTHER_RESTRICTIONS = (
    "auth-type",
    "auth-secret",
    "auth-signin",
    "auth-snippet",
    "configuration-snippet",
    "server-snippet",
    "satisfy",
    "whitelist-source-range",
    "denylist-source-range",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """What an Ingress asks of clients. Equal for Ingresses that ask the same."""

    secret: str
    """``namespace/name``; NO_SECRET where the annotation names none, and ingress-nginx denies every request."""
    verify: VerifyClient
    depth: int
    subject: str | None
    """Pattern of the subject, where ``auth-tls-match-cn`` asks for one."""
    refusals: tuple[str, ...]


def tls_settings(ingress: Ingress, remarks: list[Remark]) -> TlsSettings | None:
    """Read the annotations of an Ingress; None where it asks for no certificate, as without ``auth-tls-secret``."""
    secret = ingress.annotation("auth-tls-secret")
    if secret is None:
        ignored = map(ingress.annotation, ("auth-tls-verify-client", "auth-tls-match-cn"))
        message = "ingress-nginx ignores it without auth-tls-secret"
        remarks.extend(Remark(node.place, Weight.NOTE, message) for node in ignored if node is not None)
        return None
    refusals: list[str] = []
    name = (secret.text() or "").strip()
    if name.partition("/")[0] != ingress.namespace and _SECRET.fullmatch(name) is not None:
        message = "a Secret of another namespace: newer versions deny every request unless they are told to allow that"
        remarks.append(Remark(secret.place, Weight.NOTE, message))
    settings = TlsSettings(
        secret=name if _SECRET.fullmatch(name) is not None else NO_SECRET,
        verify=_verify(ingress, remarks),
        depth=_depth(ingress),
        subject=_subject(ingress, refusals),
        refusals=(*refusals, *_auth_url(ingress, remarks)),
    )
    _answers(ingress, remarks)
    return settings


def _verify(ingress: Ingress, remarks: list[Remark]) -> VerifyClient:
    node = ingress.annotation("auth-tls-verify-client")
    match ingress.annotation_text("auth-tls-verify-client"):
        case "off":
            return "off"
        case "optional":
            return "optional"
        case "optional_no_ca":
            if node is not None:
                message = "optional_no_ca: certificates that do not verify are denied here; NGINX lets them through"
                remarks.append(Remark(node.place, Weight.LEFT_OUT, message))
            return "optional_no_ca"
    return "on"  # what ingress-nginx takes for any other text, too


def _depth(ingress: Ingress) -> int:
    text = ingress.annotation_text("auth-tls-verify-depth")
    return (int(text) if text.isascii() and text.isdecimal() else 0) or DEFAULT_DEPTH


def _subject(ingress: Ingress, refusals: list[str]) -> str | None:
    """Return the pattern of ``auth-tls-match-cn``: found anywhere in the whole subject, as NGINX looks for it."""
    text = ingress.annotation_text("auth-tls-match-cn")
    if not text:
        return None
    if not text.startswith(_BEGINNING):
        refusals.append(
            f"auth-tls-match-cn {quoted(text)} does not start with CN=: some versions of ingress-nginx ignore it, some "
            "deny every request"
        )
        return None
    pattern = f"{REGEX_PREFIX}.*(?:{text}).*"
    if not text.isprintable():
        refusals.append(f"auth-tls-match-cn {quoted(text)} holds a character that does not print")
        return None
    try:
        # Alone first: `CN=a)|(?:b` is none, and would be a wider one with what is written around it.
        subject_rule([REGEX_PREFIX + text])
        subject_rule([pattern])
    except PatternError as error:
        refusals.append(f"auth-tls-match-cn {quoted(text)} cannot be used: {error}")
        return None
    return pattern


def _auth_url(ingress: Ingress, remarks: list[Remark]) -> list[str]:
    headers = ingress.annotation("auth-response-headers")
    if headers is not None:
        message = (
            "auth-response-headers has no counterpart: `headers` says what of the certificate goes to the upstream. "
            "Have the proxy remove these headers from clients' requests"
        )
        remarks.append(Remark(headers.place, Weight.LEFT_OUT, message))
    url = ingress.annotation_text("auth-url")
    if not url:
        return []
    why = (
        f"auth-url {quoted(url)} asked another service, too; extauthz asks none. Delete "
        "the lines if the proxy still asks it, or if the certificate is enough"
    )
    return [why]


def _answers(ingress: Ingress, remarks: list[Remark]) -> None:
    """Remark on what has no counterpart and decides nothing about certificates."""
    page = ingress.annotation("auth-tls-error-page")
    if page is not None:
        message = "auth-tls-error-page: nobody is redirected; a client that is denied gets `deny.status`"
        remarks.append(Remark(page.place, Weight.LEFT_OUT, message))
    passes = ingress.annotation("auth-tls-pass-certificate-to-upstream")
    if passes is not None and ingress.annotation_text("auth-tls-pass-certificate-to-upstream") == "true":
        message = (
            "the upstream does not get the certificate as ssl-client-cert; `headers.emit` says what of it goes there "
            "as x-client-cert-*"
        )
        remarks.append(Remark(passes.place, Weight.LEFT_OUT, message))
    for name in _OTHER_RESTRICTIONS:
        if (node := ingress.annotation(name)) is not None:
            message = f"{name} is not about certificates: whatever it restricts is for the proxy to restrict further on"
            remarks.append(Remark(node.place, Weight.LEFT_OUT, message))

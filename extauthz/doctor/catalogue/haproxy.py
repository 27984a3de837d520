"""Findings about HAProxy."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.HAPROXY_QUESTION_MISSING: Advice(
        _ERROR,
        "Requests reach the upstream without a decision, and with whatever identity headers the client wrote",
        "Run the script and the deny of examples/haproxy/haproxy.cfg in this frontend or in its backend",
    ),
    Code.HAPROXY_ANSWER_NOT_ENFORCED: Advice(
        _ERROR,
        "No rule looks at what the script found out, so a request passes when the script fails",
        "Add http-request deny unless { var(txn.extauthz) -m str allow } behind it",
    ),
    Code.HAPROXY_FAILS_OPEN: Advice(
        _ERROR,
        "This refuses what the script says is denied, and when the script fails it says nothing",
        "Deny unless the variable says that the request is allowed",
    ),
    Code.HAPROXY_ALLOWED_BEFORE: Advice(
        _ERROR,
        "A request that this allows is not decided: no rule behind it is looked at any more",
        "Put it behind the deny, or remove it",
    ),
    Code.HAPROXY_IDENTITY_FORGEABLE: Advice(
        _ERROR,
        "The upstream gets these identity headers as the client wrote them, whenever the answer has none",
        "Remove them with http-request del-header before the script runs",
    ),
    Code.HAPROXY_UNTRUSTED_ACCEPTED: Advice(
        _ERROR,
        "HAProxy takes certificates of any CA, and extauthz does not verify them either",
        "Set trust.chain: verify in extauthz, or remove crt-ignore-err and ca-ignore-err",
    ),
    Code.HAPROXY_PARTLY_ENFORCED: Advice(
        _WARNING,
        "The condition exempts some requests, and these pass without a decision",
        "Deny by the variable alone",
    ),
    Code.HAPROXY_OPEN_BESIDE: Advice(
        _WARNING,
        "This leads to an upstream that is protected elsewhere, without a decision and with any identity headers",
        "Run the script and the deny here too, or remove this way",
    ),
    Code.HAPROXY_CERTIFICATE_NOT_REQUESTED: Advice(
        _WARNING,
        "Clients are never asked for a certificate, so nobody has one",
        "Add verify optional and a ca-file to bind",
    ),
    Code.HAPROXY_OTHER_PREFIX: Advice(
        _WARNING,
        "extauthz does not answer under this path, so every request is refused",
        "Let the URL in the script end with the prefix of listen.http",
    ),
}

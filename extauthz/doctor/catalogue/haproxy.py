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
        "This lets requests through of which the script did not say that they are allowed, as when it fails",
        "Deny unless the variable says that the request is allowed",
    ),
    Code.HAPROXY_ANSWER_OVERWRITTEN: Advice(
        _ERROR,
        "This writes the variable that says whether a request is allowed, so requests pass that extauthz did not allow",
        "Leave the variable to the script; setting it to a denial before the question is fine",
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
    Code.HAPROXY_IDENTITY_OVERWRITTEN: Advice(
        _ERROR,
        "Behind the question this writes something of the request into an identity header, so a client can forge it",
        "Remove it, or put it before the question and the removal",
    ),
    Code.HAPROXY_UNDERSCORES: Advice(
        _ERROR,
        "A client's x_client_cert_subject passes beside the real header, and many upstreams take it for the same",
        "Remove every spelling: http-request del-header ^x[^a-z0-9]client[^a-z0-9]cert[^a-z0-9] -m reg",
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
    Code.HAPROXY_TRAILERS_PASSED: Advice(
        _WARNING,
        "Trailers, which stand behind a body, go on, and an upstream that takes them for headers believes them",
        "Refuse requests without a length, as examples/haproxy/haproxy.cfg does",
    ),
    Code.HAPROXY_PATH_CHANGED: Advice(
        _WARNING,
        "The upstream gets another path than the one that was decided on",
        "Change the path before the script runs, and write policies for the path that comes of it",
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

"""What a denied client gets to see: status, headers and body, the same over every transport.

It never holds the operator's ``detail``, nor anything from the certificate or the request.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from extauthz.model.decision import Decision
from extauthz.model.reason import Reason
from extauthz.wire.proto.envoy.type.v3.http_status_pb2 import StatusCode

DenyBody = Literal["problem_json", "text", "empty"]

DENY_STATUSES = frozenset(StatusCode.values()) - {StatusCode.Empty}
"""What a deny may be: the client and server errors that Envoy's API names."""

TOKEN_REASONS = frozenset({Reason.TOKEN_BINDING_MISSING, Reason.TOKEN_BINDING_MISMATCH})
"""The client is to come back with another token; for every other reason it is not to come back."""

_TOKEN_CHALLENGE = ("www-authenticate", 'Bearer error="invalid_token"')
_NO_STORE = ("cache-control", "no-store")


@dataclass(frozen=True, slots=True)
class DenyAnswer:
    """How the operator wants a deny to look. Refuses, with ``ValueError``, a status that is not an error."""

    status: int = HTTPStatus.FORBIDDEN
    """For every reason but those of token binding: they answer 401, as RFC 8705 §3 demands."""
    body: DenyBody = "problem_json"
    expose_reason: bool = False
    """Tell the client the reason and the policy: a help to honest clients, and to those who probe."""

    def __post_init__(self) -> None:
        if self.status not in DENY_STATUSES:
            raise ValueError(f"{self.status} is not an HTTP error status that Envoy knows")


@dataclass(frozen=True, slots=True)
class DenyReply:
    """One deny as HTTP says it. Header names are lower case and unique."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def render_deny(decision: Decision, answer: DenyAnswer, decision_id: str) -> DenyReply:
    """Say a deny in HTTP; ``decision_id`` is left out when empty.

    - Token binding answers 401 with the challenge of RFC 6750 §3.1. The code is ``invalid_token`` for a missing binding
      as well: a token without ``cnf`` is one, and a decision does not tell it from no token at all.
    - Any other 401 that an operator chooses has no ``WWW-Authenticate``: no registered scheme means "a certificate".
    - A client that speaks gRPC sees neither status nor body. Envoy answers it with ``grpc-status``, which it derives
      from the HTTP status, and with the body as ``grpc-message``. So such a deny is always 401 or 403, which become
      UNAUTHENTICATED and PERMISSION_DENIED (503 would become UNAVAILABLE, and be retried), and one short line of text.
    """
    challenged = decision.reason in TOKEN_REASONS
    if challenged:
        status = int(HTTPStatus.UNAUTHORIZED)
    elif decision.is_grpc:
        status = int(HTTPStatus.FORBIDDEN)
    else:
        status = answer.status
    headers = (_NO_STORE, _TOKEN_CHALLENGE) if challenged else (_NO_STORE,)
    facts = {"decision_id": decision_id} if decision_id else {}
    if answer.expose_reason:
        facts["reason"] = decision.reason.value
        if decision.policy:
            facts["policy"] = decision.policy
    if decision.is_grpc or answer.body == "text":
        text = "; ".join(("access denied", *(f"{key}={value}" for key, value in facts.items())))
        return DenyReply(status, (("content-type", "text/plain; charset=utf-8"), *headers), text)
    if answer.body == "empty":
        return DenyReply(status, headers, "")
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **facts}
    return DenyReply(status, (("content-type", "application/problem+json"), *headers), json.dumps(problem))

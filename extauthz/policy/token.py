"""Certificate-bound access tokens (RFC 8705 §3): the token's ``cnf`` names the certificate it may be used with.

The token itself is verified by the proxy's JWT filter, which hands its payload over as metadata; only the binding is
checked here. A payload that the proxy did not forward cannot be checked, and is never guessed from a header.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.trust.binding import verify_cert_binding

JWT_NAMESPACE = "envoy.filters.http.jwt_authn"
"""Where Envoy's JWT filter leaves verified payloads, one key for each ``payload_in_metadata``."""
CONFIRMATION = "cnf"
CERTIFICATE_THUMBPRINT = "x5t#S256"
_TOKENLESS = re.compile(r"[ \t]*(?:basic|digest|negotiate|ntlm)[ \t](?!.*[, \t](?:bearer|dpop)[ \t])", re.IGNORECASE)
"""An ``Authorization`` that plainly carries no access token. Whatever else stands there may be one."""


class TokenBindingMode(StrEnum):
    """What a policy asks of tokens."""

    REQUIRED = "required"
    """Every request carries a token that is bound to its certificate."""
    IF_PRESENT = "if_present"
    """A token that is bound must be bound to this certificate; unbound tokens and requests without one pass."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBinding:
    """The check of one policy. ``payload_keys`` narrows which metadata keys hold payloads; None means every key."""

    mode: TokenBindingMode = TokenBindingMode.OFF
    payload_keys: frozenset[str] | None = None

    def check(self, request: AuthRequest, certificate_der: bytes | None) -> Outcome:
        """Compare the ``cnf`` of every forwarded payload with the client's certificate (None: there is none).

        With several payloads each one is held to the rule: an upstream may read any of them.
        """
        if self.mode is TokenBindingMode.OFF:
            return Pass("not asked for")
        payloads = self._payloads(request)
        if not payloads:
            return self._without_payload(request)
        for key, payload in payloads.items():
            outcome = self._check_payload(key, payload, certificate_der)
            if isinstance(outcome, Fail):
                return outcome
        return Pass(f"checked {', '.join(map(repr, payloads))}")

    def _payloads(self, request: AuthRequest) -> dict[str, object]:
        entries = request.metadata.get(JWT_NAMESPACE, {})
        return {key: value for key, value in entries.items() if self.payload_keys is None or key in self.payload_keys}

    def _without_payload(self, request: AuthRequest) -> Outcome:
        if self.mode is TokenBindingMode.REQUIRED:
            return Fail(Reason.TOKEN_BINDING_MISSING, "no verified token payload was forwarded")
        for value in request.headers.get("authorization", ()):
            if value.strip() and _TOKENLESS.match(value) is None:
                detail = "a token may have come, but no verified payload did (metadata_context_namespaces)"
                return Fail(Reason.TOKEN_BINDING_MISSING, detail)
        return Pass("no token")

    def _check_payload(self, key: str, payload: object, certificate_der: bytes | None) -> Outcome:
        confirmation = payload.get(CONFIRMATION, {}) if isinstance(payload, Mapping) else None
        if not isinstance(confirmation, Mapping):
            return Fail(Reason.TOKEN_BINDING_MISMATCH, f"the payload {key!r} or its `cnf` is not an object")
        if CERTIFICATE_THUMBPRINT not in confirmation:
            return self._unbound(key)
        if certificate_der is None:
            return Fail(Reason.TOKEN_BINDING_MISMATCH, f"the token {key!r} is bound, and there is no certificate")
        try:
            verify_cert_binding(certificate_der, confirmation[CERTIFICATE_THUMBPRINT])
        except DecodeError as error:
            return Fail(Reason.TOKEN_BINDING_MISMATCH, f"the token {key!r}: {error.detail}")
        return Pass(f"the token {key!r} is bound to this certificate")

    def _unbound(self, key: str) -> Outcome:
        if self.mode is TokenBindingMode.REQUIRED:
            return Fail(Reason.TOKEN_BINDING_MISSING, f"the token {key!r} has no `cnf.x5t#S256`")
        return Pass(f"the token {key!r} has no `cnf.x5t#S256`, so it is not bound")


NO_TOKEN_BINDING = TokenBinding(mode=TokenBindingMode.OFF)

"""``CertIdentity`` -> request headers for the upstream, and the removal of everything that could pass for one.

The upstream believes these headers, so two things must hold: every managed name is either overwritten or removed on
every allow, in every spelling that an upstream might read as the same name; and no value can break out of its line.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from extauthz.model.decision import HeaderMutations
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity, FascN
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason

MAX_VALUE_BYTES = 16_384
"""Envoy refuses longer values (``config.core.v3.HeaderValue``)."""

_ENCODED = re.compile(r"[^\x20-\x24\x26-\x7e]")
"""Everything but printable ASCII, and ``%``, which starts an escape."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a header can be made of, beside the identity."""

    identity: CertIdentity
    policy: str
    session_expires: datetime | None


def _one(value: str | None) -> str:
    return "" if value is None else encode_value(value)


def _many(values: Sequence[str]) -> str:
    return ",".join(encode_value(value).replace(",", "%2C") for value in values)


def _instant(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _of_fasc_n(identity: CertIdentity, part: Callable[[FascN], str]) -> str:
    # A malformed number, or one of no federal agency, stands for nobody.
    number = identity.fasc_n
    return "" if number is None or not number.is_identifier else part(number)


SESSION_EXPIRES = "session_expires"

FIELDS: Mapping[str, Callable[[_Facts], str]] = {
    "subject": lambda facts: _one(facts.identity.subject_dn),
    "issuer": lambda facts: _one(facts.identity.issuer_dn),
    "serial_number": lambda facts: _one(facts.identity.serial_number),
    "common_name": lambda facts: _one(facts.identity.common_name),
    "organizations": lambda facts: _many(facts.identity.organizations),
    "organizational_units": lambda facts: _many(facts.identity.organizational_units),
    "sans": lambda facts: _many(tuple(str(san) for san in facts.identity.sans)),
    "dns_names": lambda facts: _many(facts.identity.dns_names),
    "emails": lambda facts: _many(facts.identity.emails),
    "uris": lambda facts: _many(facts.identity.uris),
    "ip_addresses": lambda facts: _many(facts.identity.ip_addresses),
    "upns": lambda facts: _many(facts.identity.upns),
    "sha256": lambda facts: _one(facts.identity.sha256),
    "thumbprint_s256": lambda facts: _one(facts.identity.thumbprint_s256),
    "spki_sha256": lambda facts: _one(facts.identity.spki_sha256),
    "not_before": lambda facts: _instant(facts.identity.not_before),
    "not_after": lambda facts: _instant(facts.identity.not_after),
    "kind": lambda facts: _one(facts.identity.kind.value),
    "spiffe_id": lambda facts: _one(facts.identity.spiffe_id),
    "edipi": lambda facts: _one(facts.identity.edipi),
    "agency_code": lambda facts: _of_fasc_n(facts.identity, lambda number: number.agency_code),
    "fasc_n": lambda facts: _of_fasc_n(facts.identity, lambda number: number.unique_number),
    "card_uuid": lambda facts: _one(facts.identity.card_uuid),
    "ms_sid": lambda facts: _one(facts.identity.ms_sid),
    "policy_oids": lambda facts: _many(facts.identity.policy_oids),
    "extended_key_usage": lambda facts: _many(facts.identity.extended_key_usage),
    "policy": lambda facts: _one(facts.policy),
    SESSION_EXPIRES: lambda facts: _instant(facts.session_expires),
}
"""What ``headers.map`` can name: keys of the identity's JSON form that have a text form (``fasc_n``: its unique
number), the agency code in that number, and two of the decision."""

FORWARDED_FIELDS: Mapping[str, Callable[[ForwardedIdentity, str], str]] = {
    "sans": lambda forwarded, _: _many((f"uri:{forwarded.spiffe_id}",)),
    "uris": lambda forwarded, _: _many((forwarded.spiffe_id,)),
    "spiffe_id": lambda forwarded, _: _one(forwarded.spiffe_id),
    "policy": lambda _, policy: _one(policy),
}
"""Those of FIELDS that an identity without certificate has: its name, and the policy. A session is none of them, as
nobody knows when the certificate ends."""

EMITTED: Mapping[str, str] = {
    "subject": "subject",
    "issuer": "issuer",
    "serial": "serial_number",
    "cn": "common_name",
    "san": "sans",
    "sha256": "sha256",
    "not-after": "not_after",
    "kind": "kind",
    "spiffe-id": "spiffe_id",
    "upn": "upns",
    "email": "emails",
    "edipi": "edipi",
    "agency-code": "agency_code",
    "fasc-n": "fasc_n",
    "card-uuid": "card_uuid",
    "ms-sid": "ms_sid",
    "policy": "policy",
    "session-expires": "session_expires",
}
"""Header suffix -> field: what ``headers.emit`` can name, and all of it is the default."""

DEFAULT_PREFIX = "x-client-cert-"


def encode_value(text: str) -> str:
    """Percent-encode (UTF-8) what may not or should not stand in a header value: reversible, plain visible ASCII.

    ``%``, control characters, everything outside ASCII, and spaces at either end (which proxies trim) are encoded;
    a space inside stays. Undo it with any percent-decoder that leaves ``+`` alone.
    """
    inner = text.strip(" ")
    if inner == text:
        return _ENCODED.sub(_percent, text)
    left = len(text) - len(text.lstrip(" "))
    right = len(text) - left - len(inner)
    return "%20" * left + _ENCODED.sub(_percent, inner) + "%20" * right


_ALIASES = re.compile(r"[^a-z0-9]")
"""CGI and what is built on it make one character of `-` and `_`, and some servers of every sign in a name."""


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


class HeaderRenderer:
    """The identity headers of one configuration, compiled."""

    def __init__(
        self,
        *,
        prefix: str = DEFAULT_PREFIX,
        emit: Sequence[str] = tuple(EMITTED),
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        """Compile the configuration.

        ``prefix`` and the names in ``mapping`` are lower-case header names without ``_``; ``emit`` holds keys of
        EMITTED; ``mapping`` is header name -> key of FIELDS. Raises KeyError for an unknown field: the configuration
        schema has checked them before.
        """
        self.prefix = prefix
        named = {**{prefix + suffix: EMITTED[suffix] for suffix in emit}, **(mapping or {})}
        fields = {name: FIELDS[field] for name, field in named.items()}
        self._fields = tuple(fields.items())
        self._forwarded_fields = tuple(
            (name, FORWARDED_FIELDS[field]) for name, field in named.items() if field in FORWARDED_FIELDS
        )
        managed = {*fields, *(prefix + suffix for suffix in EMITTED)}
        # CGI-style upstreams read `-` and `_` as the same character, so a name written with `_` is a forgery too.
        self._underscored = tuple(sorted({name.replace("-", "_") for name in managed} - managed))
        self._managed = tuple(sorted(managed))
        self._mapped = frozenset(mapping or ())
        self._sessions = frozenset(name for name, field in fields.items() if field is FIELDS[SESSION_EXPIRES])

    def render(
        self,
        identity: CertIdentity | None,
        *,
        policy: str,
        session_expires: datetime | None,
        suspicious: Sequence[str] = (),
    ) -> HeaderMutations | Fail:
        """Return what to set and what to remove, or Fail(IDENTITY_TOO_LARGE) when a value would not fit a header.

        ``suspicious`` are names from the request that could pass for a managed one (``AuthRequest``). Without an
        identity every managed header is removed.
        """
        values: dict[str, str] = {}
        if identity is not None:
            facts = _Facts(identity, policy, session_expires)
            for name, field in self._fields:
                value = field(facts)
                if len(value) > MAX_VALUE_BYTES:
                    detail = f"{name} would take {len(value)} bytes; leave it out of headers.emit or headers.map"
                    return Fail(Reason.IDENTITY_TOO_LARGE, detail)
                if value:
                    values[name] = value
        mutations = self._mutations(values)
        return self.without(mutations, suspicious) if suspicious else mutations

    def render_forwarded(self, forwarded: ForwardedIdentity, *, policy: str) -> HeaderMutations:
        """Return what to set and what to remove for an identity without certificate: whatever it lacks is removed."""
        return self._mutations({name: field(forwarded, policy) for name, field in self._forwarded_fields})

    def _mutations(self, values: Mapping[str, str]) -> HeaderMutations:
        """Set these, and remove every other managed name in each of its spellings."""
        removed = [name for name in self._managed if name not in values]
        removed.extend(self._underscored)
        session = frozenset(name for name in self._sessions if name in values)
        return HeaderMutations(set=tuple(values.items()), remove=tuple(removed), session=session)

    def without(self, rendered: HeaderMutations, suspicious: Sequence[str]) -> HeaderMutations:
        """Remove also what in this request could pass for a managed header."""
        known = {*rendered.remove, *(name for name, _ in rendered.set)}
        forged = (name for name in dict.fromkeys(suspicious) if name not in known and self._passes_for(name))
        return replace(rendered, remove=(*rendered.remove, *forged))

    def _passes_for(self, name: str) -> bool:
        """Say whether an upstream could take this name for a managed one, in another spelling or under the prefix."""
        spelled = _ALIASES.sub("-", name)
        return spelled.startswith(self.prefix) or spelled in self._mapped


def renewed(rendered: HeaderMutations, session_expires: datetime) -> HeaderMutations:
    """Return the same headers with another end of the session."""
    session = rendered.session
    if not session:
        return rendered
    text = _instant(session_expires)
    headers = tuple([(name, text if name in session else value) for name, value in rendered.set])
    return HeaderMutations(headers, rendered.remove, session)

"""``CertIdentity`` -> request headers for the upstream, and the removal of everything that could pass for one.

The upstream believes these headers, so two things must hold: every managed name is either overwritten or removed on
every allow, in every spelling that an upstream might read as the same name; and no value can break out of its line.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter

from extauthz.model.decision import HeaderMutations
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity, FascN
from extauthz.model.instant import rfc3339
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason

MAX_VALUE_BYTES = 16_384
"""Envoy refuses longer values (``config.core.v3.HeaderValue``)."""

_ENCODED = re.compile(r"[^\x20-\x24\x26-\x7e]")
"""Everything but printable ASCII, and ``%``, which starts an escape."""


_KEPT_SETS = 256
"""Of header names, for each of which it is kept what goes with it: identities have much the same fields."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a header can be made of, beside the identity."""

    identity: CertIdentity
    policy: str
    session_expires: datetime | None


_Raw = str | Sequence[str] | None
"""The text of a header, or what stands in it with commas between, before it is encoded."""


def _instant(value: datetime | None) -> str | None:
    return None if value is None else rfc3339(value)


def _of_fasc_n(identity: CertIdentity, part: Callable[[FascN], str]) -> str | None:
    # A malformed number, or one of no federal agency, stands for nobody.
    number = identity.fasc_n
    return None if number is None or not number.is_identifier else part(number)


SESSION_EXPIRES = "session_expires"

FIELDS: Mapping[str, Callable[[_Facts], _Raw]] = {
    "subject": attrgetter("identity.subject_dn"),
    "issuer": attrgetter("identity.issuer_dn"),
    "serial_number": attrgetter("identity.serial_number"),
    "common_name": attrgetter("identity.common_name"),
    "organizations": attrgetter("identity.organizations"),
    "organizational_units": attrgetter("identity.organizational_units"),
    "sans": lambda facts: [str(san) for san in facts.identity.sans],
    "dns_names": attrgetter("identity.dns_names"),
    "emails": attrgetter("identity.emails"),
    "uris": attrgetter("identity.uris"),
    "ip_addresses": attrgetter("identity.ip_addresses"),
    "upns": attrgetter("identity.upns"),
    "sha256": attrgetter("identity.sha256"),
    "thumbprint_s256": attrgetter("identity.thumbprint_s256"),
    "spki_sha256": attrgetter("identity.spki_sha256"),
    "not_before": lambda facts: _instant(facts.identity.not_before),
    "not_after": lambda facts: _instant(facts.identity.not_after),
    "kind": attrgetter("identity.kind.value"),
    "spiffe_id": attrgetter("identity.spiffe_id"),
    "edipi": attrgetter("identity.edipi"),
    "agency_code": lambda facts: _of_fasc_n(facts.identity, lambda number: number.agency_code),
    "fasc_n": lambda facts: _of_fasc_n(facts.identity, lambda number: number.unique_number),
    "card_uuid": attrgetter("identity.card_uuid"),
    "ms_sid": attrgetter("identity.ms_sid"),
    "policy_oids": attrgetter("identity.policy_oids"),
    "extended_key_usage": attrgetter("identity.extended_key_usage"),
    "policy": attrgetter("policy"),
    SESSION_EXPIRES: lambda facts: _instant(facts.session_expires),
}
"""What ``headers.map`` can name: keys of the identity's JSON form that have a text form (``fasc_n``: its unique
number), the agency code in that number, and two of the decision."""

FORWARDED_FIELDS: Mapping[str, Callable[[ForwardedIdentity, str], str | Sequence[str]]] = {
    "sans": lambda forwarded, _: [f"uri:{forwarded.spiffe_id}"],
    "uris": lambda forwarded, _: [forwarded.spiffe_id],
    "spiffe_id": lambda forwarded, _: forwarded.spiffe_id,
    "policy": lambda _, policy: policy,
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
        if text.isascii() and text.isprintable() and "%" not in text:  # as nearly every text is
            return text
        return _ENCODED.sub(_percent, text)
    left = len(text) - len(text.lstrip(" "))
    right = len(text) - left - len(inner)
    return "%20" * left + _ENCODED.sub(_percent, inner) + "%20" * right


def _encoded(raw: str | Sequence[str]) -> str:
    if isinstance(raw, str):
        return encode_value(raw)
    return ",".join([encode_value(value).replace(",", "%2C") for value in raw])


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
        underscored = tuple(sorted({name.replace("-", "_") for name in managed} - managed))
        self._mapped = frozenset(mapping or ())
        sessions = frozenset(name for name, field in fields.items() if field is FIELDS[SESSION_EXPIRES])

        @lru_cache(maxsize=_KEPT_SETS)
        def rest(names: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
            absent = [name for name in sorted(managed) if name not in names]
            return (*absent, *underscored), sessions.intersection(names)

        self._rest = rest
        """Returns what is to be removed where these headers are set, and which of them tell the session's end."""

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
                raw = field(facts)
                if not raw:
                    continue
                value = _encoded(raw)
                if not value:
                    continue
                if len(value) > MAX_VALUE_BYTES:
                    detail = f"{name} would take {len(value)} bytes; leave it out of headers.emit or headers.map"
                    return Fail(Reason.IDENTITY_TOO_LARGE, detail)
                values[name] = value
        mutations = self._mutations(values)
        return self.without(mutations, suspicious) if suspicious else mutations

    def render_forwarded(self, forwarded: ForwardedIdentity, *, policy: str) -> HeaderMutations:
        """Return what to set and what to remove for an identity without certificate: whatever it lacks is removed."""
        return self._mutations({name: _encoded(field(forwarded, policy)) for name, field in self._forwarded_fields})

    def _mutations(self, values: Mapping[str, str]) -> HeaderMutations:
        """Set these, and remove every other managed name in each of its spellings."""
        return HeaderMutations(tuple(values.items()), *self._rest(tuple(values)))

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
    text = rfc3339(session_expires)
    headers = tuple([(name, text if name in session else value) for name, value in rendered.set])
    return HeaderMutations(headers, rendered.remove, session)

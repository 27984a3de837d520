"""What certificate policies mean: the OIDs by which smart-card certificates say what they are.

The meaning of a policy OID is given by whoever runs the PKI, so the sets are configuration; the named ones below are
those of the federal PKI's own documents. Nothing here verifies that a CA was entitled to assert an OID, and path
validation asks that of no policy in particular: **every CA below a configured anchor is believed**.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from extauthz.identity.issuer_pattern import IssuerPattern, issuer_pattern
from extauthz.identity.kind import CARD_AUTH_KINDS
from extauthz.identity.names import NameKey
from extauthz.model.identity import Kind

_COMMON: Final = "2.16.840.1.101.3.2.1.3"
"""The arc of the Common Policy and of the Federal Bridge CA (X.509 CP for the FPKI, §1.2)."""
_DOD: Final = "2.16.840.1.101.2.1.11"
"""The arc of the Department of Defense's certificate policy."""
_TEST: Final = "2.16.840.1.101.3.2.1.48"
"""The arc of NIST's and GSA's test cards."""

_DOTTED: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")


def _under(arc: str, *numbers: int) -> frozenset[str]:
    return frozenset([f"{arc}.{number}" for number in numbers])


NAMED_PROFILES: Final[Mapping[str, Mapping[Kind, frozenset[str]]]] = MappingProxyType(
    {
        "fpki": MappingProxyType(
            {
                Kind.PIV_AUTH: _under(_COMMON, 13),  # id-fpki-common-authentication
                Kind.PIV_CARD_AUTH: _under(_COMMON, 17),  # id-fpki-common-cardAuth
                Kind.DERIVED_PIV: _under(_COMMON, 40, 41),  # id-fpki-common-derived-pivAuth, …-hardware
                Kind.PIV_I_AUTH: _under(_COMMON, 45),  # id-fpki-common-pivi-authentication
                Kind.PIV_I_CARD_AUTH: _under(_COMMON, 46),  # id-fpki-common-pivi-cardAuth
            }
        ),
        "piv_i": MappingProxyType(
            {
                Kind.PIV_I_AUTH: _under(_COMMON, 18, 45),  # id-fpki-certpcy-pivi-hardware, and the Common one
                Kind.PIV_I_CARD_AUTH: _under(_COMMON, 19, 46),  # id-fpki-certpcy-pivi-cardAuth, and the Common one
            }
        ),
        "dod": MappingProxyType(
            {
                # id-US-dod-mediumHardware, -PIV-Auth, -mediumHardware-2048, -PIV-Auth-2048, -mediumHardware-112/128/192
                Kind.CAC: _under(_DOD, 9, 10, 19, 20, 42, 43, 44),
            }
        ),
        "icam_test": MappingProxyType(
            {
                Kind.PIV_AUTH: _under(_TEST, 11),
                Kind.PIV_CARD_AUTH: _under(_TEST, 13),
                Kind.DERIVED_PIV: _under(_TEST, 109, 110),
                Kind.PIV_I_AUTH: _under(_TEST, 78, 83, 248),
                Kind.PIV_I_CARD_AUTH: _under(_TEST, 79, 84, 249),
            }
        ),
    }
)
"""Name -> kind -> policy OIDs, any of which says that kind. ``icam_test`` is for test cards and never for production.

A PIV-I issuer outside the federal government asserts OIDs of its own, which the Federal Bridge maps to the ones in
``piv_i``: those are for the operator to add.
"""

_CARD_AUTH_OIDS: Final = frozenset(
    {oid for named in NAMED_PROFILES.values() for kind in CARD_AUTH_KINDS for oid in named.get(kind, ())}
)
CARD_KINDS: Final = frozenset({kind for named in NAMED_PROFILES.values() for kind in named})
"""The kinds that a policy OID can say; the others follow from other things."""


@dataclass(frozen=True, slots=True)
class IdentityProfile:
    """How policies are read, and which issuers are the Department of Defense's.

    Raises ``ValueError`` with a sentence where a policy OID is given for two kinds.
    """

    policies: Mapping[Kind, frozenset[str]]
    dod_issuers: tuple[IssuerPattern, ...] = ()
    kind_by_oid: Mapping[str, Kind] = field(init=False, repr=False)
    """The other way round, for reading certificates."""
    card_oids: frozenset[str] = field(init=False, repr=False)
    """Every policy that is known to be Card Authentication's: those given here, and those of all named profiles (but
    for those that are given for another kind). A card is not its holder in a PKI that was not named, either."""

    def __post_init__(self) -> None:
        meanings: dict[str, Kind] = {}
        for kind, oids in self.policies.items():
            for oid in sorted(oids):
                if (other := meanings.setdefault(oid, kind)) is not kind:
                    raise ValueError(f"the policy OID {oid} is given for both {other.value} and {kind.value}")
        object.__setattr__(self, "kind_by_oid", MappingProxyType(meanings))
        given = frozenset([oid for oid, kind in meanings.items() if kind in CARD_AUTH_KINDS])
        object.__setattr__(self, "card_oids", given | (_CARD_AUTH_OIDS - meanings.keys()))

    def kinds_of(self, policy_oids: Iterable[str]) -> frozenset[Kind]:
        """Return every kind that one of these policies says."""
        meanings = self.kind_by_oid
        return frozenset([meanings[oid] for oid in policy_oids if oid in meanings])

    def has_card_policy(self, policy_oids: Iterable[str]) -> bool:
        """Say whether one of these policies is Card Authentication's."""
        return not self.card_oids.isdisjoint(policy_oids)

    def is_dod(self, issuer_dn: str, issuer_key: NameKey) -> bool:
        """Say whether the operator called this issuer the DoD's; both forms are of the one name."""
        return any(pattern.matches(issuer_dn, issuer_key) for pattern in self.dod_issuers)


def profile(
    names: Sequence[str], policies: Mapping[Kind, Iterable[str]] = MappingProxyType({}), dod_issuers: Sequence[str] = ()
) -> IdentityProfile:
    """Put a profile together: named ones, further OIDs for a kind, and the issuers that are the DoD's.

    ``dod_issuers`` are DNs (RFC 4514 text, compared by RFC 5280 §7.1) or ``re:`` expressions over the whole text of the
    issuer DN. Raises ``ValueError`` with a sentence for whoever wrote it.
    """
    merged: dict[Kind, frozenset[str]] = {}
    for name in names:
        if name not in NAMED_PROFILES:
            raise ValueError(f"no identity profile is called {name!r}; there are {', '.join(NAMED_PROFILES)}")
        for kind, oids in NAMED_PROFILES[name].items():
            merged[kind] = merged.get(kind, frozenset()) | oids
    for kind, given in policies.items():
        merged[kind] = merged.get(kind, frozenset()) | _checked(kind, given)
    if not merged:
        raise ValueError("neither a named profile nor a policy OID, so no smart card would be recognized")
    return IdentityProfile(MappingProxyType(merged), tuple([issuer_pattern(text) for text in dod_issuers]))


def _checked(kind: Kind, given: Iterable[str]) -> frozenset[str]:
    oids = frozenset(given)
    if kind not in CARD_KINDS:
        raise ValueError(f"the kind {kind.value} is not recognized by a policy OID")
    if not oids:
        raise ValueError(f"no policy OID is given for {kind.value}")
    for oid in sorted(oids):
        if _DOTTED.fullmatch(oid) is None:
            raise ValueError(f"{oid!r} is not a dotted OID, such as 2.16.840.1.101.3.2.1.3.13")
    return oids


DEFAULT_PROFILE: Final = profile(["fpki"])

"""Everything about smart cards and accounts that one certificate says, put together.

A certificate that says nothing of the kind costs one walk over its names.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from extauthz.identity.card_uuid import card_uuid, is_uuid_urn
from extauthz.identity.decode import Decoded
from extauthz.identity.edipi import edipi
from extauthz.identity.extensions import ExtensionReading
from extauthz.identity.fasc_n import FASC_N_OID, read_fasc_n
from extauthz.identity.kind import CARD_AUTH_KINDS, KindReading, read_kind
from extauthz.identity.kind_rules import CARD_PURPOSE, Evidence
from extauthz.identity.ms_sid import SID_URI_PREFIX, ms_sid
from extauthz.identity.piv_interim import piv_interim
from extauthz.identity.profile import IdentityProfile
from extauthz.identity.subject_serial import SERIAL_NUMBER, serial_number_warning
from extauthz.model.identity import FascN, Kind

_FASC_N: Final = f"othername:{FASC_N_OID}"
_SCHEMES: Final = frozenset({"urn:", "tag:"})
"""Of the URIs that are read here."""


class CardReading(NamedTuple):
    """What was read, and what is odd about it."""

    kind: Kind = Kind.SOFTWARE
    authenticates_card: bool = False
    fasc_n: FascN | None = None
    piv_interim: bool | None = None
    card_uuid: str | None = None
    edipi: str | None = None
    ms_sid: str | None = None
    warnings: tuple[str, ...] = ()


_NO_CARD: Final = CardReading()
_SVID: Final = CardReading(Kind.SPIFFE)


def read_card(
    decoded: Decoded,
    units: Sequence[str],
    common_name: str | None,
    spiffe_id: str | None,
    profile: IdentityProfile,
) -> CardReading:
    """Read the whole. ``units``, ``common_name`` and ``spiffe_id`` are those of the identity.

    Raises ``DecodeError`` (``identity_conflict``) for two different Microsoft SIDs.
    """
    extensions, sans, issuer = decoded.extensions, decoded.extensions.sans, decoded.issuer
    if not profile.dod_issuers and not _says_something(extensions, profile):
        return _NO_CARD if spiffe_id is None else _SVID
    uris = [san.value for san in sans if san.type == "uri"]
    numbers = [san.value for san in sans if san.type == _FASC_N]
    urns = [uri for uri in uris if is_uuid_urn(uri)]
    number = read_fasc_n(numbers)
    uuid, uuid_warning = card_uuid(urns)
    sid, sid_warning = ms_sid(extensions.ms_sid, [uri for uri in uris if uri.startswith(SID_URI_PREFIX)])
    interim, interim_warning = piv_interim(extensions.piv_interim)
    person, person_warning = None, None
    if is_dod := profile.is_dod(issuer.dn, issuer.key):
        person, person_warning = edipi(
            units, common_name, [san.value for san in sans if san.type == "upn"], number.number
        )
    elif profile.dod_issuers and edipi(units, common_name, (), None)[0] is not None:
        # Nobody's EDIPI, but also no proof that this is not the person whom a `not` excludes.
        person_warning = "edipi: not read, since the issuer is not configured as the DoD's"
    kinds = profile.kinds_of(extensions.policy_oids)
    if is_dod and person is None and person_warning is None and Kind.CAC in kinds:
        person_warning = "edipi: the subject gives none, and the policy is that of a person's card"
    card_policy = profile.has_card_policy(extensions.policy_oids)
    if kinds or card_policy or CARD_PURPOSE in extensions.extended_key_usage:
        kind = read_kind(
            Evidence(
                policy_kinds=kinds,
                card_policy=card_policy,
                other_policies=any(oid not in profile.kind_by_oid for oid in extensions.policy_oids),
                purposes=extensions.extended_key_usage,
                purposes_critical=extensions.purposes_critical,
                key_usage=extensions.key_usage,
                is_ca=extensions.is_ca,
                spiffe_id=spiffe_id,
                has_common_name=common_name is not None,
                has_fasc_n=bool(numbers),
                fasc_n=number.number,
                card_uuid=uuid,
                other_names=len(sans) > len(numbers) + len(urns),
                is_dod=is_dod,
                edipi=person,
            )
        )
    else:
        kind = KindReading(Kind.SPIFFE if spiffe_id is not None else Kind.SOFTWARE)
    if person is not None and kind.authenticates_card:
        person, person_warning = None, "edipi: not taken from the certificate of a card, which is used without a PIN"
    warnings = [number.warning, uuid_warning, sid_warning, interim_warning, person_warning, *kind.warnings]
    if kind.kind in CARD_AUTH_KINDS:
        serial_numbers = [str(value) for oid, value in decoded.subject.attributes if oid == SERIAL_NUMBER]
        warnings.append(serial_number_warning(serial_numbers, number.octets, number.number, uuid))
    return CardReading(
        kind.kind,
        kind.authenticates_card,
        number.number,
        interim,
        uuid,
        person,
        sid,
        tuple([warning for warning in warnings if warning is not None]),
    )


def _says_something(extensions: ExtensionReading, profile: IdentityProfile) -> bool:
    """Look for the first thing that is read here; most certificates have none, and this is what they cost."""
    if extensions.ms_sid is not None or extensions.piv_interim is not None:
        return True
    if CARD_PURPOSE in extensions.extended_key_usage:
        return True
    for oid in extensions.policy_oids:
        if oid in profile.kind_by_oid or oid in profile.card_oids:
            return True
    for san in extensions.sans:
        if san.type == _FASC_N or (san.type == "uri" and san.value[:4].lower() in _SCHEMES):
            return True
    return False

"""Which of the presented certificates may help to build a path.

Whoever presents certificates chooses how much work they make: with sixteen that sign one another, a path builder tries
every way through them, up to its limit of 128 signatures. So they are put in line first, without any cryptography:
from the leaf upwards, by name, one certificate for each name. What is left leads one way, and costs one signature a
step. Configured certificates are the operator's choice and are all used.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.names import NameKey
from extauthz.model.errors import DecodeError

MAX_PRESENTED = 16
"""Certificates beside the leaf. Real chains have one to four; each more is work for whoever asks."""
MAX_PRESENTED_BYTES = 16 * 1024
"""For one of them. CA certificates have one to three kilobytes, and parsing costs grow with the size."""

_ByName = Mapping[NameKey, Sequence[Certificate]]


def parse_presented(presented: Sequence[bytes]) -> tuple[list[Certificate], int]:
    """Parse what can be parsed; also count what cannot, or is larger than a CA certificate has a reason to be."""
    parsed, unusable = [], 0
    for der in presented:
        try:
            if len(der) <= MAX_PRESENTED_BYTES:
                parsed.append(parse_certificate(der))
                continue
        except DecodeError:
            pass
        unusable += 1
    return parsed, unusable


def by_subject(certificates: Iterable[Certificate]) -> dict[NameKey, list[Certificate]]:
    """Group certificates by the name that they are found under."""
    groups: dict[NameKey, list[Certificate]] = {}
    for one in certificates:
        groups.setdefault(one.subject_key, []).append(one)
    return groups


def in_line(
    leaf: Certificate, presented: Sequence[Certificate], configured: _ByName, now: datetime
) -> list[Certificate]:
    """Return the presented certificates that the leaf leads to, one for each name.

    Of several with one name (a CA may have been renewed, re-keyed or cross-certified) the likeliest is taken: valid
    now, with the key that its child names, and with an issuer that is configured, or at least presented.
    """
    groups = by_subject(presented)
    names = set(groups)

    def unlikeliness(child: Certificate, one: Certificate) -> tuple[bool, bool, bool, bool]:
        return (
            not one.identity.not_before <= now <= one.identity.not_after,
            one.subject_key_id != child.authority_key_id,
            one.issuer_key not in configured,
            one.issuer_key not in names,
        )

    chosen: list[Certificate] = []
    children: list[Certificate] = [leaf]
    seen: set[NameKey] = set()
    for child in children:  # grows while it is walked; every name is visited once
        if child.issuer_key in seen:
            continue
        seen.add(child.issuer_key)
        if child.issuer_key in groups:
            likeliest = min(groups[child.issuer_key], key=partial(unlikeliness, child))
            chosen.append(likeliest)
            children.append(likeliest)
        children += configured.get(child.issuer_key, ())
    return chosen

"""Reading the policyMappings extension (RFC 5280 §4.2.1.5), which the library leaves as bytes."""

from typing import Final

from extauthz.identity import der

MAX_MAPPINGS: Final = 100
"""As many as a certificate may have policies. Bridge CAs map some thirty."""
_MORE_FOLLOWS: Final = 0x80
_MOST_OID_OCTETS: Final = 64
"""Twice the longest in use. Turning an arc of many kilobytes into decimal digits takes quadratic time."""


def read_policy_mappings(value: bytes) -> tuple[tuple[str, str], ...]:
    """Return (issuerDomainPolicy, subjectDomainPolicy) pairs of dotted OIDs in order. ValueError says what is wrong."""
    content = der.sole_element(value, der.SEQUENCE)
    pairs = der.children(content, 0, len(content), MAX_MAPPINGS + 1)
    if not pairs or len(pairs) > MAX_MAPPINGS:
        raise ValueError(f"{'no' if not pairs else f'more than {MAX_MAPPINGS}'} mappings")
    return tuple(_pair(content, tag, start, stop) for tag, start, stop in pairs)


def _pair(data: bytes, tag: int, start: int, stop: int) -> tuple[str, str]:
    oids = der.children(data, start, stop, 3)
    if tag != der.SEQUENCE or [one[0] for one in oids] != [der.OID, der.OID]:
        raise ValueError("a mapping that is not two OIDs")
    (_, first_start, first_stop), (_, second_start, second_stop) = oids
    return dotted(data[first_start:first_stop]), dotted(data[second_start:second_stop])


def dotted(content: bytes) -> str:
    """Return the dotted form of an OID's content octets (X.690 §8.19). ValueError for octets that are none."""
    if not 0 < len(content) <= _MOST_OID_OCTETS or content[-1] & _MORE_FOLLOWS:
        raise ValueError("an OID of an impossible length")
    arcs: list[int] = []
    arc, begins = 0, True
    for octet in content:
        if begins and octet == _MORE_FOLLOWS:
            raise ValueError("an OID in more octets than it needs")
        arc = arc << 7 | octet & ~_MORE_FOLLOWS
        begins = not octet & _MORE_FOLLOWS
        if begins:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

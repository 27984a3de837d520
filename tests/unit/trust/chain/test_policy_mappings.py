"""policyMappings are read strictly, whatever is in them."""

import pytest

from extauthz.trust.chain.policy_mappings import MAX_MAPPINGS, dotted, read_policy_mappings
from support import der

PAIR = der.sequence(der.oid("1.2.3"), der.oid("2.16.840.1.101.3.2.1.3.13"))


def with_oid(content: bytes) -> bytes:
    return der.sequence(der.sequence(der.oid("1.2.3"), der.tlv(der.OID, content)))


def test_pairs_are_read_in_order() -> None:
    value = der.sequence(PAIR, der.sequence(der.oid("2.999.1"), der.oid("0.39")))
    assert read_policy_mappings(value) == (("1.2.3", "2.16.840.1.101.3.2.1.3.13"), ("2.999.1", "0.39"))


@pytest.mark.parametrize(
    "oid", ["0.0", "0.39", "1.0", "1.39.16383", "2.0", "2.39", "2.40.128", "2.25.340282366920938463"]
)
def test_oids_are_read(oid: str) -> None:
    assert dotted(der.oid(oid)[2:]) == oid


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"", "an element is cut off"),
        (der.sequence(), "no mappings"),
        (der.sequence(PAIR) + b"\0", "bytes after the element"),
        (der.sequence(*[PAIR] * (MAX_MAPPINGS + 1)), "more than 100 mappings"),
        (der.sequence(der.sequence(der.oid("1.2.3"))), "a mapping that is not two OIDs"),
        (der.sequence(der.sequence(*[der.oid("1.2.3")] * 3)), "a mapping that is not two OIDs"),
        (der.sequence(der.set_of([der.oid("1.2.3"), der.oid("1.2.4")])), "a mapping that is not two OIDs"),
        (der.sequence(der.sequence(der.oid("1.2.3"), der.integer(1))), "a mapping that is not two OIDs"),
        (with_oid(b""), "an OID of an impossible length"),
        (
            der.sequence(der.sequence(der.oid("1.2.3"), der.tlv(der.OID, b"\x2a" * 65))),
            "an OID of an impossible length",
        ),
        (with_oid(b"\x2a\x83"), "an OID of an impossible length"),
        (
            der.sequence(der.sequence(der.oid("1.2.3"), der.tlv(der.OID, b"\x2a\x80\x01"))),
            "in more octets than it needs",
        ),
    ],
)
def test_what_is_no_list_of_pairs_is_refused(value: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_policy_mappings(value)


def test_as_many_as_are_read() -> None:
    assert len(read_policy_mappings(der.sequence(*[PAIR] * MAX_MAPPINGS))) == MAX_MAPPINGS

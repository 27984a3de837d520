"""The PIV interim indicator."""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.piv_interim import piv_interim
from support import cards, pki
from support.pki import der

CA = pki.make_ca("Issuing CA")


@pytest.mark.parametrize("value", [True, False])
def test_the_indicator(value: bool) -> None:
    assert piv_interim(der.boolean(value)) == (value, None)
    assert parse_certificate(cards.piv_auth(CA, naci=value).der).identity.piv_interim is value


def test_without_it_nothing_is_known() -> None:
    assert piv_interim(None) == (None, None)
    assert parse_certificate(cards.piv_auth(CA, naci=None).der).identity.piv_interim is None


@pytest.mark.parametrize(
    "extension",
    [
        b"",
        b"\x01\x01\x01",
        b"\x01\x00",
        b"\x01\x02\0\0",
        b"\x01\x01\xff\0",
        b"\x02\x01\xff",
        der.octets(b"\x01\x01\xff"),
    ],
)
def test_anything_else_is_a_warning(extension: bytes) -> None:
    assert piv_interim(extension) == (None, "piv_interim: not a BOOLEAN")
    leaf = CA.issue("alice", extra_extensions=[der.extension(cards.NACI_OID, extension)])
    identity = parse_certificate(leaf.der).identity
    assert (identity.piv_interim, identity.warnings) == (None, ("piv_interim: not a BOOLEAN",))

"""Usual names are read as the library reads them, and nothing else is read."""

import pytest

from extauthz.identity import usual_name
from extauthz.identity.names import read_name
from extauthz.identity.usual_name import MAX_ISSUER_BYTES, MAX_KEPT_BYTES, read_usual_issuer, read_usual_name
from support import pki
from support.odd_names import attribute, subject
from support.pki import der

CA = pki.make_ca("Issuing CA")
CN, ORG, DC = "2.5.4.3", "2.5.4.10", "0.9.2342.19200300.100.1.25"


@pytest.mark.parametrize(
    "name",
    [
        subject(),
        subject(attribute(ORG, "Example"), attribute(CN, "alice")),
        subject(attribute(ORG, "Example, Inc", der.PRINTABLE), attribute(CN, "Zoë <Ng>")),
        subject(attribute(DC, "example", der.IA5), attribute("1.2.840.113549.1.9.1", "a@example.com", der.IA5)),
        subject(attribute(CN, "")),
        subject(attribute(CN, "a"), attribute(CN, "a")),
        subject(attribute(CN, "x" * (MAX_KEPT_BYTES - 20))),
    ],
)
def test_usual_names_are_read_as_the_library_reads_them(name: bytes) -> None:
    read = read_usual_name(name)
    assert read is not None
    assert read == read_usual_issuer(name) == read_name(CA.issue(raw_subject=name).name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(subject((attribute(ORG, "Example"), attribute(CN, "alice"))), id="an RDN of two attributes"),
        pytest.param(subject(attribute("1.2.3.4", "a")), id="another type"),
        pytest.param(subject(attribute(CN, b"\0a", der.BMP)), id="another string"),
        pytest.param(subject(attribute(CN, b"\xff", der.UTF8)), id="no UTF-8"),
        pytest.param(subject(attribute(CN, "a\nb")), id="a control character"),
        pytest.param(subject(attribute(CN, "x" * MAX_KEPT_BYTES)), id="a long value"),
        pytest.param(der.sequence(der.set_of([der.sequence()])), id="an empty attribute"),
        pytest.param(der.sequence(der.set_of([der.sequence(der.octets(b"\x55\4\3"), der.utf8("a"))])), id="no OID"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_everything_else_is_left_to_the_library(name: bytes) -> None:
    assert read_usual_name(name) is None
    assert read_usual_issuer(name) is None


def test_an_issuer_is_read_once_unless_it_is_long() -> None:
    short, long = subject(attribute(CN, "Once CA")), subject(*[attribute(CN, "x" * 60)] * 8)
    assert len(long) > MAX_ISSUER_BYTES
    assert read_usual_issuer(short) is read_usual_issuer(short)
    assert read_usual_issuer(long) is not read_usual_issuer(long)
    assert read_usual_issuer(long) == read_usual_name(long)


def test_what_is_kept_is_bounded() -> None:
    for number in range(usual_name.MAX_KEPT + 10):
        assert read_usual_issuer(subject(attribute(CN, f"client{number}"))) is not None
    assert usual_name._rdn.cache_info().currsize == usual_name.MAX_KEPT
    assert usual_name._kept_name.cache_info().currsize == usual_name.MAX_ISSUERS

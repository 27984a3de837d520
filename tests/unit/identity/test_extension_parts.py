"""Extensions that were seen before say what they said then, and unusual ones are left to the library."""

from collections.abc import Sequence
from dataclasses import fields

import pytest
from cryptography import x509

from extauthz.identity import extension_parts
from extauthz.identity.counts import extension_headers
from extauthz.identity.extension_parts import MAX_KEPT_BYTES, Element, elements, read_known_parts, revocation_extensions
from extauthz.identity.extensions import ExtensionReading, read_extensions
from extauthz.identity.structure import read_structure
from support import cards, pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
POINT = pki.distribution_point("http://crl.example/1")
LONG = der.extension("1.2.3.4", bytes(MAX_KEPT_BYTES))


def elements_of(sequence: bytes) -> list[Element]:
    return elements(sequence, extension_headers(sequence))


def by_parts(leaf: pki.Leaf) -> ExtensionReading | None:
    return read_known_parts(elements_of(read_structure(leaf.der).extensions))


def told(reading: ExtensionReading) -> dict[str, object]:
    """Return what a reading says; the values are compared by type, without those that may be left out."""
    said = {one.name: getattr(reading, one.name) for one in fields(reading)}
    left_out = (x509.SubjectAlternativeName, x509.SubjectKeyIdentifier)
    said["values"] = [one for one in reading.values if not isinstance(one, left_out)]
    return said


USUAL: Sequence[pki.Leaf] = (
    CA.issue("alice", emails=["a@example.com"], distribution_points=[POINT], policies=["1.2.3.4", "1.2.3.4"]),
    CA.issue("critical", subject=x509.Name([]), san_critical=True, eku_critical=True, dns=["a.example"]),
    CA.issue("bare", no_san=True, key_usage=False, eku=[], key_ids=False, basic_constraints=False),
    CA.issue("two", upns=["a@example", "b@example"]),
    CA.issue("unknown", extra_extensions=[der.extension("1.2.3.4", b"\5\0", critical=True)]),
    CA.issue("nothing", key_usage=()),
    cards.piv_auth(CA, upns=["alice@corp.example"], sid=cards.SID),
    CA,
)


@pytest.mark.parametrize("leaf", USUAL, ids=lambda leaf: leaf.cert.subject.rfc4514_string() or "empty")
def test_parts_say_what_the_library_says_of_the_whole(leaf: pki.Leaf) -> None:
    for _ in range(2):  # the second time from what is kept
        reading = by_parts(leaf)
        assert reading is not None
        assert told(reading) == told(read_extensions(leaf.cert.extensions))


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(CA.issue(extra_extensions=[LONG]), id="a long one"),
        pytest.param(CA.issue(ips=["10.0.0.1"]), id="an unusual name"),
        pytest.param(
            CA.issue(extra_extensions=[der.extension(f"1.2.3.{number}", b"x") for number in range(16)]), id="too many"
        ),
        pytest.param(CA.issue(extra_extensions=[der.extension("2.5.29.31", b"\1\2\3")]), id="one that cannot be read"),
        pytest.param(
            CA.issue(extra_extensions=[pki.extensions.extended_key_usage([pki.CLIENT_AUTH])]), id="the same twice"
        ),
        pytest.param(
            CA.issue(key_ids=False, extra_extensions=[der.extension("2.5.29.14", der.octets(b"a") + b"\0")]),
            id="a key identifier that is not one OCTET STRING",
        ),
    ],
)
def test_unusual_ones_are_left_to_the_library(leaf: pki.Leaf) -> None:
    assert by_parts(leaf) is None


def test_the_places_of_revocation_are_told_as_they_are_in_the_certificate() -> None:
    issuer_name = x509.IssuerAlternativeName([x509.DNSName("issuer.example")])
    leaf = CA.issue("alice", distribution_points=[POINT], extra_extensions=[issuer_name])
    told_there = revocation_extensions(elements_of(read_structure(leaf.der).extensions))
    for kind in (x509.CRLDistributionPoints, x509.IssuerAlternativeName):
        assert leaf.cert.extensions.get_extension_for_class(kind).value.public_bytes() in told_there
    assert len(told_there) < len(leaf.der) / 2
    assert revocation_extensions(elements_of(b"")) == b""


def test_what_is_kept_is_bounded() -> None:
    for number in range(extension_parts.MAX_KEPT + 10):
        encoded = der.extension("1.2.3.4", der.integer(number))
        assert read_known_parts(elements_of(der.sequence(encoded))) is not None
    assert extension_parts._known_part.cache_info().currsize == extension_parts.MAX_KEPT

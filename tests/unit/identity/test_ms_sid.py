"""Microsoft's SID in its two places."""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.ms_sid import SID_EXTENSION, SID_URI_PREFIX, ms_sid
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from support import cards, pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
OTHER = cards.SID[:-1] + "4"


def value(text: bytes) -> bytes:
    """Return the extension's value around an OCTET STRING."""
    return around(der.octets(text))


def around(content: bytes, oid: str = f"{cards.SID_OID}.1") -> bytes:
    return der.sequence(der.context(0, der.oid(oid) + der.context(0, content)))


def uri(sid: str) -> str:
    return SID_URI_PREFIX + sid


def test_neither_place() -> None:
    assert ms_sid(None, []) == (None, None)


def test_either_place_or_both() -> None:
    assert ms_sid(value(cards.SID.encode()), []) == (cards.SID, None)
    assert ms_sid(None, [uri(cards.SID)]) == (cards.SID, None)
    assert ms_sid(value(cards.SID.encode()), [uri(cards.SID), uri(cards.SID)]) == (cards.SID, None)


@pytest.mark.parametrize(
    "sid",
    ["S-1-0-0", "S-1-5-18", "S-1-5-21-0-0-0-500", f"S-1-{2**32 - 1}-{2**32 - 1}", "S-1-5" + "-1" * 15],
)
def test_sound_sids(sid: str) -> None:
    assert ms_sid(None, [uri(sid)]) == (sid, None)


@pytest.mark.parametrize(
    ("sid", "says"),
    [
        *(
            (sid, "not a SID of the form S-1-5-21-…")
            for sid in (
                "", "S-1", "S-1-5", "S-1-5-", "S-1-5-021", "S-1-05-21", "s-1-5-21", "S-2-5-21", "S-1-5-21 ",
                " S-1-5-21", "S-1-5-21\n", "S-1-5--21", "S-1-5-+21", "S-1-5-\N{FULLWIDTH DIGIT TWO}",
                "S-1-0x1000000000000-1", "S-1-5" + "-1" * 16, "S-1-5-12345678901",
            )
        ),
        (f"S-1-{2**32}-1", "an authority beyond 32 bits"),
        (f"S-1-5-21-{2**32}", "a sub-authority beyond 32 bits"),
    ],
)  # fmt: skip
def test_malformed_sids_are_a_warning_and_none(sid: str, says: str) -> None:
    assert ms_sid(None, [uri(sid)]) == (None, f"ms_sid: {says}")


@pytest.mark.parametrize(
    ("extension", "says"),
    [
        (b"", "an element is cut off"),
        (der.octets(cards.SID.encode()), "tag 0x04 where 0x30 belongs"),
        (der.sequence(), "an element is cut off"),
        (value(cards.SID.encode()) + b"\0", "bytes after the element"),
        (der.sequence(der.context(2, b"a.example", constructed=False)), "tag 0x82 where 0xa0 belongs"),
        (der.sequence(der.context(0, b"")), "an element is cut off"),
        (der.sequence(der.context(0, der.utf8("x"))), "an otherName of another type"),
        (around(der.octets(cards.SID.encode()), SID_EXTENSION), "an otherName of another type"),
        (around(der.utf8(cards.SID)), "tag 0x0c where 0x04 belongs"),
        (value(b"\xff"), "'ascii' codec can't decode byte 0xff"),
        (value(b"S-1"), "not a SID of the form S-1-5-21-…"),
        (value(b"\1\5\0\0\0\0\0\5\x15\0\0\0"), "not a SID of the form S-1-5-21-…"),  # the binary form
    ],
)
def test_a_malformed_extension_is_a_warning_and_none(extension: bytes, says: str) -> None:
    for uris in ([], [uri(cards.SID)]):  # nor is the other place looked at instead
        sid, warning = ms_sid(extension, uris)
        assert sid is None
        assert (warning or "").startswith(f"ms_sid: {says}")


def test_a_malformed_uri_spoils_the_extension() -> None:
    assert ms_sid(value(cards.SID.encode()), [uri("S-1")]) == (None, "ms_sid: not a SID of the form S-1-5-21-…")


@pytest.mark.parametrize(
    "options",
    [
        {"sid": cards.SID, "sid_uri": OTHER},
        {"sid_uri": cards.SID, "uris": [uri(OTHER)]},
    ],
)
def test_two_different_sids_refuse_the_certificate(options: cards.CardOptions) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(cards.piv_auth(CA, **options).der)
    assert caught.value.reason is Reason.IDENTITY_CONFLICT
    assert caught.value.detail.startswith("extensions: ms_sid: 2 different SIDs: S-1-5-21-")


def test_a_certificate_with_a_sid_needs_to_be_no_card() -> None:
    leaf = CA.issue("alice", extra_extensions=[cards.sid_extension(cards.SID.encode())])
    assert parse_certificate(leaf.der).identity.ms_sid == cards.SID
    leaf = CA.issue("alice", uris=[uri(cards.SID)])
    assert parse_certificate(leaf.der).identity.ms_sid == cards.SID


def test_the_prefix_of_the_uri_has_letter_case() -> None:
    identity = parse_certificate(CA.issue("alice", uris=[uri(cards.SID).replace("tag:m", "TAG:M")]).der).identity
    assert (identity.ms_sid, identity.warnings) == (None, ())

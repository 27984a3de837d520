"""All configured sources, held against each other."""

from dataclasses import dataclass

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Claims, Presented
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.source import Source
from extauthz.sources.xfcc import XfccSource
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
OTHER = CA.issue("bob")
XFCC = "x-forwarded-client-cert"
PEER = pki.url_pem(LEAF.der)
BOTH = SourceReader([EnvoyPeerSource(), XfccSource()])


@dataclass(frozen=True)
class Fixed:
    """A source that always says the same."""

    name: str
    presented: Presented | None = None
    headers: tuple[str, ...] = ()

    def hint(self, text: str) -> str:
        return text[:1]

    def read(self, request: AuthRequest) -> Presented | None:
        return self.presented


def request(peer: str = "", *xfcc: str) -> AuthRequest:
    return AuthRequest(source_certificate=peer, headers={XFCC: xfcc})


def test_the_headers_wanted_are_those_of_the_sources() -> None:
    assert BOTH.wanted_headers == {XFCC}
    assert SourceReader([EnvoyPeerSource()]).wanted_headers == frozenset()


def test_none_presents_none() -> None:
    assert BOTH.read(request()) is None


def test_one_that_presents_is_enough() -> None:
    assert BOTH.read(request(PEER)) == Presented(LEAF.der, (), ("envoy_peer",))
    assert BOTH.read(request("", pki.xfcc(LEAF.der, chain=LEAF.chain, subject="CN=alice"))) == Presented(
        LEAF.der, (CA.der,), ("xfcc",), Claims("CN=alice", (), ())
    )


@pytest.mark.parametrize("turned", [False, True])
def test_two_that_agree_give_leaf_chain_claims_and_both_names_in_order(turned: bool) -> None:
    sources: list[Source] = [EnvoyPeerSource(), XfccSource()]
    names = ("envoy_peer", "xfcc")
    reader = SourceReader(sources[::-1] if turned else sources)
    header = pki.xfcc(LEAF.der, chain=LEAF.chain, subject="CN=alice")
    assert reader.read(request(PEER, header)) == Presented(
        LEAF.der, (CA.der,), names[::-1] if turned else names, Claims("CN=alice", (), ())
    )


def test_two_that_agree_and_have_no_chain_give_none() -> None:
    assert BOTH.read(request(PEER, pki.xfcc(LEAF.der))) == Presented(LEAF.der, (), ("envoy_peer", "xfcc"))


def test_two_leaves_are_a_conflict() -> None:
    with pytest.raises(DecodeError, match="envoy_peer and xfcc") as caught:
        BOTH.read(request(PEER, pki.xfcc(OTHER.der)))
    assert caught.value.reason is Reason.SOURCE_CONFLICT


@pytest.mark.parametrize(
    ("peer", "xfcc", "reason", "name"),
    [
        ("junk", pki.xfcc(LEAF.der), Reason.SOURCE_MALFORMED, "envoy_peer: "),
        (PEER, "junk", Reason.SOURCE_MALFORMED, "xfcc: "),
        (PEER, "", Reason.SOURCE_MALFORMED, "xfcc: "),
        (PEER, f"{pki.xfcc(LEAF.der)},{pki.xfcc(LEAF.der)}", Reason.SOURCE_AMBIGUOUS, "xfcc: "),
        (PEER, "Hash=1", Reason.CERTIFICATE_NOT_FORWARDED, "xfcc: "),
        ("", "junk", Reason.SOURCE_MALFORMED, "xfcc: "),
    ],
)
def test_one_that_cannot_be_read_denies_whatever_the_other_says(
    peer: str, xfcc: str, reason: Reason, name: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        BOTH.read(request(peer, xfcc))
    assert caught.value.reason is reason
    assert caught.value.detail.startswith(name)


CLAIMS = Claims("CN=alice", (), ())


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Presented(LEAF.der, (CA.der,), ("one",)), Presented(LEAF.der, (CA.der, ROOT.der), ("two",))),
        (Presented(LEAF.der, (), ("one",), CLAIMS), Presented(LEAF.der, (), ("two",), Claims("CN=bob", (), ()))),
    ],
    ids=["chains", "claims"],
)
def test_two_chains_or_claims_that_differ_are_a_conflict(one: Presented, two: Presented) -> None:
    with pytest.raises(DecodeError, match="one and two") as caught:
        SourceReader([Fixed("one", one), Fixed("two", two)]).read(request())
    assert caught.value.reason is Reason.SOURCE_CONFLICT


def test_three_that_agree_in_what_each_has() -> None:
    reader = SourceReader(
        [
            Fixed("one", Presented(LEAF.der, (), ("one",))),
            Fixed("silent"),
            Fixed("two", Presented(LEAF.der, (CA.der,), ("two",), CLAIMS), headers=("x-two", "x-more")),
            Fixed("three", Presented(LEAF.der, (CA.der,), ("three",), CLAIMS), headers=("x-three",)),
        ]
    )
    assert reader.wanted_headers == {"x-two", "x-more", "x-three"}
    assert reader.read(request()) == Presented(LEAF.der, (CA.der,), ("one", "two", "three"), CLAIMS)


def test_no_source_is_refused_at_load() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SourceReader([])


def test_two_sources_of_one_name_are_refused_at_load() -> None:
    with pytest.raises(ValueError, match="twice"):
        SourceReader([XfccSource(), XfccSource()])


PEER_AND_HEADER = SourceReader([EnvoyPeerSource(), XfccSource()])


@pytest.mark.parametrize(
    ("reader", "asked", "hint"),
    [
        (PEER_AND_HEADER, AuthRequest(), ""),
        (PEER_AND_HEADER, AuthRequest(headers={"x-other": ("a",)}), ""),
        (PEER_AND_HEADER, AuthRequest(headers={XFCC: ()}), ""),
        (PEER_AND_HEADER, AuthRequest(source_certificate="certificate"), "certificate"),
        (PEER_AND_HEADER, AuthRequest(source_certificate="certificate", headers={XFCC: ("Hash=1",)}), "certificate"),
        (PEER_AND_HEADER, AuthRequest(headers={XFCC: ("Hash=1", "Hash=2;Hash=3")}), ("Hash=3",)),
        (PEER_AND_HEADER, AuthRequest(headers={XFCC: ("Cert=c",)}), ("Cert=c",)),
        (SourceReader([XfccSource()]), AuthRequest(source_certificate="not read"), ""),
        (SourceReader([EnvoyPeerSource()]), AuthRequest(source_certificate="c", headers={XFCC: ("Hash=1",)}), "c"),
    ],
)
def test_a_hint_is_a_small_part_of_what_is_read(reader: SourceReader, asked: AuthRequest, hint: object) -> None:
    assert reader.material(asked)[0] == hint


def test_what_reads_the_same_is_the_same_material_and_nothing_else_is() -> None:
    asked = (
        AuthRequest(),
        AuthRequest(source_certificate="c"),
        AuthRequest(headers={XFCC: ("c",)}),
        AuthRequest(headers={XFCC: ("c", "c")}),
        AuthRequest(headers={XFCC: ("",)}),
        AuthRequest(source_certificate="c", headers={XFCC: ("c",)}),
        AuthRequest(source_certificate="c", headers={XFCC: ("d",)}),
    )
    assert len({PEER_AND_HEADER.material(one)[1] for one in asked}) == len(asked)
    other = AuthRequest(source_certificate="c", headers={XFCC: ("c",), "x-other": ("o",)}, path="/other")
    assert PEER_AND_HEADER.material(other) == PEER_AND_HEADER.material(asked[5])

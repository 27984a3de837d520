"""Paths are enumerated shortest first, without loops, and not for ever."""

from collections.abc import Mapping, Sequence

from extauthz.trust.chain.link import Link
from extauthz.trust.chain.paths import MAX_PARTIAL_PATHS, PathSearch
from support import pki
from support.chains import link

ROOT = link(pki.make_ca("Root"))
LEAF = link(pki.make_ca("alice", ca=False))


def search(edges: Mapping[str, Sequence[Link]], *anchors: Link) -> PathSearch:
    def issuers_of(one: Link) -> Sequence[Link]:
        return edges.get(one.certificate.identity.common_name or "", ())

    return PathSearch(issuers_of, {one.sha256 for one in anchors}, lambda _link: True)


def names(path: Sequence[Link]) -> list[str | None]:
    return [one.certificate.identity.common_name for one in path]


def test_loops_are_not_followed() -> None:
    one, other = link(pki.make_ca("One")), link(pki.make_ca("Other"))
    found = search({"alice": [one], "One": [other], "Other": [one, LEAF, ROOT]}, ROOT)
    assert [names(path) for path in found.paths(LEAF)] == [["alice", "One", "Other", "Root"]]
    assert not found.left_out


def test_a_renewed_certificate_of_a_ca_on_the_path_is_that_ca() -> None:
    authority = pki.make_ca("One")
    one, renewed = link(authority), link(pki.make_ca("One", key=authority.key))
    found = search({"alice": [one], "One": [renewed, ROOT]}, ROOT)
    assert [names(path) for path in found.paths(LEAF)] == [["alice", "One", "Root"]]


def test_a_web_of_authorities_is_not_walked_to_its_end() -> None:
    web = [link(pki.make_ca(f"CA {number}")) for number in range(20)]
    found = search({"alice": web} | {f"CA {number}": web for number in range(20)}, ROOT)
    assert list(found.paths(LEAF)) == []
    assert found.left_out
    asked = 0

    def issuers_of(_one: Link) -> Sequence[Link]:
        nonlocal asked
        asked += 1
        return web

    assert list(PathSearch(issuers_of, {ROOT.sha256}, lambda _link: True).paths(LEAF)) == []
    assert asked == MAX_PARTIAL_PATHS

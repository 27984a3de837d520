"""Revocation reaches connections that are already open: the handshake was hours ago, the next request is refused."""

from pathlib import Path

import pytest

from support.edge import StartEdge
from support.edge_pki import Client, EdgePki


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_a_crl_that_is_replaced_by_rename(
    start_edge: StartEdge, authority: EdgePki, alice: Client, tmp_path: Path, http2: bool
) -> None:
    victim = authority.client("victim-of-rename")
    name = str(tmp_path / "crls" / "issuing.crl")
    authority.write(name, authority.crl(number=1))
    edge = start_edge(revocation={"crls": [{"path": str(tmp_path / "crls")}]})
    with edge.connect(victim, http2=http2) as live, edge.connect(alice, http2=http2) as honest:
        assert live.ask("/").status == 200
        kept = honest.ask("/")
        authority.write(name, authority.crl(victim.leaf, number=2))
        edge.service.event("reloaded")
        refused = live.ask("/")
        assert (refused.status, edge.reason(refused)) == (403, "revoked")
        again = honest.ask("/")
        assert (again.status, again.local_port) == (200, kept.local_port)


def swap(volume: Path, generation: str, content: bytes) -> None:
    """Publish a file as kubelet does: a directory of its own, and one rename of the symlink ``..data`` to it."""
    directory = volume / f"..{generation}"
    directory.mkdir()
    (directory / "issuing.crl").write_bytes(content)
    link = volume / "..data_tmp"
    link.symlink_to(directory.name)
    link.replace(volume / "..data")
    name = volume / "issuing.crl"
    if not name.is_symlink():
        name.symlink_to("..data/issuing.crl")


@pytest.mark.parametrize("named", ["file", "directory"])
def test_a_crl_in_a_kubernetes_volume(start_edge: StartEdge, authority: EdgePki, tmp_path: Path, named: str) -> None:
    victim = authority.client(f"victim-of-swap-{named}")
    swap(tmp_path, "2026_11_23_01", authority.crl(number=1))
    path = tmp_path / "issuing.crl" if named == "file" else tmp_path
    edge = start_edge(revocation={"crls": [{"path": str(path)}]})
    with edge.connect(victim) as live:
        first = live.ask("/")
        assert first.status == 200
        swap(tmp_path, "2026_11_23_02", authority.crl(victim.leaf, number=2))
        edge.service.event("reloaded")
        refused = live.ask("/")
    assert (refused.status, edge.reason(refused), refused.local_port) == (403, "revoked", first.local_port)


def test_a_client_that_was_revoked_before_is_refused_at_once(
    start_edge: StartEdge, authority: EdgePki, alice: Client, tmp_path: Path
) -> None:
    revoked = authority.client("revoked-before")
    authority.write(str(tmp_path / "issuing.crl"), authority.crl(revoked.leaf))
    edge = start_edge(revocation={"crls": [{"path": str(tmp_path / "issuing.crl")}]})
    answer = edge.ask(revoked)
    assert (answer.status, edge.reason(answer)) == (403, "revoked")
    assert edge.ask(alice).status == 200


def test_a_broken_crl_changes_nothing(start_edge: StartEdge, authority: EdgePki, alice: Client, tmp_path: Path) -> None:
    revoked = authority.client("still-revoked")
    name = str(tmp_path / "issuing.crl")
    authority.write(name, authority.crl(revoked.leaf))
    edge = start_edge(revocation={"crls": [{"path": name}]})
    authority.write(name, b"-----BEGIN X509 CRL-----\nnonsense\n-----END X509 CRL-----\n")
    edge.service.event("CRL problem")
    assert edge.ask(alice).status == 200
    assert edge.reason(edge.ask(revoked)) == "revoked"

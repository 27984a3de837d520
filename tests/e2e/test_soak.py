"""Reloads under load change no answer: the good client is always let in, the revoked one never, nobody is dropped."""

import itertools
import json
import os
import signal
import time
from pathlib import Path

from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.load import Load

SECONDS = float(os.environ.get("EXTAUTHZ_SOAK_SECONDS", "30"))
BETWEEN_RELOADS = 1.0


def test_reloads_under_load_change_no_answer(
    start_edge: StartEdge, authority: EdgePki, alice: Client, tmp_path: Path
) -> None:
    revoked = authority.client("soaked")
    crl = str(tmp_path / "issuing.crl")
    authority.write(crl, authority.crl(revoked.leaf))
    edge = start_edge(revocation={"crls": [{"path": crl}]})
    with Load(
        edge.envoy.ports["https"],
        server_ca=authority.directory / "root.pem",
        clients={"alice": alice, "soaked": revoked},
        connections=4,
        rate=25.0,
    ) as load:
        reloads = keep_reloading(edge, authority, revoked, crl)
    assert load.broken == []
    assert set(load.statuses) == {("alice", 200), ("soaked", 403)}, load.statuses
    assert load.bodies == {("alice", 200): {b"alice"}, ("soaked", 403): {b""}}
    assert min(load.statuses.values()) > SECONDS * 20
    done = edge.service.metric("extauthz_config_reloads_total", result="success")
    assert done is not None
    assert done >= reloads
    assert edge.service.metric("extauthz_config_reloads_total", result="failure") == 0


def keep_reloading(edge: Edge, authority: EdgePki, revoked: Client, crl: str) -> int:
    """Have the service reload in each of its ways in turn, and return how many reloads were asked for and awaited."""
    config = edge.directory / "extauthz.json"
    settings = json.loads(config.read_text())
    until = time.monotonic() + SECONDS
    for number in itertools.count(1):
        begun = time.monotonic()
        match number % 4:
            case 0:
                assert edge.service.reload().status == 200
            case 1:
                edge.service.signal(signal.SIGHUP)
            case 2:
                settings["policies"] = [{"name": f"generation-{number}", "when": {}, "require": {}}]
                authority.write(str(config), json.dumps(settings).encode())
            case _:
                authority.write(crl, authority.crl(revoked.leaf, number=number))
        edge.service.event("reloaded", number)
        if time.monotonic() >= until:
            return number
        time.sleep(max(0.0, begun + BETWEEN_RELOADS - time.monotonic()))
    raise AssertionError("unreachable")

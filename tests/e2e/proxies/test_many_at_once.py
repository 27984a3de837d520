"""Clients that ask at the same time never get each other's identity."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from extauthz.headers import DEFAULT_PREFIX
from support.proxies.cast import Cast
from support.proxies.site import Site

CLIENTS = ("alice", "ops", "large", "non-ascii", "several-names", "revoked")
ROUNDS = 15


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_each_gets_its_own(site: Site, cast: Cast, http2: bool) -> None:
    def visit(name: str) -> set[tuple[int, str]]:
        """Ask some times over one connection and some times over new ones; return what came of it."""
        client, found = cast.clients[name], set()
        with site.connect(client, http2=http2) as kept:
            for turn in range(ROUNDS):
                if turn % 3:
                    answer = kept.ask()
                else:
                    with site.connect(client, http2=http2) as fresh:
                        answer = fresh.ask()
                hashes = [
                    value
                    for key, value in (answer.upstream_headers if answer.status == 200 else ())
                    if key.lower() == f"{DEFAULT_PREFIX}sha256"
                ]
                found.add((answer.status, ",".join(hashes)))
        return found

    with ThreadPoolExecutor(len(CLIENTS)) as threads:
        came_of = dict(zip(CLIENTS, threads.map(visit, CLIENTS), strict=True))
    expected = {name: {(200, cast.clients[name].leaf.sha256.hex())} for name in CLIENTS}
    assert came_of == {**expected, "revoked": {(403, "")}}

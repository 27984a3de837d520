"""How a proxy shows extauthz that it may ask: the recipes of docs/proxies.md, each with what happens without it."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.proxies import KINDS
from support.proxies.caddy import Caddy
from support.proxies.cast import Cast
from support.proxies.example import rewrite
from support.proxies.nginx import Nginx
from support.proxies.proxy import Proxy
from support.proxies.site import Site

SECRET = "a-secret-of-some-length"  # noqa: S105  (of a test)
HEADER = "x-extauthz-secret"
OVER_HTTP = [kind for kind in KINDS if kind.api == "http"]
EDITS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "nginx": (
        "nginx.conf",
        {
            "proxy_set_header X-Original-Host": (
                f'proxy_set_header X-Extauthz-Secret "{SECRET}";\n            proxy_set_header X-Original-Host'
            )
        },
    ),
    "traefik": (
        "routes.yaml",
        {
            "    forged: ": (
                f"    secret: {{headers: {{customRequestHeaders: {{X-Extauthz-Secret: {SECRET}}}}}}}\n    forged: "
            ),
            "middlewares: [forged,": "middlewares: [secret, forged,",
            "authRequestHeaders: [": "authRequestHeaders: [X-Extauthz-Secret, ",
            'customRequestHeaders: {X-Forwarded-Tls-Client-Cert: ""}': (
                'customRequestHeaders: {X-Forwarded-Tls-Client-Cert: "", X-Extauthz-Secret: ""}'
            ),
        },
    ),
    "caddy": ("Caddyfile", {"\t\t\turi /check\n": f"\t\t\turi /check\n\t\t\theader_up X-Extauthz-Secret {SECRET}\n"}),
    "haproxy": ("extauthz.lua", {'["host"] = ': f'["{HEADER}"] = {{ "{SECRET}" }},\n        ["host"] = '}),
    "envoy-http": (
        "envoy.yaml",
        {
            "                path_prefix: /check": (
                "                authorization_request:\n"
                f"                  headers_to_add: [{{key: {HEADER}, value: {SECRET}}}]\n"
                "                path_prefix: /check"
            )
        },
    ),
}
"""Proxy -> what to change in which file of its example, so that it sends the secret."""


def listen(kind: type[Proxy], callers: Mapping[str, object], **more: object) -> Mapping[str, object]:
    dialect = kind.name.replace("-", "_")
    return {"http": {"dialect": dialect, "callers": callers, **more}, "admin": {}}


@pytest.mark.parametrize("shown", [False, True], ids=["not shown", "shown"])
@pytest.mark.parametrize("kind", OVER_HTTP, ids=lambda kind: str(kind.name))
def test_a_secret(tmp_path: Path, cast: Cast, kind: type[Proxy], shown: bool) -> None:
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    (tmp_path / "secret.txt").chmod(0o600)
    file, changes = EDITS[kind.name]

    def edit(directory: Path) -> None:
        if shown:
            rewrite(directory / file, changes)

    sections = {"listen": listen(kind, {"secret": {"file": "secret.txt"}}), "revocation": None}
    with Site(kind, tmp_path, cast.pki, edit=edit, **sections) as site:
        guesses = [(HEADER, "a guess")]
        outcomes = [site.ask(cast.clients["alice"]), site.ask(cast.clients["alice"], headers=guesses)]
    if not shown:
        assert [one.reasons for one in outcomes] == [("caller_not_allowed",)] * 2
        assert [one.arrived for one in outcomes] == [None, None]
        return
    assert [one.reasons for one in outcomes] == [("allowed",)] * 2
    assert SECRET not in str([one.arrived for one in outcomes])


@pytest.mark.parametrize("user", [os.getuid(), os.getuid() + 1], ids=["the right user", "another user"])
@pytest.mark.parametrize("kind", [Nginx, Caddy], ids=lambda kind: str(kind.name))
def test_the_user_at_a_unix_socket(tmp_path: Path, cast: Cast, kind: type[Proxy], user: int) -> None:
    socket = tmp_path / "e.sock"

    def edit(directory: Path) -> None:
        if kind is Nginx:  # started by root, its workers would be nobody's
            mine = "user root;\n" if os.getuid() == 0 else ""
            rewrite(directory / "nginx.conf", {"events {}": f"{mine}events {{}}"})

    callers = {"unix_users": [user]}
    sections = {"listen": listen(kind, callers, address=f"unix:{socket}"), "revocation": None}
    with Site(kind, tmp_path, cast.pki, edit=edit, **sections) as site:
        outcome = site.ask(cast.clients["alice"])
    expected = "allowed" if user == os.getuid() else "caller_not_allowed"
    assert outcome.reasons == (expected,)

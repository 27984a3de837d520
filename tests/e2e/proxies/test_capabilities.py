"""Every cell of the table of proxies (docs/proxies.yaml) is what the real proxy does."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from proxy_table import capabilities
from ruamel.yaml import YAML

from extauthz import cert_thumbprint_s256
from extauthz.headers import DEFAULT_PREFIX
from support.proxies import KINDS
from support.proxies.cast import Cast
from support.proxies.proxy import Proxy
from support.proxies.site import Site

PROXIES = capabilities()["proxies"]
COLUMNS = capabilities()["columns"]
POLICIES = (
    {"name": "by-name", "when": {"sni": ["pay.example"]}, "require": {"common_name": ["nobody"]}},
    {"name": "by-path", "when": {"paths": ["/ops/**"]}, "require": {"common_name": ["nobody"]}},
    {"name": "by-token", "when": {"hosts": ["token.example"]}, "require": {"token_binding": "required"}},
    {"name": "others", "when": {}, "require": {}},
)
KEY = ec.generate_private_key(ec.SECP256R1())
ISSUER = "https://issuer.example"


def jwt_filter() -> Mapping[str, object]:
    """Return the filter that docs/envoy.md tells to put before ext_authz for tokens."""
    key = {**jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one", "alg": "ES256"}
    provider = {
        "issuer": ISSUER,
        "forward": True,
        "local_jwks": {"inline_string": json.dumps({"keys": [key]})},
        "payload_in_metadata": "verified_token",
    }
    either = {"requires_any": {"requirements": [{"provider_name": "one"}, {"allow_missing": {}}]}}
    return {
        "name": "envoy.filters.http.jwt_authn",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": {"one": provider},
            "rules": [{"match": {"prefix": "/"}, "requires": either}],
        },
    }


def with_tokens(kind: type[Proxy]) -> type[Proxy]:
    """Return the proxy as it is with a filter for tokens, where there is such a thing: in Envoy."""
    if not kind.name.startswith("envoy"):
        return kind

    class WithTokens(kind):  # type: ignore[valid-type,misc]  # a class that is only known at run time
        def render(self, **ports: object) -> None:
            super().render(**ports)
            path = self.directory / "envoy.yaml"
            content = YAML(typ="safe", pure=True).load(path)
            listener = content["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
            listener["typed_config"]["http_filters"].insert(0, jwt_filter())
            path.write_text(json.dumps(content))  # JSON is YAML

    return WithTokens


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory, cast: Cast, kind: type[Proxy]) -> Iterator[Site]:
    """Return a proxy with policies that show what extauthz gets to know; no certificate is looked up in a CRL."""
    directory: Path = tmp_path_factory.mktemp(f"probed-{kind.name}")
    with Site(with_tokens(kind), directory, cast.pki, policies=POLICIES, revocation=None) as site:
        yield site


def certificate(site: Site, cast: Cast) -> str:
    (decision,) = site.ask(cast.clients["alice"]).decisions
    return "+".join(sorted(decision["sources"]))


def chain(site: Site, cast: Cast) -> str:
    (reason,) = site.ask(cast.clients["by-second"]).reasons
    return {"allowed": "whole", "untrusted_issuer": "leaf"}[reason]


def identity(site: Site, cast: Cast) -> str:
    unused = f"{DEFAULT_PREFIX}unknown"
    outcome = site.ask(cast.clients["alice"], headers=[(unused, "x"), (f"{DEFAULT_PREFIX}upn", "x")])
    assert outcome.header_lines(f"{DEFAULT_PREFIX}cn") == ["alice"]
    assert outcome.header_lines(f"{DEFAULT_PREFIX}upn") == []
    return "listed" if outcome.header_lines(unused) else "prefix"


def path(site: Site, cast: Cast) -> str:
    (reason,) = site.ask(cast.clients["alice"], "/x/../public").reasons
    return {"path_ambiguous": "as_sent", "allowed": "resolved"}[reason]


def token(site: Site, cast: Cast) -> str:
    client, now = cast.clients["alice"], int(time.time())
    claims = {"iss": ISSUER, "exp": now + 600, "cnf": {"x5t#S256": cert_thumbprint_s256(client.leaf.der)}}
    bearer = jwt.encode(claims, KEY, "ES256", {"kid": "one"})
    headers = [("Authorization", f"Bearer {bearer}")]
    (reason,) = site.ask(client, host="token.example", sni="token.example", headers=headers).reasons
    return {"allowed": "bound", "token_binding_missing": "unseen"}[reason]


def policy(site: Site, cast: Cast) -> str:
    alice = cast.clients["alice"]
    assert site.ask(alice, "/ops/x").reasons == ("common_name_not_allowed",)
    (reason,) = site.ask(alice, host="pay.example", sni="pay.example").reasons
    return {"common_name_not_allowed": "and_sni_and_context", "allowed": "host_path_method"}[reason]


def denial(site: Site, cast: Cast) -> str:
    outcome = site.ask(cast.clients["alice"], "/ops/x")
    (decision,) = outcome.decisions
    assert outcome.answer is not None
    if outcome.answer.header("content-type") == "application/problem+json":
        assert outcome.answer.json()["decision_id"] == decision["decision_id"]
        return "ours"
    assert outcome.answer.header("x-extauthz-decision-id") == decision["decision_id"]
    return "its_own"


PROBES: Mapping[str, Callable[[Site, Cast], str]] = {
    "certificate": certificate,
    "chain": chain,
    "identity": identity,
    "path": path,
    "token": token,
    "policy": policy,
    "denial": denial,
}


@pytest.mark.parametrize("column", PROBES)
def test_a_cell_says_what_the_proxy_does(probed: Site, cast: Cast, kind: type[Proxy], column: str) -> None:
    assert PROXIES[kind.name][column] == PROBES[column](probed, cast)


def test_there_is_a_row_for_every_proxy_and_a_proof_for_every_column() -> None:
    assert set(PROXIES) == {kind.name for kind in KINDS}
    assert set(COLUMNS) == {*PROBES, "revocation"}  # test_live_revocation.py has its proof, the same for all of them
    assert {proxy["revocation"] for proxy in PROXIES.values()} == {"next_request"}

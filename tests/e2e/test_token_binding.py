"""RFC 8705 through Envoy's JWT filter: a stolen token is worth nothing without the certificate that it is bound to."""

import json
import time
from collections.abc import Mapping

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from extauthz import cert_thumbprint_s256
from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import CATCH_ALL, HttpEdge, per_route
from support.envoy_json import Json, typed

ISSUER = "https://issuer.example"
PAYLOAD_KEY = "verified_token"
KEY = ec.generate_private_key(ec.SECP256R1())
FOREIGN_KEY = ec.generate_private_key(ec.SECP256R1())


def jwt_filter(**requirement: object) -> Json:
    """Return Envoy's JWT filter: it verifies a token if there is one, and hands its payload on as metadata."""
    key = jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    provider = {
        "issuer": ISSUER,
        "forward": True,
        "local_jwks": {"inline_string": json.dumps({"keys": [{**key, "kid": "one", "alg": "ES256"}]})},
        "payload_in_metadata": PAYLOAD_KEY,
    }
    either = {"requires_any": {"requirements": [{"provider_name": "one"}, requirement]}}
    return typed(
        "envoy.filters.http.jwt_authn",
        "extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        providers={"one": provider},
        rules=[{"match": {"prefix": "/"}, "requires": either}],
    )


def token(claims: Mapping[str, object], key: ec.EllipticCurvePrivateKey = KEY) -> str:
    now = int(time.time())
    return jwt.encode(
        {"iss": ISSUER, "sub": "app", "iat": now, "exp": now + 600, **claims}, key, "ES256", {"kid": "one"}
    )


def bound_to(client: Client) -> Mapping[str, object]:
    return {"cnf": {"x5t#S256": cert_thumbprint_s256(client.leaf.der)}}


def route(name: str) -> Json:
    settings = {"context_extensions": {"tokens": name}}
    return {**CATCH_ALL, "match": {"prefix": f"/{name}"}, "typed_per_filter_config": per_route(check_settings=settings)}


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    names = ("required", "if_present")
    routes = [route(name) for name in names]
    return start_edge(
        edges={
            "https": HttpEdge(routes=routes, http_filters=[jwt_filter(allow_missing={})]),
            "lenient": HttpEdge(routes=routes, http_filters=[jwt_filter(allow_missing_or_failed={})]),
            "unforwarded": HttpEdge(routes=routes, http_filters=[jwt_filter(allow_missing={})], metadata_namespaces=()),
        },
        policies=[
            {"name": name, "when": {"context": {"tokens": name}}, "require": {"token_binding": name}} for name in names
        ],
    )


Verdict = tuple[int, str]
ALLOWED: Verdict = (200, "allowed")
MISSING: Verdict = (401, "token_binding_missing")
MISMATCH: Verdict = (401, "token_binding_mismatch")


@pytest.mark.parametrize(
    ("case", "verdicts"),
    [
        ("right certificate", {"/required": ALLOWED, "/if_present": ALLOWED}),
        ("another certificate", {"/required": MISMATCH, "/if_present": MISMATCH}),
        ("malformed thumbprint", {"/required": MISMATCH, "/if_present": MISMATCH}),
        ("unbound", {"/required": MISSING, "/if_present": ALLOWED}),
        ("none", {"/required": MISSING, "/if_present": ALLOWED}),
    ],
)
def test_a_token_goes_with_its_certificate_only(
    edge: Edge, alice: Client, bob: Client, case: str, verdicts: Mapping[str, Verdict]
) -> None:
    claims: Mapping[str, Mapping[str, object]] = {
        "right certificate": bound_to(alice),
        "another certificate": bound_to(bob),
        "malformed thumbprint": {"cnf": {"x5t#S256": alice.leaf.sha256.hex()}},
        "unbound": {},
    }
    headers = [("authorization", f"Bearer {token(claims[case])}")] if case in claims else []
    for path, expected in verdicts.items():
        answer = edge.ask(alice, path, headers=headers)
        assert (answer.status, edge.reason(answer)) == expected
        challenge = answer.header("www-authenticate")
        assert challenge == ('Bearer error="invalid_token"' if expected[0] == 401 else None)


def test_a_mismatch_tells_the_client_no_more_than_any_deny(edge: Edge, alice: Client, bob: Client) -> None:
    answer = edge.ask(alice, "/required", headers=[("authorization", f"Bearer {token(bound_to(bob))}")])
    assert set(answer.json()) == {"type", "title", "status", "decision_id"}
    assert not edge.reached(answer)


def test_a_token_that_envoy_refuses_never_gets_here(edge: Edge, alice: Client) -> None:
    answer = edge.ask(alice, "/required", headers=[("authorization", f"Bearer {token(bound_to(alice), FOREIGN_KEY)}")])
    assert answer.status == 401
    assert edge.logged(answer)["extauthz"] is None


@pytest.mark.parametrize("path", ["/required", "/if_present"])
def test_a_token_that_envoy_let_pass_unverified_counts_as_none(edge: Edge, alice: Client, path: str) -> None:
    headers = [("authorization", f"Bearer {token(bound_to(alice), FOREIGN_KEY)}")]
    answer = edge.ask(alice, path, to="lenient", headers=headers)
    assert (answer.status, edge.reason(answer)) == MISSING


@pytest.mark.parametrize("path", ["/required", "/if_present"])
def test_a_payload_that_is_not_forwarded_is_missed(edge: Edge, alice: Client, path: str) -> None:
    # Without metadata_context_namespaces a bound token looks like none; its Authorization header gives it away.
    headers = [("authorization", f"Bearer {token(bound_to(alice))}")]
    answer = edge.ask(alice, path, to="unforwarded", headers=headers)
    assert (answer.status, edge.reason(answer)) == MISSING

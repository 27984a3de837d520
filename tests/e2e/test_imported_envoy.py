"""A real Envoy and the policies imported from its own bootstrap tell certificates alike.

Each matcher is a filter chain with a server name of its own. Every certificate is shown to every one of them: where
Envoy refuses the handshake the policy denies, and where Envoy lets it in the policy allows.
"""

import base64
import json
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection

import pytest

from extauthz.config.build import load_engine
from extauthz.engine import Engine
from extauthz.importing.envoy import import_envoy
from extauthz.importing.foreign import read_foreign
from extauthz.importing.written import Import
from extauthz.importing.written_text import configuration_text
from extauthz.model.request import AuthRequest
from support import pki
from support.edge_pki import Client, EdgePki
from support.envoy import RealEnvoy
from support.envoy_json import Json, key_pair, socket, typed
from support.envoy_matchers import CASES, MatcherCase, options_of

NAMES = sorted({name for case in CASES for name in (case.accepted, case.refused)})
REFUSALS = {
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_BAD_CERTIFICATE_HASH_VALUE",
}
SERVER_NAMES = [f"m{number}.example" for number in range(len(CASES))]


def listener(authority: EdgePki, contexts: Mapping[str, Json]) -> Json:
    """Return a listener with a chain for each server name. It answers by itself."""
    answer = {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
    manager = typed(
        "envoy.filters.network.http_connection_manager",
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="x",
        route_config={"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [answer]}]},
        http_filters=[typed("router", "extensions.filters.http.router.v3.Router")],
    )
    chains = []
    for name, context in contexts.items():
        trusted = {"trusted_ca": {"filename": str(authority.directory / "root.pem")}, **context}
        tls = typed(
            "tls",
            "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            common_tls_context={
                "tls_certificates": [key_pair(authority.directory / "server")],
                "validation_context": trusted,
            },
        )
        chains.append({"filter_chain_match": {"server_names": [name]}, "transport_socket": tls, "filters": [manager]})
    inspector = typed("tls_inspector", "extensions.filters.listener.tls_inspector.v3.TlsInspector")
    return {
        "name": "edge",
        "address": socket("127.0.0.1", 0),
        "listener_filters": [inspector],
        "filter_chains": chains,
    }


@dataclass(frozen=True)
class Comparison:
    """A running Envoy, the bootstrap that it runs by, and a client for each name."""

    envoy: RealEnvoy
    bootstrap: Json
    pki: Path
    clients: Mapping[str, Client]

    def lets_in(self, client: Client | None, server_names: Iterable[str]) -> Iterator[str]:
        """Yield the server names that a client (None: one without a certificate) gets through the handshake for."""
        context = ssl.create_default_context(cafile=str(self.pki / "root.pem"))
        context.check_hostname = False
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # with 1.3 a refusal would come after the handshake
        if client is not None:
            context.load_cert_chain(str(client.credentials.certificate), str(client.credentials.key))
        for server_name in server_names:
            plain = create_connection(("127.0.0.1", self.envoy.ports["edge"]), timeout=20)
            try:
                context.wrap_socket(plain, server_hostname=server_name).close()
                yield server_name
            except ssl.SSLError as error:
                if error.reason not in REFUSALS:
                    raise
            finally:
                plain.close()


@pytest.fixture(scope="module")
def comparison(authority: EdgePki) -> Iterator[Comparison]:
    contexts = {
        name: {"match_typed_subject_alt_names": [case.matcher()]}
        for name, case in zip(SERVER_NAMES, CASES, strict=True)
    }
    bootstrap = {"static_resources": {"listeners": [listener(authority, contexts)]}}
    clients = {name: authority.client(f"imported-{number}", **options_of(name)) for number, name in enumerate(NAMES)}
    with RealEnvoy(bootstrap) as envoy:
        yield Comparison(envoy, bootstrap, authority.directory, clients)


@pytest.fixture(scope="module")
def there(comparison: Comparison) -> set[tuple[str, str]]:
    """Return each name and server name where Envoy lets the certificate of that name in."""
    return {
        (name, server_name)
        for name, client in comparison.clients.items()
        for server_name in comparison.lets_in(client, SERVER_NAMES)
    }


def test_envoy_does_what_the_cases_say(there: set[tuple[str, str]]) -> None:
    for server_name, case in zip(SERVER_NAMES, CASES, strict=True):
        assert (case.accepted, server_name) in there
        assert (case.refused, server_name) not in there


def lower_host(text: str) -> str:
    local, at, host = text.rpartition("@")
    return local + at + host.lower()


def is_the_same_in_other_letter_case(name: str, case: MatcherCase) -> bool:
    """Say whether only capitals in a host keep Envoy's matcher from the name: those do not count here, by the RFCs."""
    san_type, _, value = name.partition(":")
    assert (san_type, case.san_type) in {("dns", "DNS"), ("email", "EMAIL"), ("upn", "OTHER_NAME")}
    lower, text = lower_host(value), lower_host(case.text)
    if "@" in value and "@" not in case.text and case.kind != "suffix":
        text = case.text  # a part of the local part
    match case.kind:
        case "exact":
            return lower == text
        case "prefix":
            return lower.startswith(text)
        case "suffix":
            return lower.endswith(text)
        case "contains":
            return text in lower
    return re.fullmatch(text, lower) is not None


def imported_engine(result: Import, pki_directory: Path, directory: Path) -> Engine:
    # The clients of the test send their intermediate to Envoy, which hands on the leaf alone.
    intermediate = f"trust:\n  intermediates: [{pki_directory / 'issuing.pem'}]\n"
    config = directory / "extauthz.yaml"
    config.write_text(configuration_text(result.config).replace("trust:\n", intermediate))
    return load_engine(config).engine


@pytest.mark.parametrize("form", ["bootstrap", "config_dump"])
def test_envoy_and_the_imported_policies_agree_on_every_certificate(
    form: str, comparison: Comparison, there: set[tuple[str, str]], tmp_path: Path
) -> None:
    text = json.dumps(comparison.bootstrap) if form == "bootstrap" else comparison.envoy.admin("/config_dump")
    result = import_envoy(read_foreign(text.encode(), form))
    assert result.is_complete
    engine = imported_engine(result, comparison.pki, tmp_path)
    now = datetime.now(UTC)
    here = {
        (name, server_name)
        for name, client in comparison.clients.items()
        for server_name in SERVER_NAMES
        if engine.decide(AuthRequest(source_certificate=pki.url_pem(client.leaf.der), sni=server_name), now).allowed
    }
    assert there - here == set()
    wider = [(name, CASES[SERVER_NAMES.index(server_name)]) for name, server_name in sorted(here - there)]
    assert wider
    assert [one for one in wider if not is_the_same_in_other_letter_case(*one)] == []


def test_the_same_clients_need_a_certificate_and_get_in_with_it(authority: EdgePki, tmp_path: Path) -> None:
    known, unknown = authority.client("known", uris=["urn:known"]), authority.client("unknown", uris=["urn:unknown"])
    rogue = authority.client("rogue", by=authority.authority("Rogue"), uris=["urn:known"])
    names = {"match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "urn:known"}}]}
    pins = {"verify_certificate_hash": [known.leaf.sha256.hex()]}
    contexts: dict[str, Json] = {
        "ca.example": {},
        "names.example": names,
        "pins.example": pins,
        "spki.example": {"verify_certificate_spki": [base64.b64encode(known.leaf.spki_sha256).decode()]},
        "both.example": {**names, **pins},
        "either.example": {**pins, "verify_certificate_spki": [f"{'A' * 43}="]},
        "older.example": {"trust_chain_verification": "VERIFY_TRUST_CHAIN", "only_verify_leaf_cert_crl": True},
    }
    bootstrap = {"static_resources": {"listeners": [listener(authority, contexts)]}}
    result = import_envoy(read_foreign(json.dumps(bootstrap).encode(), "bootstrap"))
    assert result.is_complete
    engine = imported_engine(result, authority.directory, tmp_path)
    clients = {"nobody": None, "known": known, "unknown": unknown, "rogue": rogue}
    with RealEnvoy(bootstrap) as envoy:
        running = Comparison(envoy, bootstrap, authority.directory, {})
        there = {name: set(running.lets_in(client, contexts)) for name, client in clients.items()}
    here = {
        name: {
            one
            for one in contexts
            if engine.decide(AuthRequest(source_certificate=_presented(client), sni=one), datetime.now(UTC)).allowed
        }
        for name, client in clients.items()
    }
    assert here == there
    assert there["rogue"] == set()
    assert there["nobody"] == {"ca.example", "older.example"}
    assert there["known"] == set(contexts)


def _presented(client: Client | None) -> str:
    return "" if client is None else pki.url_pem(client.leaf.der)

"""An import as an operator does it: read, write the file, put the files beside it that it names, load it, ask it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from extauthz.config.build import load_engine
from extauthz.engine import Engine
from extauthz.importing.envoy import import_envoy
from extauthz.importing.foreign import read_foreign
from extauthz.importing.ingress_nginx import import_ingress_nginx
from extauthz.importing.remark import Remark, Weight
from extauthz.importing.written import Import
from extauthz.importing.written_text import configuration_text
from extauthz.model.request import AuthRequest
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.settings import crl_settings
from support import pki

TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
Product = Literal["envoy", "ingress-nginx"]


def run_import(product: Product, *inputs: str | bytes, trust: str | None = None) -> Import:
    """Import texts as files named ``input-0`` and so on."""
    documents = [
        document
        for number, one in enumerate(inputs)
        for document in read_foreign(one.encode() if isinstance(one, str) else one, f"input-{number}")
    ]
    return (import_envoy if product == "envoy" else import_ingress_nginx)(documents, trust=trust)


def remarks(result: Import, weight: Weight) -> list[Remark]:
    """Return the remarks of one weight."""
    return [remark for remark in result.remarks if remark.weight is weight]


@dataclass(frozen=True)
class Gate:
    """An imported configuration, loaded."""

    engine: Engine

    def reason(self, leaf: pki.Leaf | None, **request: Any) -> str:  # noqa: ANN401  (fields of AuthRequest)
        """Return why a request with this certificate is allowed or denied."""
        certificate = "" if leaf is None else pki.url_pem(leaf.der)
        asked = AuthRequest(source_certificate=certificate, **{"method": "GET", "path": "/", **request})
        return str(self.engine.decide(asked, pki.NOW).reason)

    def headers(self, leaf: pki.Leaf, **request: Any) -> Mapping[str, str]:  # noqa: ANN401  (the same)
        """Return what the upstream is told about an allowed client."""
        asked = AuthRequest(source_certificate=pki.url_pem(leaf.der), **{"method": "GET", "path": "/", **request})
        return dict(self.engine.decide(asked, pki.NOW).headers.set)

    def allows(self, leaf: pki.Leaf | None, **request: Any) -> bool:  # noqa: ANN401  (the same)
        """Say whether a request with this certificate is allowed."""
        return self.reason(leaf, **request).startswith("allowed")


def gate(directory: Path, result: Import, files: Mapping[str, bytes]) -> Gate:
    """Write an imported configuration and the files that it names, and load it."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return load_text(directory, configuration_text(result.config))


def load_text(directory: Path, text: str) -> Gate:
    """Write a configuration and load it, CRLs included."""
    config = directory / "extauthz.yaml"
    config.write_text(text)
    built = load_engine(config)
    keeper = CrlKeeper(InProcessIndexer())
    plan = keeper.prepare(crl_settings(built), pki.NOW, fetch=False)
    snapshot = keeper.adopt(plan, pki.NOW)
    keeper.close()
    if built.store is not None:
        built.store.replace(snapshot.crls, snapshot.rejected)
    return Gate(built.engine)


def filter_chain(context: Mapping[str, object] | None, *server_names: str, **tls: object) -> dict[str, object]:
    """Return a filter chain with a validation context; None: it has TLS and asks for no certificate."""
    common = {} if context is None else {"validation_context": context}
    socket = {"name": "tls", "typed_config": {"@type": TLS, "common_tls_context": common, **tls}}
    match = {"filter_chain_match": {"server_names": list(server_names)}} if server_names else {}
    return {**match, "transport_socket": socket}


def envoy_listener(
    *chains: Mapping[str, object], name: str = "public", more: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return a listener of these filter chains; ``more`` are further fields of it."""
    return {"name": name, "filter_chains": list(chains), **(more or {})}


def envoy_bootstrap(*chains: Mapping[str, object], more: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return a bootstrap with one such listener."""
    return {"static_resources": {"listeners": [envoy_listener(*chains, more=more)]}}

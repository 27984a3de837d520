"""A folder with a configuration for the real service, rewritten as a test goes on."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.edge_pki import EdgePki
from support.service import RealService

StartService = Callable[..., RealService]
"""Starts a service: options of ``RealService``, and sections of the configuration that replace the usual ones."""


def with_transport(sections: Mapping[str, object], transport: str) -> dict[str, Any]:
    """Return a configuration whose gRPC listener uses a transport, unless it names one itself."""
    whole = json.loads(json.dumps(sections))
    grpc = whole.setdefault("listen", {}).setdefault("grpc", {})
    grpc.setdefault("transport", transport)
    return dict(whole)


class Site:
    """A folder with a configuration that trusts the PKI's root and lets every client of it in."""

    def __init__(self, folder: Path, pki: EdgePki, transport: str = "grpcio") -> None:
        self.transport = transport
        self.folder = folder
        self.pki = pki
        self.path = folder / "config.json"
        self.sections: dict[str, object] = {
            "version": 1,
            "listen": {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}},
            "shutdown": {"drain_delay": "0s", "grace": "5s"},
            "sources": [{"type": "envoy_peer"}],
            "trust": {
                "anchors": [str(pki.directory / "root.pem")],
                "intermediates": [str(pki.directory / "issuing.pem")],
            },
            "policies": [{"name": "everybody", "when": {}, "require": {}}],
            "decision_log": {"path": str(folder / "decisions.jsonl")},
        }

    def write(self, **sections: object) -> None:
        """Write the configuration in one step, with some sections replaced for good."""
        self.sections.update(sections)
        beside = self.path.with_name(".config.new")
        beside.write_text(json.dumps(with_transport(self.sections, self.transport)))
        beside.replace(self.path)

    def put(self, content: bytes, name: str = "issuing.crl") -> None:
        """Replace a file in one step."""
        beside = self.folder / f".{name}"
        beside.write_bytes(content)
        beside.replace(self.folder / name)

    def decisions(self) -> list[dict[str, object]]:
        """Return the lines of the decision log so far."""
        log = self.folder / "decisions.jsonl"
        text = log.read_text() if log.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1]]

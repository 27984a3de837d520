"""A directory with a small PKI and a configuration file, as an operator has them on disk."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from extauthz.config.build import BuiltEngine, load_engine
from extauthz.config.load import LoadedConfig, load
from extauthz.model.errors import ConfigError
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.settings import crl_settings
from support import pki

SECTIONS = {
    "version": "version: 1",
    "sources": "sources: [{type: envoy_peer}]",
    "trust": "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem]}",
    "policies": "policies: [{name: all, when: {}, require: {}}]",
}
"""The least that is a configuration, one section a line, so that places in tests are easy to count."""


@dataclass(frozen=True)
class Pki:
    root: pki.Authority
    issuing: pki.Authority
    leaf: pki.Leaf
    crl: bytes


@cache
def shared_pki() -> Pki:
    root = pki.make_ca("Root")
    issuing = pki.make_ca("Issuing", parent=root)
    leaf = issuing.issue("alice")
    return Pki(root, issuing, leaf, issuing.crl([leaf]))


class Site:
    """What an operator has on disk."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.pki = shared_pki()
        (directory / "pki").mkdir()
        self.write("pki/root.pem", self.pki.root.pem)
        self.write("pki/issuing.pem", self.pki.issuing.pem)
        self.write("pki/leaf.pem", self.pki.leaf.pem)
        self.write("pki/leaf.key", self.pki.leaf.key_pem).chmod(0o600)
        self.write("pki/issuing.crl", pki.pem_crl(self.pki.crl))

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.directory / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def write_config(self, **sections: str) -> Path:
        """Write a configuration: version, sources, trust and policies on lines 1 to 4, further sections from line 5."""
        return self.write("config.yaml", "\n".join({**SECTIONS, **sections}.values()) + "\n")

    def load(self, **sections: str) -> LoadedConfig:
        return load(self.write_config(**sections))

    def build(self, **sections: str) -> BuiltEngine:
        return load_engine(self.write_config(**sections))

    def decider(self, **sections: str) -> BuiltEngine:
        """Build, and put the CRLs of files into use at the time of the test PKI."""
        built = self.build(**sections)
        keeper = CrlKeeper(InProcessIndexer())
        plan = keeper.prepare(crl_settings(built), pki.NOW, fetch=False)
        snapshot = keeper.adopt(plan, pki.NOW)
        keeper.close()
        if built.store is not None:
            built.store.replace(snapshot.crls, snapshot.rejected)
        return built

    def problems(self, **sections: str) -> list[str]:
        """Every problem of a configuration as the operator sees it, without the file's name."""
        return self.problems_of(self.write_config(**sections))

    def problems_of(self, path: Path) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(path)
        prefix = f"{path}:"
        texts = [str(problem) for problem in caught.value.problems]
        assert all(text.startswith(prefix) for text in texts)
        return [text.removeprefix(prefix).lstrip() for text in texts]

"""What the targets share: what a target is, one small PKI, and an engine that trusts it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fuzz.mutate import mutate

from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.model.decision import Decision
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.source import Source
from extauthz.sources.xfcc import XfccSource
from extauthz.sources.xfcc_choice import Last
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from support import pki
from support.engines import assembled


class BrokenPromiseError(Exception):
    """A promise that does not hold for some input."""


@dataclass(frozen=True)
class Target:
    """A name, valid inputs to start from, and the function that must keep its promise."""

    name: str
    corpus: Sequence[bytes]
    run: Callable[[bytes], None]
    mutate: Callable[[random.Random, Sequence[bytes]], bytes] = mutate
    """Makes one input of the valid ones."""


@dataclass(frozen=True)
class World:
    """One small PKI: everything that may be allowed is in ``good``."""

    root: pki.Authority
    ca: pki.Authority
    good: frozenset[bytes]
    leaves: tuple[pki.Leaf, ...]


@lru_cache(maxsize=1)
def world() -> World:
    root = pki.make_ca("Fuzz Root")
    ca = pki.make_ca("Fuzz Issuing", parent=root)
    good = (
        ca.issue("alice", organizational_unit="Ops", emails=["alice@example.com"], ips=["10.0.0.1"], upns=["a@b.mil"]),
        ca.issue('Zoë "Z" Ng, Inc', dns=["z.example", "y.example"], uris=["spiffe://example.org/a"]),
    )
    bad = (
        ca.issue("expired", not_after=pki.NOW - pki.DAY),
        pki.make_ca("Rogue").issue("rogue", uris=["spiffe://example.org/a"]),
    )
    return World(root, ca, frozenset(leaf.sha256 for leaf in good), (*good, *bad))


@lru_cache(maxsize=1)
def small_engine() -> Engine:
    """Return the engine behind an Envoy."""
    return engine_of(EnvoyPeerSource(), XfccSource(Last()))


def engine_of(*sources: Source) -> Engine:
    """Return an engine that reads these sources."""
    here = world()
    verifier = ChainVerifier([parse_certificate(here.root.der)], [parse_certificate(here.ca.der)], ChainMode.VERIFY)
    trust = CertificateTrust(verifier, None)
    method = ClientCertAuthMethod(ClientCertConfig(), trust=trust)
    policies = [
        (
            compile_when(paths=["/admin/**"]),
            Policy(name="admin", method=method),
        ),
        (compile_when(), Policy(name="any", method=method)),
    ]
    reader = SourceReader(sources)
    return assembled(sources=reader, policies=policies, headers=HeaderRenderer(), trust=trust, digest="fuzz")


def must_be_earned(decision: Decision) -> None:
    """Raise BrokenPromiseError for an allow to anything but a good certificate."""
    if not decision.allowed:
        return
    sha256 = decision.identity.sha256 if decision.identity else None
    if sha256 is None or bytes.fromhex(sha256) not in world().good:
        raise BrokenPromiseError(f"allowed {sha256}, which is not a good certificate")

"""``trust``, ``revocation``, ``identity`` and the certificates that they name in, whom an engine believes out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, Self

from extauthz.config.schema.config import Config
from extauthz.config.schema.identity import Identity
from extauthz.config.schema.revocation import IssuerSettings, Revocation
from extauthz.config.schema.trust import Trust
from extauthz.config.trust_files import TrustMaterial
from extauthz.identity.certificate import Certificate
from extauthz.identity.names import name_key_from_string
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.algorithms import AlgorithmPolicy
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustInputs:
    """Everything that it is built from."""

    name: ClassVar[str] = "trust"
    trust: Trust
    revocation: Revocation | None
    identity: Identity
    clients: int
    """Certificates that are remembered."""
    anchors: tuple[tuple[bytes, tuple[str, ...], bool], ...]
    """SHA-256 of each, and what it is tied to."""
    intermediates: tuple[bytes, ...]
    """SHA-256 of each."""
    signers: tuple[bytes, ...]
    """The same."""
    material: TrustMaterial = field(compare=False, repr=False)
    """The certificates themselves, which are compared by their hashes."""

    @classmethod
    def of(cls, config: Config, material: TrustMaterial) -> Self:
        """Take them from a configuration and the certificates that it names."""
        return cls(
            trust=config.trust,
            revocation=config.revocation,
            identity=config.identity,
            clients=config.cache.clients,
            anchors=tuple([(one.certificate.sha256, one.trust_domains, one.dod) for one in material.anchors]),
            intermediates=_hashes(material.intermediates),
            signers=_hashes(material.signers),
            material=material,
        )


def build_trust(inputs: TrustInputs) -> CertificateTrust:
    """Build it, its store without CRLs, which come by another way."""
    trust, material = inputs.trust, inputs.material
    chain = ChainVerifier(
        material.anchors,
        material.intermediates,
        ChainMode(trust.chain),
        AlgorithmPolicy(unsafe_sha1=trust.unsafe_sha1, min_rsa_bits=trust.least_rsa_bits),
        signers=material.signers,
    )
    revocation = None
    if inputs.revocation is not None:
        revocation = _revocation(inputs.revocation, _store(inputs.revocation), chain, trust.clock_skew)
    return CertificateTrust(
        chain, revocation, trust.clock_skew, cache_size=inputs.clients, profile=inputs.identity.compiled()
    )


def _hashes(certificates: Iterable[Certificate]) -> tuple[bytes, ...]:
    return tuple([one.sha256 for one in certificates])


def _store(section: Revocation) -> CrlStore:
    """Return the store with the certificates that are named by hand. CRLs follow while the service runs."""
    store = CrlStore()
    for revoked in section.revoked or ():
        store.add_revoked(revoked.issuer, revoked.serial)
    return store


def _revocation(
    section: Revocation, store: CrlStore, verifier: ChainVerifier, clock_skew: timedelta
) -> RevocationChecker:
    settings = RevocationSettings(
        when_missing=WhenUnknown(section.when_missing),
        when_stale=WhenUnknown(section.when_stale),
        grace=section.grace,
        max_age=section.max_age,
    )
    return RevocationChecker(
        store,
        settings,
        scope=RevocationScope(section.check),
        by_issuer={name_key_from_string(one.issuer): _of_issuer(one, settings) for one in section.issuers or ()},
        verifier=verifier,
        clock_skew=clock_skew,
    )


def _of_issuer(section: IssuerSettings, common: RevocationSettings) -> RevocationSettings:
    """Return the settings for one issuer; what is left out is as for all."""
    return RevocationSettings(
        when_missing=common.when_missing if section.when_missing is None else WhenUnknown(section.when_missing),
        when_stale=common.when_stale if section.when_stale is None else WhenUnknown(section.when_stale),
        grace=common.grace if section.grace is None else section.grace,
        max_age=common.max_age if section.max_age is None else section.max_age,
    )

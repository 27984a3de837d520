"""A checked configuration in, an Engine out. Nothing can be wrong any more: this only constructs.

It reads nothing but its argument and keeps no state, so it may run in any thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from extauthz.config.build_http import BuiltHttp, build_http
from extauthz.config.build_identity import identity_profile
from extauthz.config.build_policies import build_policies
from extauthz.config.build_sources import build_sources
from extauthz.config.config_warnings import configuration_warnings
from extauthz.config.idle_settings import idle_settings
from extauthz.config.load import LoadedConfig, load
from extauthz.config.read_files import FileReader
from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.config import Config
from extauthz.config.schema.revocation import IssuerSettings, Revocation
from extauthz.config.trust_files import TrustMaterial
from extauthz.config.typed_san import any_of_sans
from extauthz.engine import Engine
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import Certificate
from extauthz.identity.names import name_key_from_string
from extauthz.model.errors import Problem
from extauthz.policy.rules.base import Rule
from extauthz.sources.select import SourceReader
from extauthz.sources.source import Source
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.algorithms import AlgorithmPolicy
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltEngine:
    """An engine, and what the service needs to know of the configuration that it was built from."""

    engine: Engine
    """That of the gRPC listener; that of the HTTP listener where there is only that one."""
    http: BuiltHttp | None
    """What the HTTP listener answers with; None: there is none."""
    config: Config
    directory: Path
    """Absolute; relative names in the configuration start here."""
    digest: str
    """See ``LoadedConfig.digest``; the engine carries it too."""
    watched: tuple[Path, ...]
    """Files and directories whose change calls for a reload."""
    warnings: tuple[Problem, ...]
    """Choices that weaken the service, to be shown at every load."""
    anchors: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...]
    signers: tuple[Certificate, ...]
    """They sign CRLs, and need not be CAs."""
    store: CrlStore | None
    """Where CRLs are put for the engine to see; None when revocation is not checked."""
    allowed_clients: Rule | None
    """Which callers of the gRPC listener may ask: holds for the identity in the caller's certificate. None: all."""
    files: RememberedFiles
    """See ``LoadedConfig.files``."""


def load_engine(path: Path, files: FileReader | None = None, *, explained: bool = True) -> BuiltEngine:
    """Load a configuration file and build its engine. Raises ConfigError with every problem.

    ``explained``: allows say what each step said.
    """
    return build(load(path, files), explained=explained)


def build(loaded: LoadedConfig, *, explained: bool = True) -> BuiltEngine:
    """Build the engine of a checked configuration."""
    config = loaded.config
    store = None if config.revocation is None else _store(config.revocation)
    trust = _trust(config, loaded.trust, store)
    policies = tuple(build_policies(config, trust))
    headers = HeaderRenderer(prefix=config.headers.prefix, emit=config.headers.emit, mapping=config.headers.map)

    def engine_of(sources: Sequence[Source]) -> Engine:
        return Engine(
            sources=SourceReader(sources),
            policies=policies,
            headers=headers,
            trust=trust,
            digest=loaded.digest,
            unsafe_path_parameters=config.unsafe_path_parameters,
            clients=config.cache.clients,
            explained=explained,
        )

    http = None if config.listen.http is None else build_http(config.listen.http, engine_of, loaded)
    engine = (
        http.engine if http is not None and config.sources is None else engine_of(build_sources(config.sources or ()))
    )
    weak = (*configuration_warnings(config), *idle_settings(config, loaded.trust), *loaded.file_warnings)
    warnings = [loaded.document.mistake(path, message).in_file(str(loaded.path)) for path, message in weak]
    return BuiltEngine(
        engine=engine,
        http=http,
        config=config,
        directory=loaded.directory,
        digest=loaded.digest,
        watched=loaded.watched,
        warnings=tuple(sorted(warnings)),
        anchors=tuple(anchor.certificate for anchor in loaded.trust.anchors),
        intermediates=loaded.trust.intermediates,
        signers=loaded.trust.signers,
        store=store,
        allowed_clients=_allowed_clients(config),
        files=loaded.files,
    )


def _trust(config: Config, material: TrustMaterial, store: CrlStore | None) -> CertificateTrust:
    chain = ChainVerifier(
        material.anchors,
        material.intermediates,
        ChainMode(config.trust.chain),
        AlgorithmPolicy(unsafe_sha1=config.trust.unsafe_sha1, min_rsa_bits=config.trust.least_rsa_bits),
        signers=material.signers,
    )
    revocation = None
    if config.revocation is not None and store is not None:
        revocation = _revocation(config.revocation, store, chain, config.trust.clock_skew)
    return CertificateTrust(
        chain,
        revocation,
        config.trust.clock_skew,
        cache_size=config.cache.clients,
        profile=identity_profile(config),
    )


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


def _allowed_clients(config: Config) -> Rule | None:
    tls = config.listen.grpc.tls
    if tls is None or tls.allowed_clients is None:
        return None
    return any_of_sans(tls.allowed_clients)

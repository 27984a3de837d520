"""A checked configuration in, an Engine out. Nothing can be wrong any more: this only constructs.

It reads nothing but its arguments and keeps no state, so it may run in any thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extauthz.config.build_http import BuiltHttp, build_http, http_sources
from extauthz.config.build_judge import JudgeInputs, build_judge
from extauthz.config.build_policies import build_policies
from extauthz.config.build_trust import TrustInputs, build_trust
from extauthz.config.config_warnings import configuration_warnings
from extauthz.config.idle_settings import idle_settings
from extauthz.config.load import LoadedConfig, load
from extauthz.config.parts import Parts
from extauthz.config.read_files import FileReader
from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.config import Config
from extauthz.config.schema.sources import Source
from extauthz.config.typed_san import any_of_sans
from extauthz.engine import Engine
from extauthz.identity.certificate import Certificate
from extauthz.model.errors import Problem
from extauthz.policy.rules.base import Rule
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
    parts: Parts
    """What the next load may take over."""


def load_engine(
    path: Path, files: FileReader | None = None, *, explained: bool = True, before: Parts | None = None
) -> BuiltEngine:
    """Load a configuration file and build its engine. Raises ConfigError with every problem. See ``build``."""
    return build(load(path, files), explained=explained, before=before)


def build(loaded: LoadedConfig, *, explained: bool = True, before: Parts | None = None) -> BuiltEngine:
    """Build the engine of a checked configuration.

    ``explained``: allows say what each step said. ``before``: the parts in use, of which are taken over those that
    would be built the same: whom to believe, each policy, and what was judged by them.
    """
    config = loaded.config
    parts = Parts(before)
    trust = parts.take(TrustInputs.of(config, loaded.trust), build_trust)
    policies = tuple(build_policies(config, trust, parts))

    def engine_of(api: str, sources: Sequence[Source]) -> Engine:
        inputs = JudgeInputs(
            name=api,
            sources=tuple(sources),
            headers=config.headers,
            deny=config.deny,
            clients=config.cache.clients,
            explained=explained,
            trust=trust,
        )
        return Engine(
            judge=parts.take(inputs, build_judge),
            policies=policies,
            digest=loaded.digest,
            unsafe_path_parameters=config.unsafe_path_parameters,
        )

    http = None
    if config.listen.http is not None:
        # Answers are kept with what is judged, so a judge goes with the dialect that they are in.
        speech = f"http {config.listen.http.dialect}"
        http = build_http(config.listen.http, engine_of(speech, http_sources(config)), loaded)
    engine = http.engine if http is not None and config.sources is None else engine_of("grpc", config.sources or ())
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
        store=None if trust.revocation is None else trust.revocation.store,
        allowed_clients=_allowed_clients(config),
        files=loaded.files,
        parts=parts,
    )


def _allowed_clients(config: Config) -> Rule | None:
    tls = config.listen.grpc.tls
    if tls is None or tls.allowed_clients is None:
        return None
    return any_of_sans(tls.allowed_clients)

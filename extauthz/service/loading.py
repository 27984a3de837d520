"""One load: from the configuration file to everything that the service puts into use at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from extauthz.config.build import BuiltEngine, load_engine
from extauthz.config.dated_warnings import dated_warnings
from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.model.errors import ConfigError, Problem
from extauthz.observe.decision_log import DecisionLogSettings
from extauthz.observe.engine_metrics import AnchorView, EngineView
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.plan import Plan
from extauthz.refresh.planned import planned_crls, unusable_issuers
from extauthz.refresh.settings import crl_settings
from extauthz.refresh.state_directory import StateError
from extauthz.service.engine_holder import Generation
from extauthz.service.tls import TlsMaterial
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import reader_for

DIGEST_DIGITS = 12
"""Of the configuration's digest in log lines and the ``hash`` label: enough to tell configurations apart by eye."""
_NO_DECISION_LOG = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What answers checks needs of one load."""

    generation: Generation
    view: EngineView
    config: Config
    revocation: RevocationChecker | None
    """The engine's, its store still without CRLs; None when revocation is not checked."""
    tls: TlsMaterial | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Served):
    """What one load gives."""

    crls: Plan
    """The CRL sources, loaded as far as they could be."""
    watched: tuple[Path, ...]
    warnings: tuple[str, ...]
    """Permissive choices, and what is out of date, one sentence each."""
    files: RememberedFiles
    """What was read."""


def load(config_path: Path, at: datetime, keeper: CrlKeeper) -> Loaded:
    """Read and build everything; ``at`` is now. Reads files, and may take seconds. Raises ConfigError.

    CRLs that cannot be had or used raise nothing: the keeper says which, and they deny the clients that need them.
    """
    built = load_engine(config_path, explained=False)
    served = _served(built)
    crls = _crls(built, config_path, at, keeper)
    return Loaded(
        generation=served.generation,
        view=served.view,
        config=served.config,
        revocation=served.revocation,
        tls=served.tls,
        crls=crls,
        watched=built.watched,
        warnings=tuple(str(warning) for warning in (*built.warnings, *_dated_warnings(built, crls, at))),
        files=built.files,
    )


def load_remembered(files: RememberedFiles) -> Served:
    """Build the same from what another process read and found good. Reads no files. Raises ConfigError."""
    return _served(load_engine(files.path, files.reader(), explained=False))


def _served(built: BuiltEngine) -> Served:
    config = built.config
    deny, log = config.deny, config.decision_log
    digest = built.digest[:DIGEST_DIGITS]
    generation = Generation(
        engine=built.engine,
        reader=reader_for(built.engine),
        writer=AnswerWriter(DenyAnswer(status=deny.status, body=deny.body, expose_reason=deny.expose_reason)),
        decision_log=None
        if log.path == _NO_DECISION_LOG
        else DecisionLogSettings(
            path=_decision_log_path(built, log.path), allow_sample=log.allow_sample, include=log.include
        ),
        digest=digest,
        callers=built.allowed_clients,
    )
    return Served(
        generation=generation,
        view=EngineView(
            digest=digest,
            policies=built.engine.policy_names,
            sources=tuple(source.type for source in config.sources),
            anchors=tuple(
                AnchorView(fingerprint8=anchor.sha256.hex()[:8], not_after=anchor.identity.not_after)
                for anchor in built.anchors
            ),
            cache=built.engine,
        ),
        config=config,
        revocation=built.engine.trust.revocation,
        tls=_tls(built),
    )


def _dated_warnings(built: BuiltEngine, crls: Plan, at: datetime) -> tuple[Problem, ...]:
    return dated_warnings(built, planned_crls(crls), at, unusable=unusable_issuers(crls))


def restart_needed(bound: Listen, wanted: Listen) -> tuple[str, ...]:
    """Return the settings under ``listen`` that differ and take effect only at the next start.

    The TLS files and the callers follow a reload; whether there is TLS, and whether it asks for certificates, does not.
    """
    old, new = dict(_bound_settings(bound)), dict(_bound_settings(wanted))
    return tuple(name for name in old if old[name] != new[name])


def callers_wait(bound: Listen, wanted: Listen) -> bool:
    """Say whether who may call has to stay as it is until the next start.

    A list of callers belongs to a listener that asks for certificates. Without that one it would admit everybody whom
    the old listener still lets connect; or, on an old listener that asks for none, nobody.
    """
    return _asks_for_certificates(bound) != _asks_for_certificates(wanted)


def _asks_for_certificates(listen: Listen) -> bool:
    tls = listen.grpc.tls
    return tls is not None and tls.client_ca is not None


def _bound_settings(listen: Listen) -> Iterator[tuple[str, object]]:
    yield "listen.grpc.tls", listen.grpc.tls is not None
    yield "listen.grpc.tls.client_ca", _asks_for_certificates(listen)
    for name in type(listen.grpc).model_fields:
        if name != "tls":
            yield f"listen.grpc.{name}", getattr(listen.grpc, name)
    yield "listen.admin.address", listen.admin.address


def _decision_log_path(built: BuiltEngine, path: str) -> str:
    return path if path == "-" else str(built.directory / path)


def _tls(built: BuiltEngine) -> TlsMaterial | None:
    """Return the very bytes that were checked."""
    settings = built.config.listen.grpc.tls
    return None if settings is None else TlsMaterial.of(settings, built.directory, built.files.contents)


def _crls(built: BuiltEngine, config_path: Path, at: datetime, keeper: CrlKeeper) -> Plan:
    try:
        return keeper.prepare(crl_settings(built), at)
    except StateError as error:
        raise ConfigError([Problem(str(config_path), 0, 0, "revocation.state_directory", str(error))]) from None

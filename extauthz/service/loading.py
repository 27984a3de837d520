"""One load: from the configuration file to everything that the service puts into use at once."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from extauthz.config.build import BuiltEngine, load_engine
from extauthz.config.dated_warnings import dated_warnings
from extauthz.config.parts import Parts
from extauthz.config.remembered_files import RememberedFiles
from extauthz.model.errors import ConfigError, Problem
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.plan import Plan
from extauthz.refresh.planned import planned_crls, unusable_issuers
from extauthz.refresh.settings import crl_settings
from extauthz.refresh.state_directory import StateError
from extauthz.service.served import Served, served_from


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
    parts: Parts
    """What was built, for the next load."""


def load(config_path: Path, at: datetime, keeper: CrlKeeper, before: Parts | None = None) -> Loaded:
    """Read and build everything; ``at`` is now. Reads files, and may take seconds. Raises ConfigError.

    ``before``: the parts in use, of which are taken over those that would be built the same (``config.build``).

    CRLs that cannot be had or used raise nothing: the keeper says which, and they deny the clients that need them.
    """
    built = load_engine(config_path, explained=False, before=before)
    served = served_from(built)
    built.parts.settle()
    crls = _crls(built, config_path, at, keeper)
    return Loaded(
        grpc=served.grpc,
        view=served.view,
        config=served.config,
        revocation=served.revocation,
        tls=served.tls,
        http=served.http,
        http_tls=served.http_tls,
        digest=served.digest,
        crls=crls,
        watched=built.watched,
        warnings=tuple(str(warning) for warning in (*built.warnings, *_dated_warnings(built, crls, at))),
        files=built.files,
        parts=built.parts,
    )


def load_remembered(files: RememberedFiles) -> Served:
    """Build the same from what another process read and found good. Reads no files. Raises ConfigError."""
    return served_from(load_engine(files.path, files.reader(), explained=False))


def _dated_warnings(built: BuiltEngine, crls: Plan, at: datetime) -> tuple[Problem, ...]:
    return dated_warnings(built, planned_crls(crls), at, unusable=unusable_issuers(crls))


def _crls(built: BuiltEngine, config_path: Path, at: datetime, keeper: CrlKeeper) -> Plan:
    try:
        return keeper.prepare(crl_settings(built), at)
    except StateError as error:
        raise ConfigError([Problem(str(config_path), 0, 0, "revocation.state_directory", str(error))]) from None

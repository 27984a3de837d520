"""One file in, a checked configuration out, or everything that is wrong with it.

What the file says is checked by itself (``schema_check``); then the files that it names, also those of a configuration
with mistakes, so that one run shows every mistake.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extauthz.config.cross_checks import Found, Sections
from extauthz.config.decision_log_place import decision_log_doubts
from extauthz.config.document import Document
from extauthz.config.identity_checks import unbound_issuers
from extauthz.config.key_path import KeyPath
from extauthz.config.private_directory import state_directory_doubts, state_directory_mistakes
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.tls import ServerTls
from extauthz.config.schema_check import check_schema
from extauthz.config.secret_file import secret_mistakes, secret_warnings
from extauthz.config.tls_files import tls_mistakes, tls_warnings
from extauthz.config.trust_files import TrustMaterial, TrustReader
from extauthz.config.yaml_document import CONFIG_SIZE
from extauthz.model.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """A configuration without mistakes, and the trust material that it names, read."""

    path: Path
    """As it was given."""
    directory: Path
    """Absolute; where relative names in the configuration start."""
    raw: bytes
    """The file's bytes."""
    config: Config
    document: Document
    """The places of all settings."""
    trust: TrustMaterial
    digest: str
    """Hex SHA-256 over the file's bytes, the anchors, intermediates and signers, for comparing replicas. CRLs come and
    go at different times on each of them, so they are left out."""
    file_warnings: tuple[Found, ...]
    """What is weak about the files themselves."""
    watched: tuple[Path, ...]
    """The configuration file and every file and directory that it names, absolute, symlinks kept."""
    files: RememberedFiles
    """What was read, for other processes that are to build the same."""


def load(path: Path, files: FileReader | None = None) -> LoadedConfig:
    """Read and check one configuration file. Raises ConfigError with every problem, in the order of their places.

    ``files`` reads them: from the disk, unless it is given.
    """
    name = str(path)
    files = FileReader(Path.cwd()) if files is None else files
    home = files.directory
    try:
        raw = files.read(files.single_file(name), CONFIG_SIZE)
    except FileError as error:
        raise ConfigError([Problem(name, 0, 0, "", f"the configuration file {error}")]) from None
    files = files.starting_at(files.resolve(name).parent)
    check = check_schema(raw)
    trust, found = (TrustMaterial(), []) if check.sections is None else _read_files(check.sections, files)
    mistakes = [*check.mistakes, *check.placed(found)]
    config = check.config
    if config is None or check.document is None or mistakes:
        raise ConfigError(sorted({mistake.in_file(name) for mistake in mistakes}))
    return LoadedConfig(
        path=path,
        directory=files.directory,
        raw=raw,
        config=config,
        document=check.document,
        trust=trust,
        digest=_digest(raw, trust),
        file_warnings=()
        if not files.on_disk
        else (
            *(one for at, tls in _tls_sections(config.listen) for one in tls_warnings(tls, files, at)),
            *secret_warnings(config.listen.http, files),
            *_state_directory(config.revocation, files, state_directory_doubts),
            *((("decision_log", "path"), doubt) for doubt in decision_log_doubts(config.decision_log, files.directory)),
        ),
        watched=tuple(files.watched),
        files=RememberedFiles(path, home, files.listed, files.contents),
    )


def _read_files(sections: Sections, files: FileReader) -> tuple[TrustMaterial, list[Found]]:
    """Read the trust material, look at the other files that are named, and tell what is wrong with them."""
    reader = TrustReader(files)
    trust = reader.read(sections.trust, sections.revocation)
    return trust, [*reader.found, *_other_mistakes(sections, files, trust)]


def _other_mistakes(sections: Sections, files: FileReader, trust: TrustMaterial) -> Iterator[Found]:
    if sections.identity is not None and sections.trust is not None:
        yield from unbound_issuers(sections.identity, sections.trust, trust.anchors)
    if sections.listen is not None:
        for at, tls in _tls_sections(sections.listen):
            yield from tls_mistakes(tls, files, at)
        yield from secret_mistakes(sections.listen.http, files)
    if sections.revocation is not None and files.on_disk:
        yield from _state_directory(sections.revocation, files, state_directory_mistakes)


def _tls_sections(listen: Listen) -> Iterator[tuple[KeyPath, ServerTls]]:
    if listen.grpc.tls is not None:
        yield ("listen", "grpc", "tls"), listen.grpc.tls
    if listen.http is not None and listen.http.tls is not None:
        yield ("listen", "http", "tls"), listen.http.tls


def _state_directory(
    revocation: Revocation | None, files: FileReader, check: Callable[[Path], Iterable[str]]
) -> Iterator[Found]:
    name = None if revocation is None else revocation.state_directory
    if name is not None:
        for message in check(files.resolve(name)):
            yield ("revocation", "state_directory"), f"{name!r} {message}"


def _digest(raw: bytes, trust: TrustMaterial) -> str:
    digest = hashlib.sha256(hashlib.sha256(raw).digest())
    anchors = tuple(anchor.certificate for anchor in trust.anchors)
    for certificates in (anchors, trust.intermediates, trust.signers):
        digest.update(len(certificates).to_bytes(4))
        for certificate in certificates:
            digest.update(certificate.sha256)
    return digest.hexdigest()

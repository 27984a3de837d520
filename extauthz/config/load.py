"""One file in, a checked configuration out, or everything that is wrong with it.

So that one run shows every mistake, checking does not stop at the first kind of them. What the schema refuses is
taken out of the data, and the rest is validated again until it passes; then the checks between settings and the files
that they name are run on what remains. A mistake that only follows from an earlier one is not reported.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Optional

from pydantic import BaseModel, ValidationError, create_model

from extauthz.config.cross_checks import Found, Sections, cross_check
from extauthz.config.decision_log_place import decision_log_doubts
from extauthz.config.document import Document, Mistake
from extauthz.config.expected import node_at
from extauthz.config.identity_checks import unbound_issuers
from extauthz.config.key_path import KeyPath
from extauthz.config.private_directory import state_directory_doubts, state_directory_mistakes
from extauthz.config.problems import SchemaError, no_value, schema_errors
from extauthz.config.prune import Remainder
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.section import Section
from extauthz.config.schema.tls import ServerTls
from extauthz.config.secret_file import secret_mistakes, secret_warnings
from extauthz.config.tls_files import tls_mistakes, tls_warnings
from extauthz.config.trust_files import TrustMaterial, TrustReader
from extauthz.config.yaml_document import CONFIG_SIZE, read_document
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
    check = _Check(raw, files)
    config = check.run()
    if config is None or check.document is None or check.mistakes:
        problems = {mistake.in_file(name): None for mistake in check.mistakes}
        raise ConfigError(sorted(problems))
    return LoadedConfig(
        path=path,
        directory=files.directory,
        raw=raw,
        config=config,
        document=check.document,
        trust=check.trust,
        digest=_digest(raw, check.trust),
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


class _Check:
    """One pass over one file."""

    def __init__(self, raw: bytes, files: FileReader) -> None:
        self.document, mistakes = read_document(raw)
        self.mistakes = [*mistakes]
        self.trust = TrustMaterial()
        self._files = files
        self._removed: set[KeyPath] = set()
        self._touched: set[KeyPath] = set()
        """The removed paths and everything around them."""

    def run(self) -> Config | None:
        """Run every check, and return the configuration if the schema has nothing against it."""
        if self.document is None:
            return None
        self._remove_refused_and_empty(self.document)
        remainder = Remainder(self.document.value, self._removed)
        config = checked = self._validate(Config, self.document, remainder)
        while checked is None and () not in self._removed:
            remainder = Remainder(self.document.value, self._removed)
            checked = self._validate(_partial_config(), self.document, remainder)
        if checked is not None:
            sections = Sections.of(checked)
            self._report(self.document, remainder, cross_check(sections, partial(self._is_whole, remainder)))
            self._report(self.document, remainder, self._file_checks(sections))
        return config if isinstance(config, Config) else None

    def _remove_refused_and_empty(self, document: Document) -> None:
        self._remove(document.refused)
        for path in _nulls(document.value, ()):
            # Under an unknown key the key itself is the mistake, which the schema finds.
            if path and path not in document.refused and node_at(path) is not None:
                self._remove([path])
                self.mistakes.append(document.mistake_at_key(path, no_value(path)))

    def _validate(self, model: type[BaseModel], document: Document, remainder: Remainder) -> BaseModel | None:
        """Return the validated data, or None after reporting and removing what is wrong."""
        try:
            return model.model_validate(remainder.value)
        except ValidationError as error:
            errors = schema_errors(error.errors(include_url=False))
        for one in errors:
            path = remainder.original(one.path)
            if one.message and not self._follows(path):
                self.mistakes.append(_place(document, path, one))
        self._remove([remainder.original(one.removal) for one in errors])
        # What a misspelt key was meant to say is as good as removed: that it is missing is no second mistake.
        meant = [remainder.original(one.meant) for one in errors if one.meant is not None]
        self._remove(path for path in meant if path not in document.values)
        return None

    def _follows(self, path: KeyPath) -> bool:
        """Say whether a mistake at this path may be there only because something in it was removed."""
        return path in self._touched

    def _remove(self, paths: Iterable[KeyPath]) -> None:
        for path in paths:
            self._removed.add(path)
            self._touched.update(path[:length] for length in range(len(path) + 1))

    def _is_whole(self, remainder: Remainder, path: KeyPath) -> bool:
        """Say whether nothing was removed from under a path of the remainder."""
        return not self._follows(remainder.original(path))

    def _report(self, document: Document, remainder: Remainder, found: Iterable[Found]) -> None:
        for path, message in found:
            original = remainder.original(path)
            if not self._follows(original):
                self.mistakes.append(document.mistake(original, message))

    def _file_checks(self, sections: Sections) -> Iterator[Found]:
        reader = TrustReader(self._files)
        self.trust = reader.read(sections.trust, sections.revocation)
        yield from reader.found
        if sections.identity is not None and sections.trust is not None:
            yield from unbound_issuers(sections.identity, sections.trust, self.trust.anchors)
        if sections.listen is not None:
            for at, tls in _tls_sections(sections.listen):
                yield from tls_mistakes(tls, self._files, at)
            yield from secret_mistakes(sections.listen.http, self._files)
        if sections.revocation is not None and self._files.on_disk:
            yield from _state_directory(sections.revocation, self._files, state_directory_mistakes)


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


def _place(document: Document, path: KeyPath, error: SchemaError) -> Mistake:
    make = document.mistake_at_key if error.at_key else document.mistake
    return make(path, error.message)


def _nulls(value: object, path: KeyPath) -> Iterator[KeyPath]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _nulls(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _nulls(inner, (*path, index))


@cache
def _partial_config() -> type[BaseModel]:
    """Return ``Config`` with every section optional: what is left of a file when sections had to be taken out."""
    fields: dict[str, Any] = {
        name: (Optional[field.rebuild_annotation()], None)  # noqa: UP045  (`|` is not for annotations made at run time)
        for name, field in Config.model_fields.items()
    }
    return create_model("PartialConfig", __base__=Section, **fields)


def _digest(raw: bytes, trust: TrustMaterial) -> str:
    digest = hashlib.sha256(hashlib.sha256(raw).digest())
    anchors = tuple(anchor.certificate for anchor in trust.anchors)
    for certificates in (anchors, trust.intermediates, trust.signers):
        digest.update(len(certificates).to_bytes(4))
        for certificate in certificates:
            digest.update(certificate.sha256)
    return digest.hexdigest()

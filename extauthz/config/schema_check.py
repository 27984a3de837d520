"""What can be said of a configuration file without a look at any other.

So that one run shows every mistake, checking does not stop at the first kind of them. What the schema refuses is
taken out of the data, and the rest is validated again until it passes; then the checks between settings are run on
what remains. A mistake that only follows from an earlier one is not reported.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Optional

from pydantic import BaseModel, ValidationError, create_model

from extauthz.config.cross_checks import Found, Sections, cross_check
from extauthz.config.document import Document, Mistake
from extauthz.config.expected import node_at
from extauthz.config.key_path import KeyPath
from extauthz.config.problems import SchemaError, no_value, schema_errors
from extauthz.config.prune import Remainder
from extauthz.config.schema.config import Config
from extauthz.config.schema.section import Section
from extauthz.config.yaml_document import read_document


@lru_cache(maxsize=1)
def check_schema(raw: bytes) -> "SchemaCheck":
    """Check the bytes of one file.

    The last answer is kept, and nobody may change it: most loads come because a CRL or a certificate changed, and this
    is nine tenths of what they would cost.
    """
    return SchemaCheck(raw)


class SchemaCheck:
    """One pass over one file."""

    def __init__(self, raw: bytes) -> None:
        self.document, mistakes = read_document(raw)
        """None where nothing can be read."""
        self.config: Config | None = None
        """The configuration, if the schema has nothing against it."""
        self.sections: Sections | None = None
        """What could be read, for the checks that need files."""
        self._mistakes = [*mistakes]
        self._remainder = Remainder(None, set())
        self._removed: set[KeyPath] = set()
        self._touched: set[KeyPath] = set()
        """The removed paths and everything around them."""
        if self.document is not None:
            self._run(self.document)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Everything that is wrong."""
        return tuple(self._mistakes)

    def placed(self, found: Iterable[Found]) -> Iterator[Mistake]:
        """Say where in the file stands what was found in ``sections``, leaving out what only follows from a mistake."""
        for path, message in found:
            original = self._remainder.original(path)
            if self.document is not None and not self._follows(original):
                yield self.document.mistake(original, message)

    def _run(self, document: Document) -> None:
        self._remove_refused_and_empty(document)
        config = checked = self._validate(Config, document)
        while checked is None and () not in self._removed:
            checked = self._validate(_partial_config(), document)
        if checked is not None:
            self.sections = Sections.of(checked)
            self._mistakes += self.placed(cross_check(self.sections, self._is_whole))
        if isinstance(config, Config):
            self.config = config

    def _remove_refused_and_empty(self, document: Document) -> None:
        self._remove(document.refused)
        for path in _nulls(document.value, ()):
            # Under an unknown key the key itself is the mistake, which the schema finds.
            if path and path not in document.refused and node_at(path) is not None:
                self._remove([path])
                self._mistakes.append(document.mistake_at_key(path, no_value(path)))

    def _validate(self, model: type[BaseModel], document: Document) -> BaseModel | None:
        """Return the validated data, or None after reporting and removing what is wrong."""
        remainder = self._remainder = Remainder(document.value, self._removed)
        try:
            return model.model_validate(remainder.value)
        except ValidationError as error:
            errors = schema_errors(error.errors(include_url=False))
        for one in errors:
            path = remainder.original(one.path)
            if one.message and not self._follows(path):
                self._mistakes.append(_place(document, path, one))
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

    def _is_whole(self, path: KeyPath) -> bool:
        """Say whether nothing was removed from under a path of the remainder."""
        return not self._follows(self._remainder.original(path))


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

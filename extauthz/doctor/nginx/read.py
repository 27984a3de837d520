"""Files of nginx with what they include put in, from the disk or from the output of ``nginx -T``."""

import glob
import os.path
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.nginx.parse import DEEPEST_BLOCK, Directive, parse
from extauthz.doctor.read_files import AS_BYTES, read_given, read_included

MOST_FILES = 2000
"""Files of one configuration, each counted as often as it is included."""
LARGEST = 4 << 20
"""Bytes of one file."""

_DUMPED = re.compile(r"^# configuration file (.+):\n", re.MULTILINE)
"""How ``nginx -T`` begins each file."""


def read_nginx(path: Path) -> Directive:
    """Read a configuration. The result stands for the whole file and has no name. Raises UnreadableError."""
    text = read_given(path, LARGEST * 4, errors=AS_BYTES)
    parts = _DUMPED.split(text)
    if len(parts) > 1:
        files = dict(zip(parts[1::2], parts[2::2], strict=True))
        reader = _Reader(os.path.dirname(parts[1]), dumped=files)  # noqa: PTH120  (a name from elsewhere)
        return reader.whole(parts[1], files[parts[1]])
    return _Reader(str(path.parent)).whole(str(path), text)


@dataclass(slots=True)
class _Reader:
    directory: str
    """Where relative names in ``include`` start: the directory of the first file."""
    dumped: Mapping[str, str] | None = None
    count: int = field(default=0)

    def whole(self, name: str, text: str) -> Directive:
        return Directive("", (), name, 1, tuple(self._including(parse(text, name), depth=0)))

    def _including(self, directives: tuple[Directive, ...], depth: int) -> Iterator[Directive]:
        if depth > DEEPEST_BLOCK:
            raise UnreadableError(f"{directives[0].file} is included by a file that it includes")
        for one in directives:
            if one.name == "include" and len(one.arguments) == 1:
                for name, text in self._included(one):
                    yield from self._including(parse(text, name), depth + 1)
            elif one.block:
                yield replace(one, block=tuple(self._including(one.block, depth)))
            else:
                yield one

    def _included(self, include: Directive) -> Iterator[tuple[str, str]]:
        # As nginx does it: from the first file's directory, also where an included file includes another.
        pattern = os.path.normpath(os.path.join(self.directory, include.arguments[0]))  # noqa: PTH118  (may be a pattern)
        names = self._names(pattern)
        if not names and not glob.has_magic(pattern):
            raise UnreadableError(
                f"{include.file}:{include.line}: {pattern} is included and cannot be read; give the output of nginx -T"
            )
        for name in names:
            self.count += 1
            if self.count > MOST_FILES:
                raise UnreadableError(f"{include.file}:{include.line}: more than {MOST_FILES} files are included")
            yield name, self.dumped[name] if self.dumped is not None else read_included(Path(name), LARGEST)

    def _names(self, pattern: str) -> list[str]:
        if self.dumped is not None:
            return sorted(name for name in self.dumped if _is_named(name, pattern))
        return sorted(glob.glob(pattern))  # noqa: PTH207  (an absolute pattern)


def _is_named(name: str, pattern: str) -> bool:
    """Say whether a file of ``nginx -T`` is meant by an include.

    nginx prints names as it puts them together: with ``-p .`` they begin with ``./``, and may have ``..`` in them.
    """
    plain = os.path.normpath(name)
    return plain.count("/") == pattern.count("/") and fnmatchcase(plain, pattern)

"""A value in somebody's configuration file together with its place, read leniently.

Proxies read the same setting in several spellings (``failure_mode_allow``, ``failureModeAllow``) and say the same thing
in several shapes. A question about something that is not there has an empty answer, which has a place too: where the
setting would stand.
"""

import re
from dataclasses import dataclass

from extauthz.config.key_path import KeyPath, dotted
from extauthz.doctor.code import Code
from extauthz.doctor.finding import Finding

_TRUE_WORDS = frozenset({"true", "yes", "on", "y", "1"})
"""YAML 1.1, which Kubernetes and others read, has more words for it than JSON."""
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]*)?)(h|ms|us|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class Located:
    """A plain value (mapping, list, text, number, bool, None) and where it stands."""

    value: object
    file: str
    path: KeyPath = ()

    def __getitem__(self, key: str) -> "Located":
        """Return the entry of this key in any of its spellings; an empty one when there is none."""
        if isinstance(self.value, dict):
            wanted = _folded(key)
            for known, inner in self.value.items():
                if isinstance(known, str) and _folded(known) == wanted:
                    return self._inner(known, inner)
        return self._inner(key, None)

    def at(self, *keys: str) -> "Located":
        """Follow several keys."""
        here = self
        for key in keys:
            here = here[key]
        return here

    @property
    def given(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None

    @property
    def items(self) -> "list[Located]":
        """The items of a list; none for anything else."""
        if not isinstance(self.value, list):
            return []
        return [self._inner(index, one) for index, one in enumerate(self.value)]

    @property
    def entries(self) -> "dict[str, Located]":
        """The entries of a mapping by their exact keys; none for anything else."""
        if not isinstance(self.value, dict):
            return {}
        return {str(key): self._inner(str(key), one) for key, one in self.value.items()}

    @property
    def text(self) -> str:
        """The value as text; empty for mappings, lists and nothing."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if isinstance(self.value, str | int | float) else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list, or the one text that stands instead of one."""
        return (
            tuple(one.text for one in self.items) if isinstance(self.value, list) else tuple(filter(None, [self.text]))
        )

    @property
    def is_true(self) -> bool:
        """Whether it says yes in any of the words for it."""
        return self.text.lower() in _TRUE_WORDS

    @property
    def seconds(self) -> float | None:
        """A duration such as ``0.5s``, ``200ms`` or ``1m30s``; None for anything else."""
        text = self.text
        spans = _SPAN.findall(text)
        if not spans or "".join(f"{number}{unit}" for number, unit in spans) != text:
            return None
        return sum(float(number) * _SECONDS[unit] for number, unit in spans)

    def found(self, code: Code, detail: str = "") -> Finding:
        """Return a finding at this place."""
        return Finding(code=code, file=self.file, path=dotted(self.path), detail=detail)

    def _inner(self, key: str | int, value: object) -> "Located":
        return Located(value, self.file, (*self.path, key))


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()

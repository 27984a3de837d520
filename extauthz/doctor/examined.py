"""What was examined, so that "nothing found" can be told from "nothing there"."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extauthz.doctor.finding import Finding


@dataclass(frozen=True, slots=True)
class Examined:
    """The files of one proxy, and how much of interest stands in them."""

    files: Sequence[str]
    counts: Mapping[str, int]
    """What is counted, in the plural, and how many there are."""

    def __str__(self) -> str:
        counts = ", ".join(f"{what}: {number}" for what, number in self.counts.items())
        return f"{', '.join(self.files)} ({counts})"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was examined of one proxy, and what is wrong there."""

    examined: Examined
    findings: Iterable[Finding]

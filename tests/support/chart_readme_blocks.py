"""The chart's README in parts: its sections, their numbered steps, and the blocks of YAML and of commands in them.

    situation("istio").steps  # those of "Before you begin" that it needs, and its own, in order

A block of YAML has the name of the file that it is to be saved as, from the last words in backquotes before it.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML

from support.helm import CHART

Document = Mapping[str, Any]
TITLES: Final[Mapping[str, str]] = {
    "istio": "Istio gateway",
    "envoy-gateway": "Envoy Gateway",
    "envoy-sidecar": "An Envoy of your own beside each workload",
    "ingress": "Ingress without a mesh: Traefik",
    "ingress-nginx": "Ingress without a mesh: ingress-nginx",
}
"""The section of each situation."""
BEGIN: Final = "Before you begin"
CHECK: Final = "Check the values first"
LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "istio": frozenset({"6"}),
    "envoy-gateway": frozenset({"6"}),
    "envoy-sidecar": frozenset({"5"}),
    "ingress": frozenset(),
    "ingress-nginx": frozenset(),
}
"""Steps of "Before you begin" that say that they are not for this situation."""
_BLOCK: Final = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE: Final = re.compile(r"`([a-z-]+\.yaml)`")
_OF_THE_CHART: Final = re.compile(r"<!-- file: .*?<!-- file: end -->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and for YAML the file that it is to be saved as (or "")."""

    language: str
    text: str
    file: str = ""

    @property
    def documents(self) -> Sequence[Document]:
        """Return what a block of YAML holds. A key that stands twice raises."""
        return list(YAML(typ="safe").load_all(self.text))

    @property
    def commands(self) -> Iterator[Sequence[str]]:
        """Yield the words of each simple command; pipelines are taken apart, comments left out."""
        for line in self.text.replace("\\\n", " ").splitlines():
            words: list[str] = []
            for word in shlex.shlex(line, posix=True, punctuation_chars="|<>&;"):
                if set(word) <= set("|&;"):
                    yield words
                    words = []
                else:
                    words.append(word)
            if words:
                yield words


def text() -> str:
    """Return the page."""
    return (CHART / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return what stands below a heading of the second level."""
    (found,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text(), re.DOTALL | re.MULTILINE)
    return str(found)


def blocks(part: str) -> Sequence[Block]:
    """Return the blocks of a part of the page, but for files of values."""
    found: list[Block] = []
    for match in _BLOCK.finditer(_OF_THE_CHART.sub("", part)):
        names = _FILE.findall(_OF_THE_CHART.sub("", part)[: match.start()])
        found.append(Block(match[1], match[2], names[-1] if names and match[1] == "yaml" else ""))
    return found


def yaml_blocks() -> Sequence[Block]:
    """Return every block of YAML on the page that is no file of values."""
    return [one for one in blocks(text()) if one.language == "yaml"]


def manifests() -> Sequence[Document]:
    """Return every manifest on the page."""
    return [one for block in yaml_blocks() for one in block.documents if "kind" in one]


def own_manifests(situation: str) -> Sequence[Document]:
    """Return those in the section of a situation."""
    own = [block for block in blocks(section(TITLES[situation])) if block.language == "yaml"]
    return [one for block in own for one in block.documents if "kind" in one]


def steps(situation: str) -> Sequence[Block]:
    """Return the blocks that somebody goes through for a situation, from the first on."""
    numbered = re.split(r"^\*\*(\d)\. ", section(BEGIN), flags=re.MULTILINE)[1:]
    begin = [
        block
        for number, part in zip(numbered[::2], numbered[1::2], strict=True)
        if number not in LEFT_OUT[situation]
        for block in blocks(part)
    ]
    return [*begin, *blocks(section(CHECK)), *blocks(section(TITLES[situation]))]

"""A cluster as it is while somebody goes through the README: what every command and every manifest of it makes.

Nothing runs. It knows the commands that the README uses, and refuses others, so that a new one is not passed over.
"""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_readme_blocks import Block, Document, steps
from support.helm import CHART, HELM4, NAMESPACE, Rendered, render
from support.object_references import PAIR, Reference, made_by, needed_by

RELEASE: Final = "extauthz"
"""The namespace and the release of the README's commands."""
LOCAL: Final = frozenset(
    {"docker", "openssl", "tr", "base64", "umask", "mkdir", "cp", "rm", "chmod", "sed", "curl"}
    | {"extauthz", "ask", "extauthz()", "ask()", "}"}
)
"""Words that a command begins with and that make nothing in the cluster."""
_READ: Final = frozenset({"port-forward", "rollout", "wait", "get", "logs", "exec", "replace"})
"""Verbs of kubectl that make nothing new."""


_FIRST: Final = frozenset({"Namespace", "ConfigMap", "Secret", "ClusterIssuer"})
"""Kinds that have to be there first. Whatever else is named may come later: controllers wait for it."""


class UnknownCommandError(ValueError):
    """A command of the README that nothing here knows."""


def installed(situation: str) -> Sequence[Document]:
    """Return what the chart makes of the values of a situation, in the README's namespace."""
    return in_its_namespace(render(HELM4, [CHART / "ci" / f"{situation}-values.yaml"]))


def in_its_namespace(rendered: Rendered) -> Sequence[Document]:
    """Return the manifests with the README's namespace in the place of that of the tests."""
    text = re.sub(rf"\b{NAMESPACE}\b", RELEASE, json.dumps(list(rendered.documents)))
    found: Sequence[Document] = json.loads(text)
    return found


class Walkthrough:
    """What is there after the steps of a situation; ``blocks`` are other ones than the README's."""

    def __init__(self, situation: str, blocks: Sequence[Block] | None = None) -> None:
        self._situation = situation
        self._files: dict[str, Block] = {}
        self.made: dict[Reference, Reference] = {}
        """Everything that is there, with the keys of its data."""
        self.needed: list[Reference] = []
        self.too_early: list[Reference] = []
        """What was named before it was there, of the kinds that have to be there first."""
        self.installations = 0
        for block in steps(situation) if blocks is None else blocks:
            if block.language == "yaml":
                self._files[block.file] = block
            else:
                for command in block.commands:
                    self._run(command)

    @property
    def missing(self) -> Sequence[str]:
        """What is named, and is not there or lacks a key."""
        gone = []
        for one in self.needed:
            found = self.made.get(one)
            if found is None:
                gone.append(f"{one.kind} {one.namespace}/{one.name}")
            elif not one.keys <= found.keys:
                gone.append(f"{one.kind} {one.namespace}/{one.name}: {sorted(one.keys - found.keys)}")
        return sorted(set(gone))

    @property
    def unused(self) -> Sequence[str]:
        """ConfigMaps and Secrets that are made and that nothing names."""
        asked = set(self.needed)
        return sorted(f"{one.kind} {one.namespace}/{one.name}" for one in self._data() if one not in asked)

    def _data(self) -> Sequence[Reference]:
        return [one for one in self.made if one.kind in {"ConfigMap", "Secret"}]

    def _run(self, words: Sequence[str]) -> None:
        program, options = words[0], _options(words)
        if program in LOCAL or "=" in program:
            return
        if program == "kubectl":
            self._kubectl([one for one in words[1:] if one not in options.values()], options, words)
        elif program == "helm":
            self._helm(words, options)
        else:
            raise UnknownCommandError(" ".join(words))

    def _kubectl(self, plain: Sequence[str], options: Mapping[str, str], words: Sequence[str]) -> None:
        verb, *rest = [one for one in plain if not one.startswith("--")]
        if verb == "apply":
            self._apply(self._files[options["--filename"]].documents)
        elif verb == "create" and rest[0] == "namespace":
            self._make(Reference("Namespace", "", rest[1]))
        elif verb == "create" and rest[0] in {"configmap", "secret"}:
            namespace = options["--namespace"]
            self._use(Reference("Namespace", "", namespace))
            kind = {"configmap": "ConfigMap", "secret": "Secret"}[rest[0]]
            self._make(Reference(kind, namespace, rest[-1], _keys(words)))
        elif verb not in _READ:
            raise UnknownCommandError(" ".join(words))

    def _helm(self, words: Sequence[str], options: Mapping[str, str]) -> None:
        if words[1] in {"template", "test"}:
            return
        if words[1:3] != ["upgrade", "--install"]:
            raise UnknownCommandError(" ".join(words))
        namespace = Reference("Namespace", "", options["--namespace"])
        if "--create-namespace" in words:
            self._make(namespace)
        self._use(namespace)
        if words[3:5] == [RELEASE, "charts/extauthz"]:
            self.installations += 1
            self._apply(installed(self._situation))

    def _apply(self, documents: Sequence[Document]) -> None:
        for document in documents:
            for one in needed_by(document):
                if one.kind == "Namespace":
                    self._use(one)
            for one in made_by(document):
                self._make(one)
        for document in documents:
            for one in needed_by(document):
                self._use(one)

    def _make(self, one: Reference) -> None:
        self.made[one] = one

    def _use(self, one: Reference) -> None:
        self.needed.append(one)
        if one.kind in _FIRST and one not in self.made:
            self.too_early.append(one)


def _options(words: Sequence[str]) -> Mapping[str, str]:
    """Return options with the word after them, where that is no option itself."""
    pairs = itertools.pairwise(words)
    return {one: two for one, two in pairs if one.startswith("--") and "=" not in one and not two.startswith("--")}


def _keys(words: Sequence[str]) -> frozenset[str]:
    """Return the keys that ``kubectl create`` gives to the files."""
    found: set[str] = set()
    for word in words:
        option, _, value = word.partition("=")
        if option == "--from-file":
            key, is_named, _ = value.partition("=")
            found.add(key if is_named else key.rpartition("/")[2])
    if "tls" in words:
        found |= PAIR
    return frozenset(found)


def named(documents: Sequence[Document], kind: str, name: str) -> Any:  # noqa: ANN401  (a document, to be read)
    """Return the one of a kind and name."""
    (found,) = [one for one in documents if one["kind"] == kind and one["metadata"]["name"] == name]
    return found

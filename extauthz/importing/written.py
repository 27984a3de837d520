"""The configuration that an import writes, before it is text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from extauthz.importing.remark import Remark

NEVER: Mapping[str, object] = {"san_present": True, "not": {"san_present": True}}
"""Conditions that contradict each other: no certificate can meet both."""

_NAME_LENGTH = 50
"""Of 63: room for a number, where several would have the same name."""


class Front(StrEnum):
    """The proxy that will ask."""

    ENVOY = "envoy"
    """Over gRPC, with ``source.certificate``."""
    INGRESS_NGINX = "ingress-nginx"
    """Over HTTP, with the headers that ingress-nginx sends to its ``auth-url``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPolicy:
    """One policy."""

    name: str
    when: Mapping[str, object]
    require: Mapping[str, object]
    certificate: Literal["required", "optional"] = "required"
    comments: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    """Why it denies every request until somebody has decided. Without any, it does not."""
    closed: str | None = None
    """Why it denies every request in this configuration, whatever is decided; then nothing else is written for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenConfig:
    """A whole configuration."""

    comments: tuple[str, ...]
    front: Front = Front.ENVOY
    anchors: tuple[str, ...]
    """Files. Empty: the certificates are told by pins alone, as in the original."""
    anchor_comments: tuple[str, ...] = ()
    intermediates: tuple[str, ...] = ()
    """Files."""
    crls: tuple[str, ...] = ()
    crl_comments: tuple[str, ...] = ()
    crl_check: Literal["leaf", "chain"] = "chain"
    header_map: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[WrittenPolicy, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What came of an import."""

    config: WrittenConfig
    remarks: tuple[Remark, ...]

    @property
    def is_complete(self) -> bool:
        """Whether everything was carried over."""
        return not any(remark.loses for remark in self.remarks)


class PolicyNames:
    """Names for policies, made of what they are for; each is given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def name(self, parts: Iterable[str]) -> str:
        """Return a name of a-z, 0-9, ``-`` and ``_`` that was not given before."""
        text = "-".join(parts).lower().replace("**", "any").replace("*", "any")
        base = re.sub(r"[^a-z0-9_]+", "-", text).strip("-_")[:_NAME_LENGTH].rstrip("-_") or "imported"
        name, number = base, 1
        while name in self._given:
            number += 1
            name = f"{base}-{number}"
        self._given.add(name)
        return name


def file_name(parts: Sequence[str], ending: str) -> str:
    """Return a name for a file that the operator is to write, such as ``public-ca.pem``."""
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", "-".join(parts)).strip("-.") or "imported"
    return f"{stem}-{ending}"

"""What the doctor finds: a configuration of extauthz that is fine by itself, and files of a proxy beside it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extauthz.config.build import build
from extauthz.config.load import load
from extauthz.doctor.code import Code
from extauthz.doctor.examine import Examination, Given, examine
from extauthz.doctor.finding import Finding
from support import pki
from support.config_site import Site
from support.edge_pki import EdgePki

FINE = {
    "sources": "sources: [{type: envoy_peer}, {type: xfcc}]",
    "revocation": "revocation: {crls: [{path: pki/issuing.crl}]}",
    "headers": "headers: {emit: [subject, cn]}",
}
"""Nothing is found about these sections by themselves."""
Json = Any
"""Files of others as plain values, changed in place by keys that are there."""
POLICY = "policies: [{name: all, when: %s, require: %s}]"


def findings(
    site: Site, given: Given | None = None, sections: Mapping[str, str] | None = None, *, cores: int = 64
) -> list[Finding]:
    """Examine what is given together with a configuration; ``sections`` replace those of ``FINE``."""
    loaded = load(site.write_config(**{**FINE, **(sections or {})}))
    found = examine(build(loaded), loaded.path, loaded.document, given or Given(), cores=cores)
    return list(found.findings)


def examined(directory: Path, authority: EdgePki, given: Given, config: str = "extauthz.yaml") -> Examination:
    """Examine the copy of an example, with a CRL where its first step makes one."""
    crls = directory / "pki" / "crls"
    crls.mkdir(exist_ok=True)
    (crls / "issuing.crl").write_bytes(pki.pem_crl(authority.issuing.crl()))
    loaded = load(directory / config)
    return examine(build(loaded), loaded.path, loaded.document, given, cores=64)


def codes(found: Iterable[Finding]) -> list[Code]:
    return sorted({one.code for one in found})


@dataclass(frozen=True, slots=True)
class Case:
    """One change of files in which nothing is found, and what is found then."""

    change: Callable[..., object]
    finds: Sequence[Code] = ()
    """Empty: a near miss."""
    sections: dict[str, str] = field(default_factory=dict)
    text: str = ""
    """A part of some finding's detail or path."""
    hidden: bool = False
    """A dump of a running program does not show it."""


def uncovered(cases: Iterable[Case], prefix: str) -> set[Code]:
    """Return the codes of a proxy that no case finds."""
    return {code for code in Code if code.startswith(prefix)} - {code for case in cases for code in case.finds}


def check(site: Site, case: Case, given: Given) -> None:
    """Hold one case to what it says."""
    found = findings(site, given, case.sections)
    assert codes(found) == sorted(case.finds), [str(one) for one in found]
    if case.text:
        assert any(case.text in f"{one.place} ({one.detail})" for one in found), [str(one) for one in found]


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def replaced(text: str, old: str, new: str) -> str:
    """Replace the only place where a text stands."""
    assert text.count(old) == 1, f"{old} stands {text.count(old)} times in the file"
    return text.replace(old, new)

"""What must hold between settings, beyond what each section says for itself."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import BaseModel

from extauthz.config.identity_checks import impossible_conditions
from extauthz.config.key_path import KeyPath
from extauthz.config.schema.address import UNIX_PREFIX
from extauthz.config.schema.headers import Headers
from extauthz.config.schema.identity import Identity
from extauthz.config.schema.listen import Listen
from extauthz.config.schema.policy import Policy
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.sources import Source
from extauthz.config.schema.trust import Trust
from extauthz.config.schema.when import When
from extauthz.config.source_checks import check_sources

Found = tuple[KeyPath, str]
"""A path of the configuration, and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of a configuration that could be read; None stands for one that could not."""

    listen: Listen | None
    sources: Sequence[Source]
    trust: Trust | None
    revocation: Revocation | None
    policies: Sequence[Policy]
    headers: Headers | None
    identity: Identity | None = None
    workers: int | None = None

    @classmethod
    def of(cls, config: BaseModel) -> "Sections":
        """Take them from a ``Config``, or from one whose sections may be missing."""
        return cls(
            listen=getattr(config, "listen", None),
            sources=getattr(config, "sources", None) or (),
            trust=getattr(config, "trust", None),
            revocation=getattr(config, "revocation", None),
            policies=getattr(config, "policies", None) or (),
            headers=getattr(config, "headers", None),
            identity=getattr(config, "identity", None),
            workers=getattr(config, "workers", None),
        )


def cross_check(sections: Sections, is_whole: Callable[[KeyPath], bool]) -> Iterator[Found]:
    """Yield every contradiction between settings.

    ``is_whole`` says whether nothing was left out under a path: of a setting that could not be read, the default
    stands in its place, and proves nothing.
    """
    if sections.listen is not None and is_whole(("listen",)):
        yield from _listeners(sections.listen)
        yield from _workers(sections.workers or 1, sections.listen)
    if not sections.sources and is_whole(("sources",)) and is_whole(("listen",)):
        yield from _no_sources(sections.listen or Listen())
    trust = sections.trust if is_whole(("trust", "chain")) else None
    headers = sections.headers if is_whole(("headers", "prefix")) else None
    for path, sources in _lists_of_sources(sections):
        yield from check_sources(path, sources, trust=trust, headers=headers, is_whole=is_whole)
    if trust is not None:
        yield from _trust(trust)
    if sections.revocation is not None:
        yield from _crl_sources(sections.revocation)
    yield from _policy_names(sections.policies)
    yield from _unreachable_policies(sections.policies, is_whole)
    if is_whole(("identity",)):
        yield from impossible_conditions(sections.identity or Identity(), sections.policies)
    if headers is not None:
        yield from _headers(headers)


def _listeners(listen: Listen) -> Iterator[Found]:
    places = {"grpc": listen.grpc.address, "http": listen.http.address if listen.http is not None else None}
    places["admin"] = listen.admin.address
    taken: dict[str, str] = {}
    for name, address in places.items():
        if address is None or address.endswith(":0"):
            continue
        if address in taken:
            yield (
                ("listen", name, "address"),
                f"must not be the address of `listen.{taken[address]}`; choose another port",
            )
        taken.setdefault(address, name)


def _workers(workers: int, listen: Listen) -> Iterator[Found]:
    if workers > 1 and listen.grpc.transport == "grpcio" and listen.grpc.address.startswith(UNIX_PREFIX):
        message = "cannot be shared by several workers with `transport: grpcio`; take `native`, a port, or `workers: 1`"
        yield ("listen", "grpc", "address"), message


def _lists_of_sources(sections: Sections) -> Iterator[tuple[KeyPath, Sequence[Source]]]:
    yield ("sources",), sections.sources
    if sections.listen is not None and sections.listen.http is not None:
        yield ("listen", "http", "sources"), sections.listen.http.sources or ()


def _no_sources(listen: Listen) -> Iterator[Found]:
    if listen.http is None:
        message = "is missing; it must be a list of mappings (only with `listen.http` may it be left out)"
        yield ("sources",), message
    elif "grpc" in listen.model_fields_set:
        message = (
            "is only there with `sources`, which say where the certificate is in a `Check` call; add them, or take "
            "`grpc` out where proxies only ask over HTTP"
        )
        yield ("listen", "grpc"), message


def _trust(trust: Trust) -> Iterator[Found]:
    if trust.anchors is None and trust.chain != "unsafe_none":
        yield ("trust", "anchors"), f"is missing; `chain: {trust.chain}` needs the CA certificates that are trusted"


def _crl_sources(revocation: Revocation) -> Iterator[Found]:
    first: dict[tuple[str, str], int] = {}
    for index, source in enumerate(revocation.crls or ()):
        key, name = ("url", source.url) if source.url is not None else ("path", str(PurePosixPath(source.path or "")))
        if (key, name) in first:
            message = f"is already `revocation.crls[{first[key, name]}]`; list each source once"
            yield ("revocation", "crls", index, key), message
        first.setdefault((key, name), index)


def _policy_names(policies: Sequence[Policy]) -> Iterator[Found]:
    first: dict[str, int] = {}
    for index, policy in enumerate(policies):
        if policy.name in first:
            message = f"{policy.name!r} is already the name of `policies[{first[policy.name]}]`; each needs its own"
            yield ("policies", index, "name"), message
        first.setdefault(policy.name, index)


def _unreachable_policies(policies: Sequence[Policy], is_whole: Callable[[KeyPath], bool]) -> Iterator[Found]:
    takes_all: Policy | None = None
    first: dict[str, Policy] = {}  # by `when`: comparing each pair would take minutes for thousands of policies
    for index, policy in enumerate(policies):
        is_known = is_whole(("policies", index, "when"))
        when = _canonical(policy.when)
        why = None
        if is_known and when in first:
            why = f"{first[when].name!r} before it has the same `when`"
        elif takes_all is not None:
            why = f"{takes_all.name!r} before it has `when: {{}}` and takes every request"
        if why is not None:
            yield ("policies", index), f"{policy.name!r} can never match: {why}; move it up or remove it"
        if not is_known or takes_all is not None:
            continue
        if policy.when.model_fields_set:
            first.setdefault(when, policy)
        else:
            takes_all = policy


def _canonical(when: When) -> str:
    """Return the same text for equal conditions, and only for them."""
    return json.dumps(when.model_dump(), sort_keys=True)


def _headers(headers: Headers) -> Iterator[Found]:
    emitted = {headers.prefix + suffix for suffix in headers.emit}
    for name in headers.map:
        if name in emitted:
            yield ("headers", "map", name), f"{name!r} is written by `headers.emit` already; choose another name"

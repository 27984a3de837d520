"""Choices that are allowed and weaken the service: said at every load, with their place."""

from collections.abc import Iterator, Sequence

from extauthz.config.attribute_warnings import attribute_warnings
from extauthz.config.identity_checks import accepted_test_cards
from extauthz.config.key_path import KeyPath
from extauthz.config.loopback import admits_loopback, is_loopback
from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Http
from extauthz.config.schema.networks import wide
from extauthz.config.schema.policy import Policy
from extauthz.config.schema.require import Conditions
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.sources import FromRight, Source, XfccSource
from extauthz.config.schema.trust import Trust
from extauthz.identity.dn_text import parse_dn

Warned = tuple[KeyPath, str]
"""A path of the configuration, and what is weak there."""


def configuration_warnings(config: Config) -> Iterator[Warned]:
    """Yield every choice that weakens the service."""
    yield from _sources(config.sources or (), ("sources",))
    if config.listen.http is not None:
        yield from _http(config, config.listen.http)
    if config.unsafe_path_parameters:
        message = "lets `/admin;x/users` pass by a policy for `/admin/**`, if the upstream cuts parameters off"
        yield ("unsafe_path_parameters",), message
    yield from _trust(config.trust)
    yield from accepted_test_cards(config.identity)
    yield from _revocation(config.revocation)
    for index, policy in enumerate(config.policies):
        yield from _policy(policy, ("policies", index))


def _sources(sources: Sequence[Source], at: KeyPath) -> Iterator[Warned]:
    for index, source in enumerate(sources):
        if isinstance(source, XfccSource) and _counts_hops(source) and source.by is None:
            message = "trusts every client of the last proxy to have written this element; name the proxies in `by`"
            yield (*at, index, "element"), message
        if isinstance(source, XfccSource) and source.unsafe_identity_only is not None:
            message = (
                "believes a header for who a client is: nobody here sees a certificate, so validity, chain, revocation "
                "and pins are not checked, and whoever gets a header of their own past the proxy is anybody"
            )
            yield (*at, index, "unsafe_identity_only"), message


def _http(config: Config, http: Http) -> Iterator[Warned]:
    at: KeyPath = ("listen", "http")
    yield from _sources(http.sources or (), (*at, "sources"))
    if http.unsafe_any_caller:
        message = "true lets whoever can connect be whoever he likes, in the eyes of anything that believes the answer"
        yield (*at, "unsafe_any_caller"), message
    yield from _callers(http, at)
    for index, policy in enumerate(config.policies):
        path: KeyPath = ("policies", index)
        yield from _never_over_http(policy, path)
        if config.sources is None and policy.require.token_binding == "required":  # noqa: S105  (a setting, no secret)
            message = f"required: no verified token is forwarded over HTTP, so {policy.name!r} always denies"
            yield (*path, "require", "token_binding"), message
        if policy.require.token_binding == "if_present":  # noqa: S105  (a setting, not a secret)
            message = f"if_present holds over HTTP whenever the proxy does not say that a token came: {policy.name!r}"
            yield (*path, "require", "token_binding"), message


def _callers(http: Http, at: KeyPath) -> Iterator[Warned]:
    if http.callers is None or http.callers.addresses is None:
        return
    for network in wide(http.callers.addresses):
        message = f"lets ask whoever has an address in {network}, which is more than any organisation's own"
        yield (*at, "callers", "addresses"), message
    host = http.address.rpartition(":")[0]
    if is_loopback(host) and not admits_loopback(host, http.callers.addresses):
        message = f"has no address of this machine, and nobody else reaches {http.address}: every question is refused"
        yield (*at, "callers", "addresses"), message


def _never_over_http(policy: Policy, path: KeyPath) -> Iterator[Warned]:
    """Yield what is never told over HTTP: there, a later policy decides."""
    for key in ("sni", "context"):
        if getattr(policy.when, key):
            message = f"is never told over HTTP: {policy.name!r} never matches there, and a later policy decides"
            yield (*path, "when", key), message


def _counts_hops(source: XfccSource) -> bool:
    return isinstance(source.element, FromRight) and source.element.from_right > 1


def _trust(trust: Trust) -> Iterator[Warned]:
    if trust.chain == "unsafe_none":
        message = "unsafe_none believes every certificate, whoever made it; then only the proxy can verify it"
        yield ("trust", "chain"), message
    if trust.chain == "issuer_name":
        message = (
            "issuer_name compares names only: anyone can write an issuer's name into a certificate, so it is safe only "
            "behind a proxy that verifies the chain"
        )
        yield ("trust", "chain"), message
    if trust.unsafe_sha1:
        message = "true accepts signatures over SHA-1: whoever can choose part of one certificate can forge another"
        yield ("trust", "unsafe_sha1"), message
    if trust.unsafe_rsa_1024:
        message = "true accepts RSA keys of 1024 bits, which can be broken with enough money"
        yield ("trust", "unsafe_rsa_1024"), message


def _revocation(revocation: Revocation | None) -> Iterator[Warned]:
    if revocation is None:
        yield ("revocation",), "is not configured: revoked certificates are accepted until they expire"
        return
    if revocation.when_missing == "allow":
        yield ("revocation", "when_missing"), "allow lets certificates in for whose issuer there is no CRL"
    if revocation.when_stale == "allow":
        message = "allow lets certificates in that were revoked since the last CRL that could be had"
        yield ("revocation", "when_stale"), message
    for index, issuer in enumerate(revocation.issuers or ()):
        for key, value in (("when_missing", issuer.when_missing), ("when_stale", issuer.when_stale)):
            if value == "allow":
                message = f"allow lets certificates of {issuer.issuer!r} in without a current CRL"
                yield ("revocation", "issuers", index, key), message
    if revocation.fetch.private_addresses and revocation.distribution_points is not None:
        message = "true lets whoever names the listed hosts' addresses make this service ask inside its own network"
        yield ("revocation", "fetch", "private_addresses"), message


def _policy(policy: Policy, path: KeyPath) -> Iterator[Warned]:
    if policy.certificate == "optional":
        message = f"optional: {policy.name!r} allows every request that comes without a certificate"
        yield (*path, "certificate"), message
    if policy.certificate == "unsafe_forwarded_identity":
        message = f"unsafe_forwarded_identity: {policy.name!r} lets in whom a proxy names, without a certificate"
        yield (*path, "certificate"), message
    yield from _conditions(policy.require, (*path, "require"))


def _conditions(conditions: Conditions, path: KeyPath) -> Iterator[Warned]:
    for key, fragments in (
        ("issuer_contains", conditions.issuer_contains),
        ("subject_contains", conditions.subject_contains),
    ):
        exact = key.removesuffix("_contains")
        for index, fragment in enumerate(fragments or ()):
            example = containing_name(fragment)
            message = f"{fragment!r} is also contained in {example!r}; prefer `{exact}` with the whole name"
            yield (*path, key, index), message
    yield from attribute_warnings(conditions, path)
    for index, alternative in enumerate(conditions.any_of or ()):
        yield from _conditions(alternative, (*path, "any_of", index))
    if conditions.not_ is not None:
        yield from _conditions(conditions.not_, (*path, "not"))


def containing_name(fragment: str) -> str:
    """Return a distinguished name that contains the fragment and is not what its author had in mind.

    RFC 4514 escapes no ``=``, so a common name may read ``OU=Ops``; and a fragment with separators may start and end in
    the middle of values.
    """
    for name in (f"CN=not {fragment} at all,O=Anyone", f"CN=not {fragment}=x,O=Anyone"):
        try:
            parse_dn(name)
        except ValueError:
            continue
        return name
    return f"{fragment} at all"

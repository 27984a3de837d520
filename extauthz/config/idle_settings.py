"""Settings that can never count with the CAs that are configured: said at every load, with their place."""

from collections.abc import Iterator, Sequence

from extauthz.config.key_path import KeyPath
from extauthz.config.schema.config import Config
from extauthz.config.schema.require import Conditions
from extauthz.config.trust_files import TrustMaterial
from extauthz.identity.certificate import Certificate
from extauthz.identity.issuer_pattern import REGEX_PREFIX, issuer_pattern
from extauthz.identity.names import NameKey, name_key_from_string
from extauthz.model.identity import Kind

Warned = tuple[KeyPath, str]
"""A path of the configuration, and what is idle there."""

_ORDER = "names are written from the common name up, CN=…,O=…"
_STRANGERS = ("CN=Anyone,O=Elsewhere,C=XX", "CN=Anyone", "O=Elsewhere", "DC=elsewhere,DC=example")
"""Names that no CA of the DoD has, in the usual forms: an expression that takes one of them takes too much."""


def idle_settings(config: Config, material: TrustMaterial) -> Iterator[Warned]:
    """Yield what names an issuer that is none of ours, and what asks for a certificate that no anchor vouches for."""
    authorities = (*(anchor.certificate for anchor in material.anchors), *material.intermediates)
    if config.trust.chain != "unsafe_none":  # then anybody's issuer is believed
        yield from _revocation(config, {one.subject_key for one in authorities})
        yield from _dod_issuers(config, authorities)
    domains = {domain for anchor in material.anchors for domain in anchor.trust_domains}
    if material.anchors and all(anchor.trust_domains for anchor in material.anchors):
        for index, policy in enumerate(config.policies):
            yield from _conditions(policy.require, ("policies", index, "require"), domains)


def _revocation(config: Config, known: set[NameKey]) -> Iterator[Warned]:
    """Most likely such a name is written the wrong way round."""
    revocation = config.revocation
    if revocation is None:
        return
    for key, issuers, idle in (
        ("revoked", [one.issuer for one in revocation.revoked or ()], "may revoke nothing"),
        ("issuers", [one.issuer for one in revocation.issuers or ()], "may count for nobody"),
    ):
        for index, issuer in enumerate(issuers):
            if name_key_from_string(issuer) not in known:
                message = f"{issuer!r} is the name of no anchor or intermediate, so this {idle}; {_ORDER}"
                yield ("revocation", key, index, "issuer"), message


def _dod_issuers(config: Config, authorities: Sequence[Certificate]) -> Iterator[Warned]:
    for index, text in enumerate(config.identity.dod_issuers or ()):
        path: KeyPath = ("identity", "dod_issuers", index)
        pattern = issuer_pattern(text)
        taken = next((name for name in _STRANGERS if pattern.matches(name, name_key_from_string(name))), None)
        if taken is not None and text.startswith(REGEX_PREFIX):
            message = f"{text!r} also matches {taken!r}, so it says of other CAs too that their EDIPIs are the DoD's"
            yield path, message
        elif not any(pattern.matches(one.identity.subject_dn, one.subject_key) for one in authorities):
            what, hint = ("matches", "the whole name counts") if text.startswith(REGEX_PREFIX) else ("is", _ORDER)
            message = (
                f"{text!r} {what} the name of no anchor or intermediate, so it may make nobody's EDIPI count; {hint}"
            )
            yield path, message


def _conditions(conditions: Conditions, path: KeyPath, domains: set[str]) -> Iterator[Warned]:
    """With every anchor tied to trust domains, nobody but an X509-SVID of these gets past the chain."""
    only = "every anchor is tied to `trust_domains`, and vouches for their X509-SVIDs alone"
    for index, name in enumerate(conditions.kind or ()):
        if Kind(name) is not Kind.SPIFFE:
            yield (*path, "kind", index), f"no certificate can be {name}: {only}"
    if conditions.edipi is not None:
        yield (*path, "edipi"), f"no certificate can have an EDIPI: {only}"
    for index, text in enumerate(conditions.spiffe_id or ()):
        domain = text.partition("://")[2].partition("/")[0].replace("\\.", ".").lower()
        if domain not in domains:
            message = f"no anchor vouches for {domain!r}: every one is tied to other `trust_domains`"
            yield (*path, "spiffe_id", index), message
    for index, alternative in enumerate(conditions.any_of or ()):
        yield from _conditions(alternative, (*path, "any_of", index), domains)
    if conditions.not_ is not None:
        yield from _conditions(conditions.not_, (*path, "not"), domains)

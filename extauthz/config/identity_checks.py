"""What ``identity`` means for the rest: conditions that no certificate can meet, and test cards that can."""

from collections.abc import Iterator, Sequence

from extauthz.config.key_path import KeyPath
from extauthz.config.schema.identity import Identity
from extauthz.config.schema.policy import Policy
from extauthz.config.schema.require import Conditions
from extauthz.config.schema.trust import Trust
from extauthz.identity.profile import CARD_KINDS, NAMED_PROFILES, IdentityProfile
from extauthz.model.identity import Kind
from extauthz.trust.chain.anchor import Anchor

TEST_PROFILE = "icam_test"
"""The profile that no message proposes."""

Found = tuple[KeyPath, str]
"""A path of the configuration, and what is wrong there."""


def accepted_test_cards(identity: Identity) -> Iterator[Found]:
    """Yield what lets test cards in."""
    for index, name in enumerate(identity.profiles):
        if name == TEST_PROFILE:
            message = f"{name} takes test cards for real ones; anybody can have such a card"
            yield ("identity", "profiles", index), message


def unbound_issuers(identity: Identity, trust: Trust, anchors: Sequence[Anchor]) -> Iterator[Found]:
    """Yield that the names of the DoD's issuers are anybody's: any of several anchors may stand above such a name."""
    vouching = [one for one in anchors if not one.trust_domains]
    if identity.dod_issuers is None or trust.chain != "verify" or len(vouching) <= 1:
        return
    if not any(one.dod for one in vouching):
        message = (
            f"any of the {len(vouching)} anchors could give a CA of its own such a name; write those of the DoD as "
            "`{path: …, dod: true}` in `trust.anchors`"
        )
        yield ("identity", "dod_issuers"), message


def impossible_conditions(identity: Identity, policies: Sequence[Policy]) -> Iterator[Found]:
    """Yield every condition on a kind or EDIPI that no certificate meets; inside a ``not``, it would exclude nobody."""
    profile = identity.compiled()
    for index, policy in enumerate(policies):
        yield from _conditions(policy.require, ("policies", index, "require"), profile)


def _conditions(conditions: Conditions, path: KeyPath, profile: IdentityProfile) -> Iterator[Found]:
    for index, name in enumerate(conditions.kind or ()):
        kind = Kind(name)
        if kind in CARD_KINDS and kind not in profile.policies:
            known = [f"`{one}`" for one, kinds in NAMED_PROFILES.items() if kind in kinds and one != TEST_PROFILE]
            message = (
                f"no certificate can be {name}: none of `identity.profiles` says by which policies; add "
                f"{' or '.join(known)} there, or the OIDs to `identity.policies`"
            )
            yield (*path, "kind", index), message
        elif kind is Kind.CAC and not profile.dod_issuers:
            message = "no certificate can be cac: name the issuers of the DoD in `identity.dod_issuers`"
            yield (*path, "kind", index), message
    if conditions.edipi is not None and not profile.dod_issuers:
        message = "no certificate can have an EDIPI: name the issuers of the DoD in `identity.dod_issuers`"
        yield (*path, "edipi"), message
    for index, alternative in enumerate(conditions.any_of or ()):
        yield from _conditions(alternative, (*path, "any_of", index), profile)
    if conditions.not_ is not None:
        yield from _conditions(conditions.not_, (*path, "not"), profile)

"""``identity``: what the policies in smart cards' certificates mean, and whose EDIPIs are believed."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.config.schema.value_sets import PolicyOid
from extauthz.identity.issuer_pattern import issuer_pattern
from extauthz.identity.profile import CARD_KINDS, IdentityProfile, profile
from extauthz.model.identity import Kind

ProfileName = Literal["fpki", "piv_i", "dod", "icam_test"]


def _check_issuer(text: str) -> str:
    try:
        issuer_pattern(text)
    except ValueError as error:
        raise ValueError(f"{text!r} names no issuer: {error}; write CN=…,O=… (RFC 4514), or `re:` over it") from None
    return text


IssuerOfDod = Annotated[Text, AfterValidator(_check_issuer)]


class KindPolicies(Section):
    """Further policy OIDs that say a kind. Any CA below an anchor is believed to assert them rightly."""

    piv_auth: AtLeastOne[PolicyOid] | None = Field(
        default=None, alias="piv-auth", description="PIV Authentication: a card and its PIN."
    )
    piv_card_auth: AtLeastOne[PolicyOid] | None = Field(
        default=None, alias="piv-card-auth", description="PIV Card Authentication: a card alone."
    )
    derived_piv: AtLeastOne[PolicyOid] | None = Field(
        default=None, alias="derived-piv", description="A credential derived from a PIV card."
    )
    piv_i_auth: AtLeastOne[PolicyOid] | None = Field(
        default=None,
        alias="piv-i-auth",
        description="PIV-I: the card of an issuer outside the federal government, and its PIN.",
    )
    piv_i_card_auth: AtLeastOne[PolicyOid] | None = Field(
        default=None, alias="piv-i-card-auth", description="A PIV-I card alone."
    )
    cac: AtLeastOne[PolicyOid] | None = Field(
        default=None, description="Common Access Card of the US DoD. Only under `dod_issuers`."
    )

    def by_kind(self) -> dict[Kind, tuple[str, ...]]:
        """Return the OIDs that are given."""
        given = {kind: getattr(self, kind.value.replace("-", "_")) for kind in CARD_KINDS}
        return {kind: oids for kind, oids in given.items() if oids is not None}


class Identity(Section):
    """What the policies in smart cards' certificates mean. Needed for cards alone."""

    profiles: AtLeastOne[ProfileName] = Field(
        default=("fpki",),
        description=(
            "Which policy OIDs say which kind: `fpki` (PIV and derived PIV), `piv_i` (as the Federal Bridge has it), "
            "`dod` (CAC), `icam_test` (test cards; never in production)."
        ),
    )
    policies: KindPolicies = Field(
        default=KindPolicies(), description="Further policy OIDs, such as those of a PIV-I issuer, by kind."
    )
    dod_issuers: AtLeastOne[IssuerOfDod] | None = Field(
        default=None,
        description=(
            "Issuers of the US DoD, by their whole name (RFC 4514) or `re:` over it. Only their certificates have an "
            "EDIPI: elsewhere the same digits are another person."
        ),
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        self.compiled()
        return self

    def compiled(self) -> IdentityProfile:
        """Return what certificates are read with. Raises ValueError where two kinds claim one OID."""
        return profile(self.profiles, self.policies.by_kind(), self.dod_issuers or ())

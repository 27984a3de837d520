"""``require``: what a policy asks of the client's certificate."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.key import Key
from extauthz.config.schema.pins import Pins
from extauthz.config.schema.section import AtLeastOne, Section, Text, accepted_by, exactly
from extauthz.config.schema.value_sets import ExtendedKeyUsages, PolicyOids
from extauthz.policy.rules.agency_code import agency_code_rule
from extauthz.policy.rules.card_uuid import card_uuid_rule
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.distinguished_name import issuer_rule, subject_rule
from extauthz.policy.rules.edipi import edipi_rule
from extauthz.policy.rules.fasc_n import fasc_n_rule
from extauthz.policy.rules.ms_sid import ms_sid_rule
from extauthz.policy.rules.organization import organization_rule, organizational_unit_rule
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from extauthz.policy.rules.subject_alt_name import (
    san_dns_rule,
    san_email_rule,
    san_ip_rule,
    san_upn_rule,
    san_uri_rule,
)
from extauthz.policy.rules.upn import upn_rule

IssuerName = Annotated[Text, accepted_by(issuer_rule)]
SubjectName = Annotated[Text, accepted_by(subject_rule)]
CommonName = Annotated[Text, accepted_by(common_name_rule)]
Organization = Annotated[Text, accepted_by(organization_rule)]
OrganizationalUnit = Annotated[Text, accepted_by(organizational_unit_rule)]
SpiffeId = Annotated[Text, accepted_by(spiffe_id_rule)]
UserPrincipalName = Annotated[Text, accepted_by(upn_rule)]
AgencyCode = Annotated[Text, accepted_by(agency_code_rule)]
FascNumber = Annotated[Text, accepted_by(fasc_n_rule)]
Edipi = Annotated[Text, accepted_by(edipi_rule)]
CardUuid = Annotated[Text, accepted_by(card_uuid_rule)]
MicrosoftSid = Annotated[Text, accepted_by(ms_sid_rule)]
KindName = Literal[
    "software",
    "piv-auth",
    "piv-card-auth",
    "derived-piv",
    "piv-i-auth",
    "piv-i-card-auth",
    "cac",
    "spiffe",
]


class San(Section):
    """subjectAltName entries. Every type given must hold; within a list one is enough."""

    dns: AtLeastOne[Annotated[Text, accepted_by(san_dns_rule)]] | None = Field(
        default=None, description="DNS names, in any letter case. `*` is one label, `**` any number."
    )
    ip: AtLeastOne[Annotated[Text, accepted_by(san_ip_rule)]] | None = Field(
        default=None, description="IP addresses, or networks as `10.0.0.0/8`."
    )
    uri: AtLeastOne[Annotated[Text, accepted_by(san_uri_rule)]] | None = Field(
        default=None, description="URIs, character by character. `*` is one part between slashes, `**` any number."
    )
    email: AtLeastOne[Annotated[Text, accepted_by(san_email_rule)]] | None = Field(
        default=None, description="E-mail addresses: `*@example.com` is every mailbox of that domain."
    )
    upn: AtLeastOne[Annotated[Text, accepted_by(san_upn_rule)]] | None = Field(
        default=None, description="Microsoft user principal names, as with `email`."
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty; write one of dns, ip, uri, email, upn, or use `san_present: true`")
        return self


class Conditions(Section):
    """Conditions on the certificate. Every key given must hold; within a list one is enough."""

    issuer: AtLeastOne[IssuerName] | None = Field(
        default=None, description="The whole issuer name (RFC 4514), exactly, or `re:` over that text."
    )
    issuer_contains: AtLeastOne[Text] | None = Field(
        default=None, description="A fragment of the issuer name. Weak: it may stand anywhere in it."
    )
    subject: AtLeastOne[SubjectName] | None = Field(
        default=None, description="The whole subject name (RFC 4514), exactly, or `re:` over that text."
    )
    subject_contains: AtLeastOne[Text] | None = Field(
        default=None, description="A fragment of the subject name. Weak: it may stand anywhere in it."
    )
    common_name: AtLeastOne[CommonName] | None = Field(
        default=None, description="The subject's common name, without `CN=`; it must have exactly one."
    )
    organization: AtLeastOne[Organization] | None = Field(
        default=None, description="One of the subject's organizations (O), without `O=`."
    )
    organizational_unit: AtLeastOne[OrganizationalUnit] | None = Field(
        default=None, description="One of the subject's organizational units (OU), without `OU=`."
    )
    san: San | None = Field(default=None, description="Alternative names of the subject, by type.")
    san_present: Annotated[Literal[True], exactly(bool)] | None = Field(
        default=None, description="`true`: there must be at least one alternative name, of any type."
    )
    spiffe_id: AtLeastOne[SpiffeId] | None = Field(
        default=None,
        description=(
            "SPIFFE ID of a valid X509-SVID, such as `spiffe://example.org/ns/*/sa/web`. Wildcards in the path only."
        ),
    )
    upn: AtLeastOne[UserPrincipalName] | None = Field(
        default=None, description="Microsoft user principal names: `*@example.gov` is every user of that domain."
    )
    kind: AtLeastOne[KindName] | None = Field(
        default=None,
        description=(
            "What sort of credential it is, by the policies of `identity`: `spiffe` is a valid X509-SVID, `software` "
            "what is nothing else. `piv-card-auth` and `piv-i-card-auth` prove a card and not its holder, so they are "
            "denied wherever no `kind` names them."
        ),
    )
    agency_code: AtLeastOne[AgencyCode] | None = Field(
        default=None, description="The agency that issued the card, by the 4 digits that its FASC-N begins with."
    )
    fasc_n: AtLeastOne[FascNumber] | None = Field(
        default=None,
        description=(
            "The card, by the unique number of its FASC-N: the 14 digits of agency, system and credential. It is "
            "unique among federal cards only."
        ),
    )
    edipi: AtLeastOne[Edipi] | None = Field(
        default=None, description="The person, by the 10 digits of the US DoD. Needs `identity.dod_issuers`."
    )
    card_uuid: AtLeastOne[CardUuid] | None = Field(
        default=None, description="The card, by its UUID, with or without `urn:uuid:`. A new card has another one."
    )
    ms_sid: AtLeastOne[MicrosoftSid] | None = Field(
        default=None, description="The Active Directory account, by its security identifier `S-1-5-21-…`."
    )
    extended_key_usage: ExtendedKeyUsages | None = Field(
        default=None,
        description=(
            "Extended key usages, by name such as `clientAuth` or by OID: a list, one of which is enough, or "
            "`{any: […]}`, `{all: […]}`, `{exactly: […]}`."
        ),
    )
    key: AtLeastOne[Key] | None = Field(default=None, description="Sorts of public key.")
    max_lifetime: Annotated[Duration, between("1s", "36500d")] | None = Field(
        default=None, description="The longest time from notBefore to notAfter."
    )
    policy_oids: PolicyOids | None = Field(
        default=None,
        description=(
            "Certificate policies, as dotted object identifiers: a list, one of which is enough, or `{any: […]}`, "
            "`{all: […]}`, `{exactly: […]}`."
        ),
    )
    any_of: AtLeastOne["Alternative"] | None = Field(
        default=None, description="Sets of these same conditions, one of which must hold as a whole."
    )
    not_: "Alternative | None" = Field(
        default=None, alias="not", description="A set of these same conditions that must not hold as a whole."
    )


class Alternative(Conditions):
    """A set of conditions inside `any_of` or `not`."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty, so it would hold for every certificate; write at least one condition")
        return self


class Require(Conditions):
    """What is asked of the certificate. `{}` asks for a valid, trusted, unrevoked one and no more."""

    pins: Pins | None = Field(default=None, description="Pins of this policy, beside the global ones.")
    token_binding: Literal["required", "if_present", "off"] = Field(
        default="off",
        description=(
            "RFC 8705. `required`: every request carries a token bound to its certificate. `if_present`: a bound token "
            "must be bound to this certificate."
        ),
    )

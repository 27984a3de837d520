"""``require``: what a policy asks of the client's certificate."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.key import Key
from extauthz.config.schema.pins import Pins
from extauthz.config.schema.section import AtLeastOne, Section, Text, accepted_by, exactly
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.distinguished_name import issuer_rule, subject_rule
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.organization import organization_rule, organizational_unit_rule
from extauthz.policy.rules.policy_oids import policy_oids_rule
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from extauthz.policy.rules.subject_alt_name import (
    san_dns_rule,
    san_email_rule,
    san_ip_rule,
    san_upn_rule,
    san_uri_rule,
)

IssuerName = Annotated[Text, accepted_by(issuer_rule)]
SubjectName = Annotated[Text, accepted_by(subject_rule)]
CommonName = Annotated[Text, accepted_by(common_name_rule)]
Organization = Annotated[Text, accepted_by(organization_rule)]
OrganizationalUnit = Annotated[Text, accepted_by(organizational_unit_rule)]
SpiffeId = Annotated[Text, accepted_by(spiffe_id_rule)]
ExtendedKeyUsage = Annotated[Text, accepted_by(extended_key_usage_rule)]
PolicyOid = Annotated[Text, accepted_by(policy_oids_rule)]


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
        default=None, description="The subject's common name; it must have exactly one."
    )
    organization: AtLeastOne[Organization] | None = Field(
        default=None, description="One of the subject's organizations (O)."
    )
    organizational_unit: AtLeastOne[OrganizationalUnit] | None = Field(
        default=None, description="One of the subject's organizational units (OU)."
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
    kind: AtLeastOne[Literal["software", "spiffe"]] | None = Field(
        default=None, description="What sort of credential it is: `spiffe` is a valid X509-SVID, `software` the rest."
    )
    extended_key_usage: AtLeastOne[ExtendedKeyUsage] | None = Field(
        default=None, description="Extended key usages, by name such as `clientAuth` or by OID."
    )
    key: AtLeastOne[Key] | None = Field(default=None, description="Sorts of public key.")
    max_lifetime: Annotated[Duration, between("1s", "36500d")] | None = Field(
        default=None, description="The longest time from notBefore to notAfter."
    )
    policy_oids: AtLeastOne[PolicyOid] | None = Field(
        default=None, description="Certificate policies, as dotted object identifiers."
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

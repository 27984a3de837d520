"""``policy_oids`` and ``extended_key_usage``: a list, one of which is enough, or a mapping that says how many are."""

from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from extauthz.config.schema.branch import TEXT, by_shape
from extauthz.config.schema.section import AtLeastOne, Section, Text, accepted_by
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.policy_oids import policy_oids_rule

ExtendedKeyUsage = Annotated[Text, accepted_by(extended_key_usage_rule)]
PolicyOid = Annotated[Text, accepted_by(policy_oids_rule)]

_ANY = "At least one of these."
_ALL = "Every one of these; others may stand beside them."
_EXACTLY = "Every one of these and no other."


class _OneList(Section):
    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("must have one of the keys any, all, exactly, and only one")
        return self


class PolicyOidSet(_OneList):
    """How many of the listed certificate policies a certificate must have."""

    any: AtLeastOne[PolicyOid] | None = Field(default=None, description=_ANY)
    all: AtLeastOne[PolicyOid] | None = Field(default=None, description=_ALL)
    exactly: AtLeastOne[PolicyOid] | None = Field(default=None, description=_EXACTLY)


class ExtendedKeyUsageSet(_OneList):
    """How many of the listed extended key usages a certificate must have."""

    any: AtLeastOne[ExtendedKeyUsage] | None = Field(default=None, description=_ANY)
    all: AtLeastOne[ExtendedKeyUsage] | None = Field(default=None, description=_ALL)
    exactly: AtLeastOne[ExtendedKeyUsage] | None = Field(default=None, description=_EXACTLY)


_POLICY_OID_SET = "\0PolicyOidSet"
_EXTENDED_KEY_USAGE_SET = "\0ExtendedKeyUsageSet"
PolicyOids = Annotated[
    Annotated[AtLeastOne[PolicyOid], Tag(TEXT)] | Annotated[PolicyOidSet, Tag(_POLICY_OID_SET)],
    Discriminator(by_shape(_POLICY_OID_SET)),
]
ExtendedKeyUsages = Annotated[
    Annotated[AtLeastOne[ExtendedKeyUsage], Tag(TEXT)] | Annotated[ExtendedKeyUsageSet, Tag(_EXTENDED_KEY_USAGE_SET)],
    Discriminator(by_shape(_EXTENDED_KEY_USAGE_SET)),
]

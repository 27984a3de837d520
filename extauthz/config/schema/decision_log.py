"""``decision_log``: one line of JSON for each decision."""

from typing import Annotated, Literal

from pydantic import Field

from extauthz.config.schema.section import AnyNumber, Section, Text

IdentityField = Literal[
    "subject",
    "issuer",
    "common_name",
    "organizations",
    "organizational_units",
    "serial_number",
    "not_before",
    "not_after",
    "sans",
    "dns_names",
    "emails",
    "uris",
    "ip_addresses",
    "upns",
    "sha256",
    "thumbprint_s256",
    "spki_sha256",
    "key",
    "key_usage",
    "extended_key_usage",
    "policy_oids",
    "is_ca",
    "authority_key_id",
    "subject_key_id",
    "kind",
    "fasc_n",
    "piv_interim",
    "card_uuid",
    "edipi",
    "spiffe_id",
    "ms_sid",
    "warnings",
]
"""The keys of ``extauthz inspect --json``."""


class DecisionLog(Section):
    """One line of JSON for each decision. Fingerprints always, query strings, tokens and whole certificates never."""

    path: Text = Field(default="-", description="A file, `-` for standard output, or `off`.")
    allow_sample: Annotated[float, Field(ge=0, le=1)] = Field(
        default=1.0, description="Share of the allows that are logged, 0 to 1. Every deny is."
    )
    include: AnyNumber[IdentityField] = Field(
        default=("subject", "sha256"),
        description="What of the certificate's identity is logged, by the names of `extauthz inspect --json`.",
    )
    queue_size: int = Field(
        default=8192,
        ge=100,
        le=1_000_000,
        description=(
            "Decisions that may wait for a slow disk, 64 MiB at most. Past that they are dropped and counted."
        ),
    )

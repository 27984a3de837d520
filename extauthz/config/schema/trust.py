"""``trust``: whose certificates are believed."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from extauthz.config.schema.branch import TEXT, by_shape
from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.section import AtLeastOne, Section, Text, exactly
from extauthz.identity.spiffe import parse_spiffe_id

LEAST_RSA_BITS = 2048
"""NIST SP 800-131A: 112 bits of security, the least that is accepted since 2014."""
MOST_RSA_BITS = 16384
"""The largest that OpenSSL verifies with."""
_UNSAFE_RSA_BITS = 1024


def _check_trust_domain(text: str) -> str:
    try:
        spiffe_id = parse_spiffe_id(f"spiffe://{text}")
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no SPIFFE trust domain ({error}); write its name, such as prod.example.org"
        ) from (None)
    if (spiffe_id.trust_domain, spiffe_id.path) != (text, ""):
        raise ValueError(f"{text!r} is no SPIFFE trust domain; write its name alone in lower case")
    return text


TrustDomain = Annotated[Text, AfterValidator(_check_trust_domain)]


class TiedAnchor(Section):
    """Anchors that may be tied to what they vouch for."""

    path: Text = Field(description="A PEM bundle, a single DER certificate, or a directory of these.")
    trust_domains: AtLeastOne[TrustDomain] | None = Field(
        default=None,
        description=(
            "The SPIFFE trust domains that these CAs vouch for, such as `prod.example.org`. They vouch for nothing "
            "else then, and no other CA vouches for these domains. Not together with `dod`."
        ),
    )
    dod: Annotated[Literal[True], exactly(bool)] | None = Field(
        default=None,
        description=(
            "`true`: these are the US DoD's. Then no other anchor vouches for an EDIPI. Needed with "
            "`identity.dod_issuers` and several anchors: any of them could give a CA of its own a name of the DoD's."
        ),
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.trust_domains is not None and self.dod is not None:
            raise ValueError(
                "`trust_domains` and `dod` contradict each other: CAs that are tied to trust domains vouch for no "
                "EDIPI; keep one of them"
            )
        return self

    @property
    def is_tied(self) -> bool:
        """Whether it vouches for less, or for more, than any other."""
        return self.trust_domains is not None or self.dod is not None


_TIED = "\0TiedAnchor"

AnchorEntry = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[TiedAnchor, Tag(_TIED)],
    Discriminator(by_shape(_TIED)),
]


class Trust(Section):
    """Whose certificates are believed. Files are PEM bundles, single DER certificates, or directories of these."""

    anchors: AtLeastOne[AnchorEntry] | None = Field(
        default=None,
        description="CA certificates at which a chain may end. Required unless `chain` is `unsafe_none`.",
    )
    intermediates: AtLeastOne[Text] | None = Field(
        default=None,
        description=(
            "CA certificates that may stand between a client and an anchor. Give every one of them: most proxies hand "
            "over the client's certificate alone."
        ),
    )
    chain: Literal["verify", "issuer_name", "unsafe_none"] = Field(
        default="verify",
        description=(
            "`verify` checks signatures up to an anchor. `issuer_name` only compares the issuer's name with those of "
            "the anchors and intermediates, and believes the proxy for the rest. `unsafe_none` believes any "
            "certificate."
        ),
    )
    clock_skew: Annotated[Duration, between("0s", "1h")] = Field(
        default=timedelta(),
        description="Widens notBefore and notAfter of every certificate by this much.",
    )
    min_rsa_bits: int = Field(
        default=LEAST_RSA_BITS,
        ge=LEAST_RSA_BITS,
        le=MOST_RSA_BITS,
        description="The least size of an RSA key, of the client's certificate and of every CA above it.",
    )
    unsafe_rsa_1024: bool = Field(
        default=False,
        description="Accepts RSA keys of 1024 bits and more, which can be broken with enough money.",
    )
    unsafe_sha1: bool = Field(
        default=False,
        description="Accepts certificates signed with SHA-1: whoever can choose part of one can forge another.",
    )

    @property
    def least_rsa_bits(self) -> int:
        """The least size of an RSA key, whichever setting says it."""
        return _UNSAFE_RSA_BITS if self.unsafe_rsa_1024 else self.min_rsa_bits

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.unsafe_rsa_1024 and "min_rsa_bits" in self.model_fields_set:
            raise ValueError("`min_rsa_bits` and `unsafe_rsa_1024: true` contradict each other; keep one of them")
        if self.chain != "verify" and self.tied_anchors:
            raise ValueError(
                "`trust_domains` and `dod` of anchors need `chain: verify`; with "
                f"`chain: {self.chain}` nobody knows which anchor vouches"
            )
        return self

    @property
    def tied_anchors(self) -> tuple[TiedAnchor, ...]:
        """The entries that are tied to what they vouch for."""
        return tuple(one for one in self.anchors or () if isinstance(one, TiedAnchor) and one.is_tied)

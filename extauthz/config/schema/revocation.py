"""``revocation``: which certificates are no longer good. Without the section nothing is checked."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from extauthz.config.schema.dn import DistinguishedName
from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.section import AnyNumber, AtLeastOne, Section, Text
from extauthz.config.schema.url import CrlUrl, HostName
from extauthz.identity.names import name_key_from_string
from extauthz.trust.crl.load import MAX_CRL_BYTES
from extauthz.trust.revocation.store import serial_from_hex

WhenUnknown = Literal["deny", "allow"]
Grace = Annotated[Duration, between("0s", "30d")]
MaxAge = Annotated[Duration, between("1m", "366d")]


def _refuse_numbers(value: object) -> object:
    if isinstance(value, int | float):
        # YAML has already dropped leading zeros, and read 12e4 as a number: what was written cannot be told any more.
        raise ValueError("a serial number is hexadecimal text; write it in quotes")  # noqa: TRY004  (pydantic takes ValueError only)
    return value


def _check_serial(text: str) -> str:
    try:
        serial_from_hex(text)
    except ValueError as error:
        raise ValueError(f'{error}; write its hexadecimal digits, such as "0a1b2c"') from None
    return text


Serial = Annotated[str, BeforeValidator(_refuse_numbers), AfterValidator(_check_serial)]


class CrlSource(Section):
    """Where certificate revocation lists come from: a ``path`` or a ``url``."""

    path: Text | None = Field(
        default=None, description="A CRL in DER, a file of PEM blocks `X509 CRL`, or a directory of these."
    )
    url: CrlUrl | None = Field(
        default=None,
        description=(
            "An `http:` or `https:` URL of one CRL. Its signature is verified either way; `https:` keeps old ones "
            "from an instance that remembers none."
        ),
    )
    refresh: Annotated[Duration, between("10s", "7d")] | None = Field(
        default=None,
        description=(
            "How often the `url` is asked, `1h` by default; more often when the CRL's nextUpdate is near. A `path` is "
            "watched and needs none."
        ),
    )
    required: bool = Field(
        default=True,
        description=(
            "Whether the service stays NOT_SERVING until this source has given a usable CRL for the first time. "
            "Later failures never make it unready."
        ),
    )

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.path is not None and self.url is not None:
            raise ValueError("has both `path` and `url`; keep one of them")
        if self.path is None and self.url is None:
            raise ValueError("needs either `path` or `url`")
        if self.url is None and self.refresh is not None:
            raise ValueError("`refresh` belongs to a `url`; a `path` is watched, and counts as soon as it changes")
        return self


class DistributionPoints(Section):
    """The places that clients' certificates name for their CRLs (cRLDistributionPoints)."""

    hosts: AtLeastOne[HostName] = Field(
        description=(
            "The only hosts that are asked, exact names. A certificate's `http:` and `https:` distribution points "
            "there are fetched in the background once its chain has been verified and a CRL was missing."
        )
    )
    refresh: Annotated[Duration, between("10s", "7d")] = Field(
        default=timedelta(hours=1), description="How often each is asked again."
    )


class Fetch(Section):
    """Bounds of every fetch."""

    timeout: Annotated[Duration, between("1s", "10m")] = Field(
        default=timedelta(seconds=30), description="For a whole fetch, from the name look-up to the last byte."
    )
    max_bytes: int = Field(
        default=64 << 20,
        ge=1024,
        le=MAX_CRL_BYTES,
        description="The longest answer, before and after decompression.",
    )
    redirect_hosts: AnyNumber[HostName] = Field(
        default=(), description="Other hosts that an answer may redirect to. Otherwise redirects stay on their host."
    )
    private_addresses: bool = Field(
        default=False,
        description=(
            "Let redirects and certificates' own distribution points lead to loopback, private and link-local "
            "addresses. A configured `url` may always be there."
        ),
    )


class IssuerSettings(Section):
    """What holds for the certificates of one issuer. What is left out is as for all."""

    issuer: DistinguishedName = Field(description="The issuer, as an RFC 4514 distinguished name.")
    when_missing: WhenUnknown | None = Field(default=None, description="As `revocation.when_missing`.")
    when_stale: WhenUnknown | None = Field(default=None, description="As `revocation.when_stale`.")
    grace: Grace | None = Field(default=None, description="As `revocation.grace`.")
    max_age: MaxAge | None = Field(default=None, description="As `revocation.max_age`.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.model_fields_set == {"issuer"}:
            raise ValueError("sets nothing for this issuer; add a setting, or leave the entry out")
        return self


class RevokedCertificate(Section):
    """One certificate that is refused without any CRL saying so."""

    issuer: DistinguishedName = Field(description="Its issuer, as an RFC 4514 distinguished name.")
    serial: Serial = Field(description="Its serial number: hexadecimal digits, in quotes.")


class Revocation(Section):
    """Which certificates are no longer good."""

    crls: AtLeastOne[CrlSource] | None = Field(
        default=None,
        description=(
            "Where CRLs come from. Each must be signed with the key of an anchor, an intermediate or a signer; one "
            "that cannot be used denies its issuer's clients `crl_invalid`, unless the last good one still counts."
        ),
    )
    signers: AtLeastOne[Text] | None = Field(
        default=None,
        description=(
            "Certificates that sign CRLs and are no anchor or intermediate: PEM bundles, DER, or directories. Each "
            "needs a path to the anchor of the certificates that it speaks of."
        ),
    )
    distribution_points: DistributionPoints | None = Field(
        default=None, description="Fetch CRLs from where clients' certificates say. Off unless given."
    )
    fetch: Fetch = Field(default=Fetch(), description="Bounds of every fetch.")
    state_directory: Text | None = Field(
        default=None,
        description=(
            "A directory of this instance alone, where fetched CRLs and the last seen CRL numbers survive a restart. "
            "Only its owner may write there; its parent must exist."
        ),
    )
    revoked: AtLeastOne[RevokedCertificate] | None = Field(
        default=None,
        description="Single certificates to refuse, beside the CRLs. They make no other certificate good.",
    )
    check: Literal["leaf", "chain"] = Field(
        default="leaf", description="Check the client's certificate alone, or every one up to the anchor too."
    )
    when_missing: WhenUnknown = Field(
        default="deny", description="What to do with a certificate for whose issuer there is no CRL."
    )
    when_stale: WhenUnknown = Field(
        default="deny", description="What to do when the CRL's nextUpdate has passed, and `grace` after it."
    )
    grace: Grace = Field(default=timedelta(), description="How long a CRL still counts as fresh after its nextUpdate.")
    max_age: MaxAge | None = Field(
        default=None,
        description="How long a CRL without nextUpdate counts after its thisUpdate. Without it, such a CRL is stale.",
    )
    issuers: AtLeastOne[IssuerSettings] | None = Field(
        default=None, description="Settings for the certificates of single issuers."
    )

    @model_validator(mode="after")
    def _knows_something(self) -> Self:
        if self.crls is None and self.distribution_points is None:
            if self.revoked is None:
                raise ValueError("needs `crls` or `revoked`; leave the whole section out to check nothing")
            if self.when_missing == "deny":
                raise ValueError(
                    "`revoked` alone says nothing of other certificates, so all would be denied `crl_missing`; add "
                    "`crls`, or accept the risk with `when_missing: allow`"
                )
        return self

    @model_validator(mode="after")
    def _names_each_issuer_once(self) -> Self:
        first: dict[str, str] = {}
        for settings in self.issuers or ():
            key = name_key_from_string(settings.issuer)
            if key in first:
                raise ValueError(f"`issuers` has settings for {first[key]!r} twice; keep one of them")
            first[key] = settings.issuer
        return self

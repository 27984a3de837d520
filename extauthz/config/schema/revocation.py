"""``revocation``: which certificates are no longer good. Without the section nothing is checked."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from extauthz.config.schema.dn import DistinguishedName
from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.trust.revocation.store import serial_from_hex


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
    """Where certificate revocation lists come from."""

    path: Text = Field(description="A CRL in DER, a file of PEM blocks `X509 CRL`, or a directory of these.")


class RevokedCertificate(Section):
    """One certificate that is refused without any CRL saying so."""

    issuer: DistinguishedName = Field(description="Its issuer, as an RFC 4514 distinguished name.")
    serial: Serial = Field(description="Its serial number: hexadecimal digits, in quotes.")


class Revocation(Section):
    """Which certificates are no longer good."""

    crls: AtLeastOne[CrlSource] | None = Field(
        default=None,
        description="CRLs. Each must be signed by one of the anchors or intermediates, or it is refused at load.",
    )
    revoked: AtLeastOne[RevokedCertificate] | None = Field(
        default=None,
        description="Single certificates to refuse, beside the CRLs. They make no other certificate good.",
    )
    check: Literal["leaf", "chain"] = Field(
        default="leaf", description="Check the client's certificate alone, or every one up to the anchor too."
    )
    when_missing: Literal["deny", "allow"] = Field(
        default="deny", description="What to do with a certificate for whose issuer there is no CRL."
    )
    when_stale: Literal["deny", "allow"] = Field(
        default="deny", description="What to do when the CRL's nextUpdate has passed, and `grace` after it."
    )
    grace: Annotated[Duration, between("0s", "30d")] = Field(
        default=timedelta(), description="How long a CRL still counts as fresh after its nextUpdate."
    )

    @model_validator(mode="after")
    def _knows_something(self) -> Self:
        if self.crls is None and self.revoked is None:
            raise ValueError("needs `crls` or `revoked`; leave the whole section out to check nothing")
        if self.crls is None and self.when_missing == "deny":
            raise ValueError(
                "`revoked` alone says nothing of other certificates, so all would be denied `crl_missing`; add `crls`, "
                "or accept the risk with `when_missing: allow`"
            )
        return self

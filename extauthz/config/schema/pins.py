"""``pins``: certificates and keys that are named one by one. An AND with the chain, never instead of it."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Self

from pydantic import AfterValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema, model_validator

from extauthz.config.schema.branch import TEXT, by_shape
from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.trust.pins import CertPin, SpkiPin

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")


def parse_expiry(value: object) -> datetime:
    """Parse the last moment (aware, UTC) at which a pin counts; a date alone means the whole of that day."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return datetime.combine(date.fromisoformat(value), time.max, UTC)
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):  # the right shape, and no day of the calendar or no time that can be had in UTC
        pass
    raise ValueError("must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z")


Expiry = Annotated[
    datetime,
    PlainValidator(parse_expiry),
    WithJsonSchema({"type": "string", "pattern": f"^{_DATE.pattern}(T.+)?$", "examples": ["2027-01-31"]}),
]


def _check_cert_pin(text: str) -> str:
    try:
        CertPin.from_hex(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no pin of a certificate ({error}); write 64 hex digits") from None
    return text


def _check_spki_pin(text: str) -> str:
    try:
        SpkiPin.from_text(text)
    except ValueError as error:
        what_is_right = "write 44 characters of base64, the `=` at the end included, or 64 hex digits"
        raise ValueError(f"{text!r} is no pin of a key ({error}); {what_is_right}") from None
    return text


CertPinText = Annotated[Text, AfterValidator(_check_cert_pin)]
SpkiPinText = Annotated[Text, AfterValidator(_check_spki_pin)]
_EXPIRES = "The last day (UTC) or moment at which the pin counts. Without it, the pin counts for ever."
_COMMENT = "A note for people."


class ExpiringCertPin(Section):
    """A pin of a certificate with an end."""

    pin: CertPinText = Field(description="SHA-256 of the certificate in DER: 64 hex digits, colons allowed.")
    expires: Expiry | None = Field(default=None, description=_EXPIRES)
    comment: str | None = Field(default=None, description=_COMMENT)


class ExpiringSpkiPin(Section):
    """A pin of a key with an end."""

    pin: SpkiPinText = Field(description="SHA-256 of the SubjectPublicKeyInfo in DER: base64 as in RFC 7469, or hex.")
    expires: Expiry | None = Field(default=None, description=_EXPIRES)
    comment: str | None = Field(default=None, description=_COMMENT)


_CERT = "\0ExpiringCertPin"
_SPKI = "\0ExpiringSpkiPin"
CertPinEntry = Annotated[
    Annotated[CertPinText, Tag(TEXT)] | Annotated[ExpiringCertPin, Tag(_CERT)], Discriminator(by_shape(_CERT))
]
SpkiPinEntry = Annotated[
    Annotated[SpkiPinText, Tag(TEXT)] | Annotated[ExpiringSpkiPin, Tag(_SPKI)], Discriminator(by_shape(_SPKI))
]


class Pins(Section):
    """Certificates and keys, one of which the client's must be, beside everything else that is asked of it."""

    cert_sha256: AtLeastOne[CertPinEntry] | None = Field(
        default=None,
        description="Pins of whole certificates, in hex: text, or `{pin, expires, comment}`. See `extauthz pin`.",
    )
    spki_sha256: AtLeastOne[SpkiPinEntry] | None = Field(
        default=None,
        description="Pins of keys, which survive a renewal, in base64 or hex: text, or `{pin, expires, comment}`.",
    )

    @model_validator(mode="after")
    def _pins_something(self) -> Self:
        if self.cert_sha256 is None and self.spki_sha256 is None:
            raise ValueError("needs `cert_sha256` or `spki_sha256`; leave the whole section out to pin nothing")
        return self

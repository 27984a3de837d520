"""``tls``: certificate, key and client CAs of a listener."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.config.typed_san import typed_san_rule


def _check_typed_san(text: str) -> str:
    typed_san_rule(text)
    return text


TypedSan = Annotated[Text, AfterValidator(_check_typed_san)]


class ServerTls(Section):
    """TLS of a listener. The files are read again when they change."""

    cert: Text = Field(description="PEM file with the server certificate, then its intermediates.")
    key: Text = Field(
        description=(
            "PEM file with the private key of that certificate, not encrypted: RSA of at least 2048 bits, or EC on "
            "P-256, P-384 or P-521."
        )
    )
    client_ca: Text | None = Field(
        default=None,
        description="PEM bundle of the CAs whose clients may connect. Without it, every client may.",
    )


class Tls(ServerTls):
    """TLS of the gRPC listener. The files are read again when they change."""

    allowed_clients: AtLeastOne[TypedSan] | None = Field(
        default=None,
        description=(
            "Which clients of `client_ca` may call: typed subjectAltName patterns such as "
            "`uri:spiffe://cluster.local/ns/gateways/sa/*` or `dns:*.gateways.example`. Without it, every one of them."
        ),
    )

    @model_validator(mode="after")
    def _clients_need_a_ca(self) -> Self:
        if self.allowed_clients is not None and self.client_ca is None:
            raise ValueError("`allowed_clients` needs `client_ca`, or no client has a verified name")
        return self

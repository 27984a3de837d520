"""DER certificates as base64 in a header that the operator names: Traefik, Caddy, HAProxy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.base64_text import base64_decode
from extauthz.sources.chain import require_leaf_left_out
from extauthz.sources.der import require_one_sequence, split_sequences
from extauthz.sources.header_line import header_line
from extauthz.sources.limits import HINT_CHARACTERS, MAX_CHAIN_CERTIFICATES

_SEPARATOR: Final = ","


class Form(StrEnum):
    """What is in the header."""

    SINGLE = "single"
    """One certificate, the leaf."""
    COMMA_LIST = "comma_list"
    """One base64 text for each certificate, with a comma between two, the leaf first."""
    CONCATENATED = "concatenated"
    """One base64 text of all the certificates one after the other, the leaf first."""


@dataclass(frozen=True, slots=True)
class Base64DerSource:
    """Read the leaf from ``header``, and its chain from there or from ``chain_header``.

    ``chain_header`` is base64 of the certificates above the leaf, one after the other. Empty headers are what some
    proxies write for no certificate. It does not verify that the proxy wrote the headers, nor does the proxy say here
    whether it verified the certificate.

    Raises ``ValueError`` for a ``chain_header`` beside a form that has the chain already.
    """

    header: str
    chain_header: str | None = None
    form: Form = Form.SINGLE

    name: ClassVar[str] = "base64_der"

    def __post_init__(self) -> None:
        if self.chain_header is not None and self.form is not Form.SINGLE:
            raise ValueError(f"a chain header beside the form {self.form}, which holds the chain itself")

    @property
    def headers(self) -> tuple[str, ...]:
        """One, or two with the chain's."""
        return (self.header,) if self.chain_header is None else (self.header, self.chain_header)

    def hint(self, text: str) -> str:
        """Return a part that is the leaf's: its end in base64 of its own, else the start, where its serial number is.

        In a chain, the end is that of an issuer, which many have in common.
        """
        if self.form is Form.CONCATENATED:
            return text[:HINT_CHARACTERS]
        end = text.find(_SEPARATOR) if self.form is Form.COMMA_LIST else -1
        return text[max(end - HINT_CHARACTERS, 0) : end] if end >= 0 else text[-HINT_CHARACTERS:]

    def read(self, request: AuthRequest) -> Presented | None:
        """Return the leaf and its chain, or None when the request has no certificate.

        Raises ``DecodeError``: SOURCE_AMBIGUOUS (two lines of a header), SOURCE_INCONSISTENT (a chain without a leaf,
        or with the leaf once more), SOURCE_TOO_LARGE, CERTIFICATE_TOO_LARGE, SOURCE_MALFORMED.
        """
        text = header_line(request.headers, self.header)
        others = None if self.chain_header is None else header_line(request.headers, self.chain_header)
        if not text:
            if others:
                raise DecodeError(Reason.SOURCE_INCONSISTENT, f"{self.chain_header} without {self.header}")
            return None
        leaf, *chain = self._certificates(text)
        if self.chain_header is not None and others:
            chain = _chain(others, self.chain_header)
        require_leaf_left_out(leaf, chain, self.chain_header or self.header)
        return Presented(leaf, tuple(chain), (self.name,))

    def _certificates(self, text: str) -> tuple[bytes, ...]:
        if self.form is Form.CONCATENATED:
            return split_sequences(base64_decode(text))
        if self.form is Form.SINGLE:
            return (_certificate(text),)
        if text.count(_SEPARATOR) >= MAX_CHAIN_CERTIFICATES:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_CHAIN_CERTIFICATES} certificates")
        return tuple([_certificate(one) for one in text.split(_SEPARATOR)])


def _chain(text: str, header: str) -> list[bytes]:
    try:
        chain = split_sequences(base64_decode(text))
    except DecodeError as error:
        raise DecodeError(error.reason, f"{header}: {error.detail}") from error
    if len(chain) >= MAX_CHAIN_CERTIFICATES:  # one of them is the leaf
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"{header}: more than {MAX_CHAIN_CERTIFICATES} certificates")
    return list(chain)


def _certificate(text: str) -> bytes:
    der = base64_decode(text)
    require_one_sequence(der)
    return der

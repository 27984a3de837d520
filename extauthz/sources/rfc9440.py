"""``Client-Cert`` and ``Client-Cert-Chain`` (RFC 9440), the standard's own headers for a forwarded certificate."""

from dataclasses import dataclass
from typing import ClassVar, Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.base64_text import base64_decode
from extauthz.sources.chain import require_leaf_left_out
from extauthz.sources.der import require_one_sequence
from extauthz.sources.header_line import header_line
from extauthz.sources.limits import HINT_CHARACTERS, MAX_CHAIN_CERTIFICATES, MAX_TEXT_LENGTH

HEADER: Final = "client-cert"
CHAIN_HEADER: Final = "client-cert-chain"

_MARK: Final = ":"
_SEPARATOR: Final = ","
_OPTIONAL_WHITE_SPACE: Final = " \t"


@dataclass(frozen=True, slots=True)
class Rfc9440Source:
    """Read the leaf from ``Client-Cert`` and the rest of its chain from ``Client-Cert-Chain``.

    They are structured fields (RFC 8941): a byte sequence ``:base64:``, and a list of them, which may stand in several
    lines. Read strictly, as the standard has them written: no parameters (RFC 9440 §2.2 has the bare ``sf-binary``),
    no missing padding. A proxy without a certificate sends neither, so an empty ``Client-Cert`` is malformed.

    It does not verify that the proxy wrote the headers. RFC 9440 §2.4: it must remove what a client sends.
    """

    name: ClassVar[str] = "rfc9440"
    headers: ClassVar[tuple[str, ...]] = (HEADER, CHAIN_HEADER)

    def hint(self, text: str) -> str:
        """Return the end of the certificate, where its signature is."""
        return text[-HINT_CHARACTERS:]

    def read(self, request: AuthRequest) -> Presented | None:
        """Return the leaf and its chain, or None when the request has neither header.

        Raises ``DecodeError``: SOURCE_AMBIGUOUS (two lines of ``Client-Cert``), SOURCE_INCONSISTENT (a chain without
        ``Client-Cert``, or with the leaf in it), SOURCE_TOO_LARGE, CERTIFICATE_TOO_LARGE, SOURCE_MALFORMED.
        """
        text = header_line(request.headers, HEADER)
        lines = request.headers.get(CHAIN_HEADER, ())
        if text is None:
            # RFC 9440 §2.3: "Client-Cert-Chain MUST NOT appear unless Client-Cert is also present".
            if lines:
                raise DecodeError(Reason.SOURCE_INCONSISTENT, f"{CHAIN_HEADER} without {HEADER}")
            return None
        leaf = _certificate(text.strip(" "), HEADER)
        chain = _chain(lines)
        require_leaf_left_out(leaf, chain, CHAIN_HEADER)
        return Presented(leaf, chain, (self.name,))


def _chain(lines: tuple[str, ...]) -> tuple[bytes, ...]:
    """Read a list of byte sequences (RFC 8941 §4.2.1): several lines are one list, and an empty one is a list too."""
    if sum(map(len, lines)) + len(lines) - 1 > MAX_TEXT_LENGTH:
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_TEXT_LENGTH} characters in {CHAIN_HEADER}")
    text = _SEPARATOR.join(lines).strip(" ")
    if not text:
        return ()
    if text.count(_SEPARATOR) >= MAX_CHAIN_CERTIFICATES - 1:  # one of them is the leaf
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_CHAIN_CERTIFICATES} certificates")
    return tuple([_certificate(one.strip(_OPTIONAL_WHITE_SPACE), CHAIN_HEADER) for one in text.split(_SEPARATOR)])


def _certificate(text: str, header: str) -> bytes:
    try:
        der = base64_decode(_base64_of(text))
        require_one_sequence(der)
    except DecodeError as error:
        raise DecodeError(error.reason, f"{header}: {error.detail}") from error
    return der


def _base64_of(text: str) -> str:
    """Return what stands between the two colons of a byte sequence (RFC 8941 §3.3.5)."""
    if not text:
        raise DecodeError(Reason.SOURCE_MALFORMED, "nothing where a byte sequence is meant")
    if not text.startswith(_MARK):
        raise DecodeError(Reason.SOURCE_MALFORMED, "not a byte sequence: it does not start with a colon")
    inside, end, rest = text[1:].partition(_MARK)
    if not end:
        raise DecodeError(Reason.SOURCE_MALFORMED, "a byte sequence without the colon at its end")
    if rest:
        raise DecodeError(Reason.SOURCE_MALFORMED, f"{_what_follows(rest)} after the byte sequence")
    return inside


def _what_follows(rest: str) -> str:
    if rest.lstrip(" ").startswith(";"):
        return "a parameter, which this header does not have,"
    return "a comma (two header lines may look so)" if rest.lstrip(_OPTIONAL_WHITE_SPACE).startswith(",") else "text"

"""The certificates in one XFCC element, held against each other."""

import hashlib
import re
from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_CHAIN_CERTIFICATES
from extauthz.sources.pem import certificate_from_pem, certificates_from_pem
from extauthz.sources.percent import percent_decode
from extauthz.sources.xfcc_element import Element

_LINE_BREAK: Final = "%0A"
_SHA256_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")


def certificates_of(element: Element) -> tuple[bytes, ...]:
    """Return the DER of the leaf and of the rest of its chain, as one element forwards them; empty when it has neither.

    The leaf is Cert, else the first of Chain: Envoy's Chain starts with the leaf. Raises ``DecodeError``: what
    ``certificates_from_pem`` raises, and SOURCE_INCONSISTENT when Cert is not the first of Chain.
    """
    if element.cert is None:
        return () if element.chain is None else certificates_from_pem(percent_decode(element.chain))
    leaf = certificate_from_pem(percent_decode(element.cert))
    if element.chain is None:
        return (leaf,)
    chain = _chain_after(leaf, element.cert, element.chain)
    if chain is None:
        chain = certificates_from_pem(percent_decode(element.chain))
    if leaf != chain[0]:
        raise DecodeError(Reason.SOURCE_INCONSISTENT, "Cert is not the first certificate of Chain")
    return chain


def _chain_after(leaf: bytes, cert: str, chain: str) -> tuple[bytes, ...] | None:
    """Return what the whole of Chain decodes to when its text starts with that of Cert, as Envoy's does; else None.

    The leaf is the longest part of most chains, and Cert has been decoded: this saves doing it twice.
    """
    if not (chain.startswith(cert) and cert.endswith(_LINE_BREAK)):
        return None
    rest = chain[len(cert) :]
    if not rest:
        return (leaf,)
    if not rest.startswith("-----BEGIN"):
        return None
    others = certificates_from_pem(percent_decode(rest))
    return None if len(others) >= MAX_CHAIN_CERTIFICATES else (leaf, *others)


def require_hash_of(leaf: bytes, stated: str | None) -> None:
    """Raise ``DecodeError`` unless Hash is the SHA-256 of the leaf's DER in hexadecimal, or is not there.

    Reasons: SOURCE_INCONSISTENT for another certificate's hash, SOURCE_MALFORMED for what is no hash.
    """
    if stated is None or hashlib.sha256(leaf).hexdigest() == stated.lower():
        return
    if not _SHA256_HEX.fullmatch(stated):
        raise DecodeError(Reason.SOURCE_MALFORMED, "Hash is not 64 hexadecimal digits")
    raise DecodeError(Reason.SOURCE_INCONSISTENT, "Hash is not the SHA-256 of the certificate")

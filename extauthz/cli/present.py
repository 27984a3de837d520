"""A certificate put where the configured sources look for it, as the proxy would."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from extauthz.config.schema.sources import FromRight, Source, XfccSource

_COLUMNS = 64
"""Characters of a PEM line (RFC 7468 §2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """What a proxy would send for one certificate."""

    source_certificate: str = ""
    """``attributes.source.certificate``; empty where no source reads it."""
    headers: Sequence[tuple[str, str]] = ()
    chain_is_carried: bool = False
    """Whether any source can carry a chain: XFCC can, ``source.certificate`` cannot."""


def present(sources: Sequence[Source], leaf: bytes, chain: Sequence[bytes]) -> Presentation:
    """Put a certificate (DER) and its chain where each of the configured sources looks."""
    certificate = ""
    headers: list[tuple[str, str]] = []
    for source in sources:
        if isinstance(source, XfccSource):
            headers.append(("x-forwarded-client-cert", _xfcc(source, leaf, chain)))
        else:
            certificate = _encoded(leaf)
    return Presentation(source_certificate=certificate, headers=headers, chain_is_carried=bool(headers))


def _xfcc(source: XfccSource, leaf: bytes, chain: Sequence[bytes]) -> str:
    by = f"By={source.by[0]};" if source.by else ""
    element = f'{by}Hash={hashlib.sha256(leaf).hexdigest()};Cert="{_encoded(leaf)}"'
    if chain:
        element += f';Chain="{_encoded(leaf, *chain)}"'
    # Behind n proxies the client's element is the n-th from the right; the others say which proxy handed it on.
    proxies = source.element.from_right - 1 if isinstance(source.element, FromRight) else 0
    handed_on = f"Hash={'0' * 64}" + (f";URI={source.by[0]}" if source.by else "")
    return ",".join([element, *[handed_on] * proxies])


def _encoded(*certificates: bytes) -> str:
    return quote("".join(_pem(one) for one in certificates), safe="")


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])

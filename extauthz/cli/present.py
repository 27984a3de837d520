"""A certificate put where the configured sources look for it, as the proxy would."""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from extauthz.config.schema.sources import (
    AwsAlbSource,
    Base64DerSource,
    EnvoyPeerSource,
    FromRight,
    NginxSource,
    Rfc9440Source,
    Source,
    XfccSource,
)
from extauthz.sources import rfc9440, xfcc
from extauthz.sources.nginx_verdict import Verdict

_NO_HASH = "0" * 64
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
    return Presentation(
        source_certificate=_pem_in_url(leaf) if any(isinstance(one, EnvoyPeerSource) for one in sources) else "",
        headers=[header for source in sources for header in _headers(source, leaf, chain)],
        chain_is_carried=any(_carries_a_chain(source) for source in sources),
    )


def _carries_a_chain(source: Source) -> bool:
    match source:
        case EnvoyPeerSource() | NginxSource():
            return False
        case AwsAlbSource():
            return source.mode == "passthrough"
        case Base64DerSource():
            return source.form != "single" or source.chain_header is not None
        case _:
            return True


def _headers(source: Source, leaf: bytes, chain: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    match source:
        case XfccSource():
            yield xfcc.HEADER, _xfcc(source, leaf, chain)
        case NginxSource():
            yield source.header, _pem_in_url(leaf)
            yield source.verify_header, Verdict.SUCCESS
        case Base64DerSource():
            yield source.header, _base64_der(source, leaf, chain)
            if source.chain_header is not None and chain:
                yield source.chain_header, _base64(b"".join(chain))
        case Rfc9440Source():
            yield rfc9440.HEADER, f":{_base64(leaf)}:"
            if chain:
                yield rfc9440.CHAIN_HEADER, ", ".join(f":{_base64(one)}:" for one in chain)
        case AwsAlbSource():
            yield source.header_in_use, _pem_in_url(leaf, *(chain if source.mode == "passthrough" else ()))
        case EnvoyPeerSource():
            return


def _xfcc(source: XfccSource, leaf: bytes, chain: Sequence[bytes]) -> str:
    # Behind n proxies the client's element is the n-th from the right; the others say which proxy handed it on.
    proxies = source.element.from_right - 1 if isinstance(source.element, FromRight) else 0
    by = source.by[0] if source.by else None
    digest = hashlib.sha256(leaf).hexdigest()
    if source.format == "json":
        element: dict[str, object] = {"by": [by]} if by else {}
        element |= {"hash": digest, "cert": _pem(leaf)}
        if chain:
            element["chain"] = [_pem(one) for one in (leaf, *chain)]
        handed_on = {"hash": _NO_HASH, **({"uri": [by]} if by else {})}
        return json.dumps([element, *[handed_on] * proxies], separators=(",", ":"))
    text = f'{f"By={by};" if by else ""}Hash={digest};Cert="{_pem_in_url(leaf)}"'
    if chain:
        text += f';Chain="{_pem_in_url(leaf, *chain)}"'
    return ",".join([text, *[f"Hash={_NO_HASH}" + (f";URI={by}" if by else "")] * proxies])


def _base64_der(source: Base64DerSource, leaf: bytes, chain: Sequence[bytes]) -> str:
    if source.form == "comma_list":
        return ",".join(_base64(one) for one in (leaf, *chain))
    return _base64(b"".join((leaf, *chain)) if source.form == "concatenated" else leaf)


def _base64(der: bytes) -> str:
    return base64.b64encode(der).decode()


def _pem_in_url(*certificates: bytes) -> str:
    return quote("".join(_pem(one) for one in certificates), safe="")


def _pem(der: bytes) -> str:
    text = _base64(der)
    lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])

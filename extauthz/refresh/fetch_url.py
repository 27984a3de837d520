"""The URLs that are fetched: taken apart once, strictly, so that nothing later reads them in another way (RFC 3986).

Accepted: ``http`` and ``https``; a host that is a DNS name in ASCII, an IPv4 address in four decimal parts, or an IPv6
address in brackets without a zone; a port; a path and a query in visible ASCII. User information is refused: it would
show up in logs, and it is the usual way to make a host look like another one. A fragment is dropped, as it is never
sent. The path is not normalised.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urljoin

from extauthz.model.quoted import quoted

MAX_URL: Final = 2048
"""Characters. URLs of CRLs have about a hundred; servers refuse a few thousand anyway."""
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65_535

_VISIBLE_ASCII: Final = re.compile(r"[!-\[\]-~]*")
"""Without the backslash, which some parsers take for a slash."""
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(?:#.*)?")
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?")
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?!0x|[0-9]+\Z){_LABEL}")
"""A last label of digits (or 0x…) makes old resolvers read the whole as an IPv4 address in some odd notation."""


@dataclass(frozen=True, slots=True)
class FetchUrl:
    """A URL that may be fetched, as far as its text tells."""

    scheme: str
    host: str
    """In lower case; an IPv6 address in brackets, in its shortest form."""
    port: int
    target: str
    """Path and query, as sent in the request line."""

    @property
    def name(self) -> str:
        """The host without brackets, as resolvers and TLS want it."""
        return self.host.strip("[]")

    @property
    def authority(self) -> str:
        """The value of the Host header: the port only where it is not the scheme's own (RFC 9110 §7.2)."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def is_default_port(self) -> bool:
        """Whether the port is the scheme's own."""
        return self.port == _DEFAULT_PORTS[self.scheme]

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_fetch_url(text: str) -> FetchUrl:
    """Take a URL apart. ``ValueError`` says what is wrong with it."""
    if len(text) > MAX_URL:
        raise ValueError(f"the URL is longer than {MAX_URL} characters")
    if not _VISIBLE_ASCII.fullmatch(text):
        raise ValueError(f"the URL {quoted(text)} holds characters that must be percent-encoded")
    parts = _URL.fullmatch(text)
    if parts is None:
        raise ValueError(f"{quoted(text)} is not an absolute URL")
    scheme, authority, path, query = parts.groups()
    if scheme.lower() not in _DEFAULT_PORTS:
        raise ValueError(f"the scheme {quoted(scheme)} is not fetched, only http and https")
    if "@" in authority:
        raise ValueError("the URL carries a user name or password")  # not quoted: it is a secret
    place = _AUTHORITY.fullmatch(authority)
    port = int(place[2]) if place is not None and place[2] else _DEFAULT_PORTS[scheme.lower()]
    if place is None or not 0 < port <= _MAX_PORT:
        raise ValueError(f"{quoted(authority)} is not a host, or a host and a port")
    return FetchUrl(scheme.lower(), _host(place[1].lower()), port, f"{path or '/'}{query or ''}")


def resolve_reference(base: FetchUrl, reference: str) -> FetchUrl:
    """Return what a Location header means (RFC 9110 §10.2.2). ``ValueError`` as for ``parse_fetch_url``."""
    if len(reference) > MAX_URL or not _VISIBLE_ASCII.fullmatch(reference):
        # Looked at before joining: urljoin drops tabs and line breaks, and then the text is another one.
        raise ValueError(f"the location {quoted(reference)} is not a URL, or too long")
    return parse_fetch_url(urljoin(str(base), reference))


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return f"[{IPv6Address(text[1:-1])}]"
        except AddressValueError as error:
            raise ValueError(f"{quoted(text)} is not an IPv6 address: {error}") from None
    if _NAME.fullmatch(text):
        return text
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise ValueError(f"{quoted(text)} is neither a host name nor an IPv4 address in four decimal parts") from None

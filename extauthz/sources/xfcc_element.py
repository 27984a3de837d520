"""One element of an XFCC header: what one proxy said about the certificate that it was shown."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import Claims

Pair = tuple[str, str, bool]
"""One ``key=value``: the key in lower case, the value without its quotes but with its backslashes, was it quoted."""


class Element(NamedTuple):
    """The pairs of one element, by key. Text as forwarded: nothing is decoded yet."""

    by: tuple[str, ...] = ()
    """The URI names of the proxy's own certificate; Envoy writes a ``By`` for each of them."""
    hash: str | None = None
    cert: str | None = None
    chain: str | None = None
    subject: str | None = None
    uris: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    issuer: str | None = None
    """In the JSON form alone: in text it would stand behind names that the client wrote."""

    @property
    def claims(self) -> Claims | None:
        """What the proxy says that the certificate says; None when it says nothing.

        Envoy writes ``URI=`` for a certificate without URI names: that is no claim. An empty Subject is one.
        """
        uris = tuple(uri for uri in self.uris if uri)
        dns_names = tuple(name for name in self.dns_names if name)
        if self.subject is None and self.issuer is None and not uris and not dns_names:
            return None
        return Claims(self.subject, uris, dns_names, self.issuer)


_REPEATABLE: Final = frozenset({"by", "uri", "dns"})
"""Their values are bare: Envoy never quotes them, and a quote could swallow what it writes between two of them."""
_SINGLE: Final = frozenset({"hash", "cert", "chain", "subject"})
_ISSUER: Final = "issuer"
_CLIENT_WRITTEN: Final = frozenset({"uri", "dns"})
"""Keys whose values Envoy copies out of the client's certificate without quotes."""


def element_from_pairs(pairs: Sequence[Pair]) -> Element:
    """Sort the pairs of one element by key.

    Raises ``DecodeError(SOURCE_MALFORMED)`` for an unknown key (what it would change is not known), for Issuer, for a
    second Hash, Cert, Chain or Subject, for a By, URI or DNS in quotes, and for any other key after a URI or DNS. The
    last is because Envoy does not quote those two: a certificate with the URI name ``x;Cert="…"`` would else bring a
    pair of its own into the element of the proxy. Envoy writes nothing but Issuer behind them.
    """
    single: dict[str, str] = {}
    repeated: dict[str, list[str]] = {"by": [], "uri": [], "dns": []}
    client_text_seen = False
    for number, (key, value, quoted) in enumerate(pairs, 1):
        if key in _REPEATABLE:
            if quoted:
                raise DecodeError(
                    Reason.SOURCE_MALFORMED, f"pair {number}: quotes round a {key.upper()}, which Envoy never writes"
                )
            repeated[key].append(value)
        elif key == _ISSUER:
            raise DecodeError(
                Reason.SOURCE_MALFORMED,
                f"pair {number}: an Issuer, which Envoy writes behind URI and DNS: set 'issuer: false', or take JSON",
            )
        elif key not in _SINGLE:
            raise DecodeError(Reason.SOURCE_MALFORMED, f"pair {number}: an unknown key")
        elif key in single:
            raise DecodeError(Reason.SOURCE_MALFORMED, f"pair {number}: a second {key.capitalize()}")
        else:
            single[key] = value
        if key in _CLIENT_WRITTEN:
            client_text_seen = True
        elif client_text_seen:
            raise DecodeError(
                Reason.SOURCE_MALFORMED,
                f"pair {number}: a {key.capitalize()} after a URI or DNS, which may have brought it",
            )
    return Element(
        by=tuple(repeated["by"]),
        hash=single.get("hash"),
        cert=single.get("cert"),
        chain=single.get("chain"),
        subject=single.get("subject"),
        uris=tuple(repeated["uri"]),
        dns_names=tuple(repeated["dns"]),
    )

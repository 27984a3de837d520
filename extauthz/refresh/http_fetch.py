"""Fetching one CRL over HTTP, from a server that may be slow, broken or hostile.

The plan, numbered in the code as here:

1. Take the URL apart (``fetch_url``): http or https, no user information.
2. Resolve its host once, and check every address (``addresses``).
3. Connect to one of these very addresses; for https, verify the certificate for the host (``fetch_connection``).
4. Ask, conditionally when something is known (``validators``).
5. Follow a redirect by hand, from 1. again: at most so many, never from https to http, to another host only when that
   is allowed, and to a private address only when that is allowed.
6. Take 200, or 304 when that was asked for.
7. Write the body, decompressed, bounded and complete (``fetch_body``).

One deadline holds from 2. to 7. Memory stays flat whatever the size.

Decisions. No proxy is used, whatever the environment says: a proxy would resolve the name again, out of reach of the
check. https trusts the system's store (which OpenSSL's SSL_CERT_FILE and SSL_CERT_DIR may point elsewhere), or exactly
``ca_file``. Content-Encoding is asked not to be used, because a compressing server changes the ETag in ways that defeat
304; gzip and deflate are read when they come nevertheless. Every request has its own connection.

Not verified here: that the bytes are a CRL, by whom, and how old. And a body without Content-Length or chunks ends
where the connection ends; that it is whole shows when it is parsed.
"""

import http.client
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import urllib3.exceptions
from urllib3.response import HTTPResponse

import extauthz
from extauthz.model.quoted import quoted
from extauthz.refresh.addresses import check_addresses, resolve
from extauthz.refresh.deadline import Deadline
from extauthz.refresh.fetch_body import BodyWriter
from extauthz.refresh.fetch_connection import READ_SIZE, CheckedConnection
from extauthz.refresh.fetch_result import FetchError, FetchResult
from extauthz.refresh.fetch_url import FetchUrl, parse_fetch_url, resolve_reference
from extauthz.refresh.validators import Validators

__all__ = ["FetchError", "FetchLimits", "FetchResult", "Fetcher", "Validators"]

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_FRAMING_SHARE: Final = 8
"""A transfer may be larger than its body by an eighth, for chunk headers. Real servers' chunks have kilobytes."""
_MANY_PIECES: Final = 100_000
_LEAST_PIECE: Final = 256
"""Beyond so many pieces, a body's must have so many bytes on the average. Each costs microseconds of the interpreter,
which the requests wait for meanwhile: 64 MiB in chunks of a few bytes would be 20 seconds of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How far a fetch may go."""

    timeout: float = 30.0
    """Seconds for the whole transfer, redirects included."""
    connect_timeout: float = 5.0
    """Seconds for one address to accept, and again for the TLS handshake."""
    max_bytes: int = 64 * 1024 * 1024
    """Of a body, on the wire and decompressed: the largest CRLs in use have some tens of megabytes."""
    max_redirects: int = 3
    redirect_hosts: frozenset[str] = frozenset()
    """Other hosts that a redirect may lead to, at any port: names in lower case, IPv6 addresses in brackets."""
    private_addresses: bool = False
    """Let redirects to other hosts, and fetches from untrusted hosts, reach private addresses."""
    ca_file: Path | None = None
    """PEM file of the CAs that https servers' certificates come from, instead of the system's store."""


Resolve = Callable[[str, int, float], Sequence[str]]


class Fetcher:
    """Fetches CRLs. It keeps nothing between two fetches, so threads may share it."""

    def __init__(self, limits: FetchLimits, *, resolve_host: Resolve = resolve) -> None:
        self._limits = limits
        self._resolve_host = resolve_host

    def fetch(self, url: str, known: Validators, into: BinaryIO, *, trusted_host: bool = True) -> Validators | None:
        """Write the CRL at a URL into a binary file, and return what to recognise it by; None when it is unchanged.

        Blocks, at most ``limits.timeout`` seconds. Raises ``FetchError`` and nothing else; ``into`` may then hold part
        of a body. ``trusted_host``: the operator wrote this host, so it may have private addresses. For a
        certificate's own distribution point it is False.
        """
        deadline = Deadline(self._limits.timeout)
        try:
            return self._follow(url, known, into, deadline, trusted_host=trusted_host)
        except TimeoutError:
            raise FetchError(FetchResult.TIMEOUT, f"not finished within {self._limits.timeout:g} s") from None

    def _follow(
        self, url: str, known: Validators, into: BinaryIO, deadline: Deadline, *, trusted_host: bool
    ) -> Validators | None:
        try:
            first = here = parse_fetch_url(url)  # 1.
        except ValueError as error:
            raise FetchError(FetchResult.URL_REFUSED, str(error)) from None
        for _ in range(self._limits.max_redirects + 1):
            private = self._limits.private_addresses or (trusted_host and _same_server(first, here))
            answer = self._exchange(here, known, into, deadline, private=private)
            if not isinstance(answer, FetchUrl):
                return answer
            self._check_redirect(first, here, answer)  # 5.
            here = answer
        raise FetchError(FetchResult.REDIRECT_REFUSED, f"more than {self._limits.max_redirects} redirects")

    def _check_redirect(self, first: FetchUrl, here: FetchUrl, target: FetchUrl) -> None:
        if here.scheme == "https" and target.scheme == "http":
            raise FetchError(FetchResult.REDIRECT_REFUSED, f"from https to http: {quoted(str(target))}")
        if not _same_server(first, target) and target.host not in self._limits.redirect_hosts:
            detail = f"to another server, which `redirect_hosts` does not name: {quoted(str(target))}"
            raise FetchError(FetchResult.REDIRECT_REFUSED, detail)

    def _exchange(
        self, url: FetchUrl, known: Validators, into: BinaryIO, deadline: Deadline, *, private: bool
    ) -> Validators | FetchUrl | None:
        """Ask one server. Returns where else to ask, if that is its answer."""
        addresses = self._addresses(url, deadline.remaining())  # 2.
        check_addresses(url.host, addresses, private=private)
        connection = CheckedConnection(
            url,
            addresses,
            deadline,
            connect_timeout=self._limits.connect_timeout,
            context=self._tls_context() if url.scheme == "https" else None,
        )
        conditions = known.as_headers()
        with ExitStack() as cleanup:
            cleanup.callback(connection.close)
            try:
                connection.request(  # 3., 4.
                    "GET", url.target, headers=_headers(url, conditions), preload_content=False, decode_content=False
                )
                response = connection.getresponse()
                cleanup.callback(response.close)
                if connection.headers_are_malformed:
                    raise FetchError(FetchResult.MALFORMED, "a line among the headers is no header")
                connection.allow_body(self._limits.max_bytes + self._limits.max_bytes // _FRAMING_SHARE)
                return self._take(url, response, into, conditional=bool(conditions))
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
                deadline.remaining()  # when that is over, then it is the reason
                raise _translated(error, closed=connection.closed_by_peer) from error

    def _addresses(self, url: FetchUrl, timeout: float) -> Sequence[str]:
        try:
            return self._resolve_host(url.name, url.port, timeout)
        except OSError as error:
            why = error.strerror or str(error)
            raise FetchError(FetchResult.NAME_RESOLUTION, f"no address is known of {url.host}: {why}") from error

    def _tls_context(self) -> ssl.SSLContext:
        """Read the trust store anew for each fetch, so that a renewed one counts at once."""
        try:
            context = ssl.create_default_context(cafile=self._limits.ca_file)
        except OSError as error:  # ssl.SSLError is one
            detail = f"the CA file {self._limits.ca_file} cannot be used: {error.strerror or error}"
            raise FetchError(FetchResult.TLS_FAILED, detail) from error
        context.hostname_checks_common_name = False  # RFC 9525 §2: a host's name is in subjectAltName or nowhere
        return context

    def _take(
        self, url: FetchUrl, response: HTTPResponse, into: BinaryIO, *, conditional: bool
    ) -> Validators | FetchUrl | None:
        if response.status in _REDIRECTS:
            return _redirect_target(url, response)
        if response.status == _NOT_MODIFIED and conditional:  # 6.
            return None
        if response.status != _OK:
            raise FetchError(FetchResult.HTTP_STATUS, f"status {response.status} {quoted(response.reason or '')}")
        self._check_framing(response)
        body = BodyWriter(into, response.headers.get("content-encoding"), self._limits.max_bytes)
        for piece in _content(response):  # 7.
            body.write(piece)
        body.finish()
        return Validators.from_headers(response.headers)

    def _check_framing(self, response: HTTPResponse) -> None:
        """Refuse what the two libraries below would read in two ways, and a length that is over the limit already."""
        coding = response.headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise FetchError(FetchResult.MALFORMED, f"Transfer-Encoding {quoted(coding)} is not read here")
        length = response.headers.get("content-length")
        if length is None or coding is not None:
            return
        if not _LENGTH.fullmatch(length):
            raise FetchError(FetchResult.MALFORMED, f"Content-Length {quoted(length)} is not one number")
        if int(length) > self._limits.max_bytes:
            detail = f"the body has {length} bytes; {self._limits.max_bytes} are allowed"
            raise FetchError(FetchResult.TOO_LARGE, detail)


def _same_server(first: FetchUrl, other: FetchUrl) -> bool:
    """Say whether a redirect stays where it began: the same host and port, or that host's own https."""
    return first.host == other.host and (
        first.port == other.port or (other.scheme == "https" and other.is_default_port)
    )


def _headers(url: FetchUrl, conditions: Mapping[str, str]) -> dict[str, str]:
    return {
        "Host": url.authority,
        "User-Agent": f"extauthz/{extauthz.__version__}",
        "Accept": "application/pkix-crl, */*;q=0.1",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **conditions,
    }


def _redirect_target(url: FetchUrl, response: HTTPResponse) -> FetchUrl:
    location = response.headers.get("location")
    if location is None:
        raise FetchError(FetchResult.REDIRECT_REFUSED, f"status {response.status} without a Location")
    try:
        return resolve_reference(url, location)
    except ValueError as error:
        raise FetchError(FetchResult.REDIRECT_REFUSED, str(error)) from None


def _content(response: HTTPResponse) -> Iterator[bytes]:
    """Yield the body without its transfer coding."""
    size = 0
    try:
        for count, piece in enumerate(response.stream(READ_SIZE, decode_content=False), start=1):
            size += len(piece)
            if count > _MANY_PIECES and size < count * _LEAST_PIECE:
                raise FetchError(FetchResult.MALFORMED, f"the chunks are too small: {size} bytes in {count} of them")
            yield piece
    except ValueError as error:  # what the library makes of a negative chunk size
        raise FetchError(FetchResult.MALFORMED, f"the chunks are malformed: {quoted(str(error))}") from error


def _translated(error: Exception, *, closed: bool) -> FetchError:
    """Say in our words what the libraries say in theirs. Their texts quote the server, hence ``quoted``."""
    wrapped = isinstance(error, urllib3.exceptions.ProtocolError | urllib3.exceptions.SSLError)
    cause = error.args[-1] if wrapped else error
    text = quoted(str(cause))
    if isinstance(cause, ssl.SSLError):
        return FetchError(FetchResult.TLS_FAILED, text)
    if isinstance(cause, OSError):  # a reset, or a connection closed before there was an answer
        return FetchError(FetchResult.NETWORK, f"the connection broke: {text}")
    if closed:
        return FetchError(FetchResult.TRUNCATED, f"the connection closed before the end: {text}")
    return FetchError(FetchResult.MALFORMED, f"the answer is not proper HTTP: {text}")

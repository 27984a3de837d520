"""How a fetch ended: one word for metrics, one sentence for the operator."""

from enum import StrEnum


class FetchResult(StrEnum):
    """Every end of a fetch. The values are label values of ``extauthz_crl_fetch_total``."""

    SUCCESS = "success"
    """200, and the whole body was written."""
    NOT_MODIFIED = "not_modified"
    """304: what is known is still current."""
    URL_REFUSED = "url_refused"
    """Not an http or https URL, or one with user information or a host that is none."""
    NAME_RESOLUTION = "name_resolution"
    """The host's name has no address, or the name service does not answer."""
    ADDRESS_REFUSED = "address_refused"
    """The host has an address that may not be connected to."""
    CONNECT_FAILED = "connect_failed"
    """No address of the host accepted a connection in time."""
    TLS_FAILED = "tls_failed"
    """The server's certificate or TLS handshake was refused."""
    NETWORK = "network"
    """The connection broke, or closed without an answer."""
    TIMEOUT = "timeout"
    """The whole transfer did not end in time."""
    HTTP_STATUS = "http_status"
    """Any status but 200, a followed redirect, and a 304 that was asked for."""
    REDIRECT_REFUSED = "redirect_refused"
    """Too many redirects, or one to a place that is not allowed."""
    ENCODING_REFUSED = "encoding_refused"
    """A Content-Encoding that is not read here."""
    TOO_LARGE = "too_large"
    """More bytes than allowed, on the wire or after decompression."""
    TRUNCATED = "truncated"
    """The body ended before its end."""
    MALFORMED = "malformed"
    """Not HTTP, or not the encoding that it claims."""
    EMPTY = "empty"
    """200 without a single byte."""
    STORAGE = "storage"
    """The bytes could not be written on this side: a full disk, for one."""


class FetchError(Exception):
    """A fetch that gave no CRL. ``detail`` is a sentence for the operator; what came from outside is quoted in it."""

    def __init__(self, result: FetchResult, detail: str) -> None:
        super().__init__(f"{result}: {detail}")
        self.result = result
        self.detail = detail

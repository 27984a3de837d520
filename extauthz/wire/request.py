"""CheckRequest bytes to ``AuthRequest`` (Envoy API ``envoy.service.auth.v3``, ``attribute_context.proto``)."""

import re
from collections.abc import Iterable, Mapping

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.filter_metadata import FilterMetadata
from extauthz.wire.proto.envoy.service.auth.v3.attribute_context_pb2 import AttributeContext
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest

MAX_UNDERSCORED_HEADERS = 128
"""Names that may be an identity header in another spelling. Each of them costs work here and a removal at the proxy;
Envoy forwards at most 100 headers unless told otherwise, so only a strange caller ever gets here."""

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
"""RFC 9110 §5.6.2 ``token``, lower case."""


def read_check_request(raw: bytes, wanted_headers: frozenset[str], managed_prefix: str) -> AuthRequest:
    """Read one serialised CheckRequest, of which only the ``wanted_headers`` are copied.

    ``wanted_headers`` and ``managed_prefix`` are lower case. Zero bytes are a valid question: no HTTP, no certificate.

    Headers come either merged in ``headers`` or line by line in ``header_map``; when both hold any, ``header_map``
    counts, which loses nothing. Nothing is verified: neither who asks, nor the certificate, nor any value.

    Raises ``DecodeError``: ``request_malformed`` for bytes that are not a CheckRequest, for a header in two
    spellings in ``headers`` (the order in which they came is lost), and for a header whose name cannot be one;
    ``request_too_large`` past ``MAX_UNDERSCORED_HEADERS``.
    """
    try:
        attributes = CheckRequest.FromString(raw).attributes
    except Exception as error:
        # protobuf's parsers differ: the C one has its own DecodeError for every cause, the Python one also lets
        # UnicodeDecodeError, struct.error and RecursionError through. All of them mean the same here.
        raise DecodeError(Reason.REQUEST_MALFORMED, f"not a CheckRequest: {error}") from error
    is_http = attributes.request.HasField("http")
    http = attributes.request.http
    headers: Mapping[str, tuple[str, ...]] = {}
    names: Iterable[str] = ()
    if http.header_map.headers:
        headers, names = _read_header_map(http, wanted_headers)
    elif http.headers:
        headers, names = _read_merged_headers(http, wanted_headers)
    filter_metadata = attributes.metadata_context.filter_metadata
    return AuthRequest(
        source_certificate=attributes.source.certificate,
        headers=headers,
        underscored_headers=_forgery_candidates(names, managed_prefix),
        method=http.method,
        host=http.host,
        path=http.path,
        sni=attributes.tls_session.sni,
        context_extensions=dict(attributes.context_extensions),
        metadata=FilterMetadata(filter_metadata) if filter_metadata else {},
        is_http=is_http,
    )


def _read_header_map(
    http: AttributeContext.HttpRequest, wanted: frozenset[str]
) -> tuple[Mapping[str, tuple[str, ...]], Iterable[str]]:
    """Return the wanted headers, each line by itself and in order, and the names of all headers."""
    lines: dict[str, list[str]] = {}
    keys = set()
    for entry in http.header_map.headers:
        keys.add(entry.key)
        name = entry.key.lower()
        if name in wanted:
            raw = entry.raw_value
            value = raw.decode("utf-8", "surrogateescape") if raw else entry.value
            lines.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in lines.items()}, keys


def _read_merged_headers(
    http: AttributeContext.HttpRequest, wanted: frozenset[str]
) -> tuple[Mapping[str, tuple[str, ...]], Iterable[str]]:
    """Return the wanted headers, each as one value, and the names of all headers."""
    merged = http.headers
    names = list(merged)
    keys = dict(zip(map(str.lower, names), names, strict=True))
    if len(keys) != len(names):
        raise DecodeError(Reason.REQUEST_MALFORMED, "a header stands in two spellings in a map without order")
    return {name: (merged[keys[name]],) for name in wanted if name in keys}, names


_ALIAS = re.compile(r"[!#$%&'*+.^_`|~]")
"""Signs of a field name (RFC 9110 §5.6.2) that a server may take for a ``-``."""


def _forgery_candidates(names: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Return, lower case and in order, the names that may be a managed header in its own or in another spelling.

    Each may become an instruction to the proxy to remove it, so each must be a name, and there must not be too many.
    The other names go nowhere.
    """
    text = "\n".join(names)
    if not text.isascii():  # str.lower() makes an ASCII k of a Kelvin sign: no such name may pass for another
        raise DecodeError(Reason.REQUEST_MALFORMED, "a header name that is not ASCII")
    text = text.lower()
    if _ALIAS.search(text) is None and prefix not in text:  # the usual request: two searches in all, not for each name
        return ()
    lowered = {name.lower() for name in names}
    candidates = sorted(name for name in lowered if _ALIAS.search(name) or name.startswith(prefix))
    if len(candidates) > MAX_UNDERSCORED_HEADERS:
        detail = f"{len(candidates)} header names with _ or the managed prefix; at most {MAX_UNDERSCORED_HEADERS}"
        raise DecodeError(Reason.REQUEST_TOO_LARGE, detail)
    for name in candidates:
        if not _FIELD_NAME.fullmatch(name):
            raise DecodeError(Reason.REQUEST_MALFORMED, f"not a header name: {name[:64]!r}")
    return tuple(candidates)

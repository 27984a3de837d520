"""CheckRequest bytes to ``AuthRequest`` (Envoy API ``envoy.service.auth.v3``, ``attribute_context.proto``)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.filter_metadata import FilterMetadata
from extauthz.wire.forged_names import forgery_candidates
from extauthz.wire.proto.envoy.config.core.v3.base_pb2 import HeaderValue
from extauthz.wire.proto.envoy.service.auth.v3.attribute_context_pb2 import AttributeContext
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest

_NO_HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NO_CONTEXT: Mapping[str, str] = MappingProxyType({})
_NO_METADATA: Mapping[str, Mapping[str, object]] = MappingProxyType({})

KEPT_HEADER_NAMES = 1_024
"""Sets of header names that are kept: a proxy's requests have few, as most of the names come from browsers and
libraries. When there are more, somebody invents them, and all are forgotten at once, in less than a millisecond."""
MAX_KEPT_NAMES_CHARACTERS = 1_024
MAX_KEPT_UNDERSCORED = 4
"""Of one set. Larger ones are looked through anew each time."""

_new_tuple: Final = tuple.__new__
"""What ``AuthRequest(…)`` ends with: half of its cost is in getting there."""


class _Names(NamedTuple):
    """What follows from the names of a request's headers."""

    wanted: tuple[tuple[str, str], ...]
    """Lower-case name and the name as it is written, of each wanted header that is there."""
    underscored: tuple[str, ...]
    number: int
    """Of the names. Other names that are the same when joined, as one of them holds a line break, are fewer."""


class CheckRequestReader:
    """Reads CheckRequests for one engine."""

    def __init__(
        self, wanted_headers: frozenset[str], managed_prefix: str, *, context: bool = True, metadata: bool = True
    ) -> None:
        """Say what the engine looks at; the names are lower case.

        ``context``: also ``context_extensions``; ``metadata``: also ``metadata_context.filter_metadata``. Where they
        are not asked for, nobody pays for reading them.
        """
        self._wanted = wanted_headers
        self._prefix = managed_prefix
        self._context = context
        self._metadata = metadata
        self._known_maps: dict[str, _Names] = {}
        self._known_lines: dict[str, _Names] = {}

    def read(self, raw: bytes) -> AuthRequest:
        """Read one serialised CheckRequest, of which only the wanted headers are copied.

        Zero bytes are a valid question: no HTTP, no certificate. Headers come either merged in ``headers`` or line by
        line in ``header_map``; when both hold any, ``header_map`` counts, which loses nothing. Nothing is verified:
        neither who asks, nor the certificate, nor any value.

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
        request = attributes.request
        http = request.http
        method = http.method
        headers: Mapping[str, tuple[str, ...]] = _NO_HEADERS
        underscored: tuple[str, ...] = ()
        if http.HasField("header_map") and (lines := http.header_map.headers):
            headers, underscored = self._read_lines(lines)
        else:
            merged = http.headers
            names = "\n".join(merged)
            known = self._known_maps.get(names)
            if known is None or known.number != len(merged):
                known = self._look_through(names, list(merged))
            wanted, underscored, _ = known
            if wanted:
                headers = {name: (merged[written],) for name, written in wanted}
        fields = (
            attributes.source.certificate,
            headers,
            underscored,
            method,
            http.host,
            http.path,
            attributes.tls_session.sni,
            dict(attributes.context_extensions) if self._context else _NO_CONTEXT,
            self._metadata_of(attributes) if self._metadata else _NO_METADATA,
            # Every HTTP request has a method; without one, whether there is HTTP at all costs a question more.
            True if method else request.HasField("http"),
        )
        return _new_tuple(AuthRequest, fields)

    def _metadata_of(self, attributes: AttributeContext) -> Mapping[str, Mapping[str, object]]:
        filter_metadata = attributes.metadata_context.filter_metadata
        return FilterMetadata(filter_metadata) if filter_metadata else _NO_METADATA

    def _read_lines(self, lines: Sequence[HeaderValue]) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
        """Return the wanted headers, each line by itself and in order, and the names that look forged."""
        wanted = self._wanted
        found: dict[str, list[str]] = {}
        keys = []
        for entry in lines:
            key = entry.key
            keys.append(key)
            if key in wanted or key.lower() in wanted:
                raw = entry.raw_value
                value = raw.decode("utf-8", "surrogateescape") if raw else entry.value
                found.setdefault(key.lower(), []).append(value)
        names = "\n".join(keys)
        known = self._known_lines.get(names)
        if known is None or known.number != len(keys):
            known = _Names((), forgery_candidates(set(keys), self._prefix), len(keys))
            _keep(self._known_lines, names, known)
        return {name: tuple(values) for name, values in found.items()}, known.underscored

    def _look_through(self, names: str, written: Sequence[str]) -> _Names:
        """Find what follows from the names of merged headers, and keep it."""
        by_name = dict(zip(map(str.lower, written), written, strict=True))
        if len(by_name) != len(written):
            raise DecodeError(Reason.REQUEST_MALFORMED, "a header stands in two spellings in a map without order")
        present = tuple((name, by_name[name]) for name in self._wanted if name in by_name)
        found = _Names(present, forgery_candidates(written, self._prefix), len(written))
        _keep(self._known_maps, names, found)
        return found


def _keep(known: dict[str, _Names], names: str, found: _Names) -> None:
    """Keep what was found, unless the joined names could be those of other headers too: one holds a line break."""
    if (
        len(names) <= MAX_KEPT_NAMES_CHARACTERS
        and len(found.underscored) <= MAX_KEPT_UNDERSCORED
        and names.count("\n") < found.number
    ):
        if len(known) >= KEPT_HEADER_NAMES:
            known.clear()
        known[names] = found

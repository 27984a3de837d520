"""A proxy's question over HTTP to ``AuthRequest``."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.forged_names import forgery_candidates
from extauthz.wire.http.dialect import RequestForm

_URL = re.compile(r"https?://([^/?#]+)(/[^#]*|)", re.IGNORECASE)
"""A URL as proxies put it together of scheme, host and request target."""
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110 §9.1: a method is a ``token``."""
_HOST = "host"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_METADATA: Mapping[str, Mapping[str, object]] = MappingProxyType({})


class HttpQuestion(NamedTuple):
    """One request of a proxy."""

    method: bytes
    target: bytes
    """As it was sent."""
    headers: Sequence[tuple[bytes, bytes]]
    """In order; names lower case."""


class HttpQuestionReader:
    """Reads the questions of one engine in one dialect."""

    def __init__(
        self, form: RequestForm, prefix: bytes, *, wanted_headers: frozenset[str], managed_prefix: str
    ) -> None:
        """``prefix`` stands before the path of the request in question, where that is the question's own.

        ``wanted_headers`` (lower case) are what the engine looks at.
        """
        self._form = form
        self._prefix = prefix
        self._managed_prefix = managed_prefix
        of_request = (form.method, form.host or _HOST, form.path, form.url)
        names = {*wanted_headers, *(name for name in of_request if name is not None)}
        self._wanted = {name.encode("ascii"): name for name in names}
        self._carries_headers = form == RequestForm()

    def read(self, question: HttpQuestion) -> AuthRequest:
        """Read one question. Nothing is verified: neither who asks, nor the certificate, nor any value.

        Raises ``DecodeError``: ``request_malformed`` when the proxy does not say what is asked about, says it twice, or
        says what is no method or URL; ``request_too_large`` for too many names that look forged.
        """
        wanted = self._wanted
        found: dict[str, list[str]] = {}
        for name, value in question.headers:
            if name in wanted:
                text = value.strip(b" \t").decode("utf-8", "surrogateescape")
                found.setdefault(wanted[name], []).append(text)
        headers = {name: tuple(lines) for name, lines in found.items()}
        form = self._form
        method = question.method.decode("latin-1") if form.method is None else _only(headers, form.method)
        if _METHOD.fullmatch(method) is None:
            raise DecodeError(Reason.REQUEST_MALFORMED, "the method is none")
        if form.url is not None:
            host, path = _host_and_path(_only(headers, form.url))
        else:
            host = _only(headers, form.host or _HOST)
            path = self._own_path(question.target) if form.path is None else _only(headers, form.path)
        forged: tuple[str, ...] = ()
        if self._carries_headers:  # else a proxy's own configuration removes what is forged, or nobody does
            names = [name.decode("latin-1") for name, _ in question.headers]
            forged = forgery_candidates(names, self._managed_prefix)
        return AuthRequest("", headers, forged, method, host, path, "", _NOTHING, _NO_METADATA, True)  # noqa: FBT003  (a NamedTuple's field)

    def _own_path(self, target: bytes) -> str:
        path = target[len(self._prefix) :].decode("utf-8", "surrogateescape")
        return path if path[:1] in ("/", "*") else f"/{path}"


def _only(headers: Mapping[str, tuple[str, ...]], name: str) -> str:
    """Return the value of a header that must be there once. An empty one says as little as none."""
    lines = headers.get(name, ())
    if len(lines) != 1 or not lines[0]:
        what = f"the header {name} comes {len(lines)} times" if len(lines) > 1 else f"there is no header {name}"
        raise DecodeError(
            Reason.REQUEST_MALFORMED, f"{what}: the proxy has to say in it, once, which request it asks about"
        )
    return lines[0]


def _host_and_path(url: str) -> tuple[str, str]:
    match = _URL.fullmatch(url)
    if match is None:
        raise DecodeError(Reason.REQUEST_MALFORMED, "the original URL is no http or https URL with a host")
    return match[1], match[2] or "/"

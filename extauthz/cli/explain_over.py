"""Which of the listeners ``extauthz explain`` speaks for: each has sources of its own, and a way to be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extauthz.cli.errors import CommandError
from extauthz.cli.explain_message import as_the_service_reads_it
from extauthz.config.build import BuiltEngine
from extauthz.config.build_http import BuiltHttp, http_sources
from extauthz.config.schema.sources import Source
from extauthz.engine import Engine
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.service.served import request_form
from extauthz.wire.engine_reader import http_reader_for
from extauthz.wire.http.question import HttpQuestion

OVER = ("grpc", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One listener."""

    over: str
    engine: Engine
    sources: Sequence[Source]
    read: Callable[[AuthRequest], AuthRequest]
    """Takes a request as the listener would have it before it; raises DecodeError where it would deny unread."""


def explained(built: BuiltEngine, over: str | None) -> Explained:
    """Return the listener that is meant: None is that for gRPC where there is one. Raises CommandError."""
    if over is None:
        over = "grpc" if built.config.sources is not None else "http"
    if over == "http":
        if built.http is None:
            raise CommandError("the configuration has no `listen.http`; leave --over away")
        return Explained(
            over=over,
            engine=built.http.engine,
            sources=http_sources(built.config),
            read=_HttpReading(built.http).read,
        )
    if built.config.sources is None:
        raise CommandError("the configuration has no `sources`, and so no gRPC listener; say --over http")
    limit = built.config.listen.grpc.max_message_bytes
    return Explained(
        over=over,
        engine=built.engine,
        sources=built.config.sources,
        read=lambda request: as_the_service_reads_it(request, built.engine, limit),
    )


class _HttpReading:
    """Asks as the proxy of the dialect does: what the request says in its own headers already stays as it is."""

    def __init__(self, http: BuiltHttp) -> None:
        self._prefix = http.settings.prefix
        self._form = request_form(http.settings)
        self._reader = http_reader_for(http.engine, self._form, self._prefix)

    def read(self, request: AuthRequest) -> AuthRequest:
        try:
            question = self._question(request)
        except UnicodeEncodeError as error:
            raise DecodeError(Reason.REQUEST_MALFORMED, f"no HTTP request can hold this: {error}") from error
        return self._reader.read(question)

    def _question(self, request: AuthRequest) -> HttpQuestion:
        form = self._form
        said = {
            form.method: request.method,
            form.host if form.host is not None or form.url is not None else "host": request.host,
            form.path: request.path,
            form.url: f"https://{request.host}{request.path}",
        }
        headers = [
            (name.encode("utf-8"), value.encode("utf-8", "surrogateescape"))
            for name, values in request.headers.items()
            for value in values
        ]
        headers.extend(
            (name.encode("ascii"), value.encode("utf-8", "surrogateescape"))
            for name, value in said.items()
            if name is not None and name not in request.headers
        )
        method = request.method if form.method is None else "GET"
        path = request.path if form == type(form)() else ""
        return HttpQuestion(method.encode("utf-8"), f"{self._prefix}{path}".encode("utf-8", "surrogateescape"), headers)

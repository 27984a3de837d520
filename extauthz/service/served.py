"""What answers checks needs of one load: a generation for each listener, and what is shown of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from extauthz.config.build import BuiltEngine
from extauthz.config.build_http import http_sources
from extauthz.config.certificate_files import certificates_from_file
from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Http
from extauthz.config.schema.sources import Source
from extauthz.config.schema.tls import ServerTls
from extauthz.engine import Engine
from extauthz.observe.check_metrics import Api
from extauthz.observe.decision_log import DecisionLogSettings
from extauthz.observe.engine_metrics import AnchorView, EngineView, ServerCertificateView
from extauthz.service.engine_holder import Generation
from extauthz.service.http_callers import Door
from extauthz.service.tls import TlsMaterial
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import http_reader_for, reader_for
from extauthz.wire.http.answer import HttpAnswer, HttpAnswerWriter
from extauthz.wire.http.dialect import PRESETS, Dialect, RequestForm
from extauthz.wire.http.question import HttpQuestion

DIGEST_DIGITS = 12
"""Of the configuration's digest in log lines and the ``hash`` label: enough to tell configurations apart by eye."""
_NO_DECISION_LOG = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What answers checks needs of one load."""

    grpc: Generation[bytes, bytes] | None
    """Of the gRPC listener; None where there is none."""
    http: Generation[HttpQuestion, HttpAnswer] | None
    """Of the HTTP listener."""
    http_tls: TlsMaterial | None
    digest: str
    """Short form of the configuration's."""
    view: EngineView
    config: Config
    revocation: RevocationChecker | None
    """The engine's; None when revocation is not checked. What CRLs are in its store comes by another way."""
    tls: TlsMaterial | None


class _WriterInputs(NamedTuple):
    """What a writer is built from. Decisions have the answers that it has prepared."""

    name: str
    """``grpc``, or the dialect of HTTP."""
    answer: DenyAnswer


@dataclass(frozen=True, slots=True)
class Caches:
    """What the engines of one configuration remember: each what it judged, all together what certificates are worth."""

    engines: tuple[Engine, ...]
    trust: CertificateTrust

    @property
    def hits(self) -> int:
        """How often what was presented had been judged, or assessed for another policy."""
        return sum(engine.hits for engine in self.engines) - (len(self.engines) - 1) * self.trust.hits

    @property
    def misses(self) -> int:
        """How often a certificate had to be parsed and verified."""
        return self.trust.misses


def served_from(built: BuiltEngine) -> Served:
    """Take what was built apart into what each listener answers with."""
    config = built.config
    deny = DenyAnswer(status=config.deny.status, body=config.deny.body, expose_reason=config.deny.expose_reason)
    log = _decision_log(built)
    digest = built.digest[:DIGEST_DIGITS]
    grpc = None
    if config.sources is not None:
        grpc = Generation(
            engine=built.engine,
            reader=reader_for(built.engine),
            writer=built.parts.take(_WriterInputs("grpc", deny), _answer_writer),
            decision_log=log,
            digest=digest,
            callers=built.allowed_clients,
        )
    http = None
    if built.http is not None:
        settings = built.http.settings
        form = request_form(settings)
        http = Generation(
            engine=built.http.engine,
            reader=http_reader_for(built.http.engine, form, settings.prefix),
            writer=built.parts.take(_WriterInputs(settings.dialect, deny), _http_answer_writer),
            decision_log=log,
            digest=digest,
            callers=Door(
                prefix=settings.prefix.encode("ascii"), any_method=form.method is None, rules=built.http.callers
            ),
        )
    tls = _tls(built, config.listen.grpc.tls)
    http_tls = None if built.http is None else _tls(built, built.http.settings.tls)
    return Served(
        grpc=grpc,
        http=http,
        http_tls=http_tls,
        digest=digest,
        view=EngineView(
            digest=digest,
            policies=built.engine.policy_names,
            sources=tuple(dict.fromkeys(source.type for source in _all_sources(built))),
            anchors=tuple(
                AnchorView(
                    fingerprint8=anchor.sha256.hex()[:8],
                    not_after=anchor.identity.not_after,
                    subject_dn=anchor.identity.subject_dn,
                )
                for anchor in built.anchors
            ),
            cache=Caches(_engines(built), built.engine.trust),
            server_certificates=tuple(_server_certificates({Api.GRPC: tls, Api.HTTP: http_tls})),
        ),
        config=config,
        revocation=built.engine.trust.revocation,
        tls=tls,
    )


def _answer_writer(inputs: _WriterInputs) -> AnswerWriter:
    return AnswerWriter(inputs.answer)


def _http_answer_writer(inputs: _WriterInputs) -> HttpAnswerWriter:
    return HttpAnswerWriter(inputs.answer, PRESETS[Dialect(inputs.name)])


def request_form(settings: Http) -> RequestForm:
    """Return where the request in question stands: where the dialect has it, but for what is configured otherwise."""
    form = PRESETS[Dialect(settings.dialect)].form
    own = settings.request
    if own is None:
        return form
    if own.url_header is not None:
        return RequestForm(method=own.method_header or form.method, url=own.url_header)
    whole = form.url if own.host_header is None and own.path_header is None else None
    return RequestForm(
        method=own.method_header or form.method,
        host=own.host_header or form.host,
        path=own.path_header or form.path,
        url=whole,
    )


def _all_sources(built: BuiltEngine) -> Iterator[Source]:
    yield from built.config.sources or ()
    yield from http_sources(built.config)


def _decision_log(built: BuiltEngine) -> DecisionLogSettings | None:
    log = built.config.decision_log
    if log.path == _NO_DECISION_LOG:
        return None
    return DecisionLogSettings(
        path=_decision_log_path(built, log.path), allow_sample=log.allow_sample, include=log.include
    )


def _decision_log_path(built: BuiltEngine, path: str) -> str:
    return path if path == "-" else str(built.directory / path)


def _tls(built: BuiltEngine, settings: ServerTls | None) -> TlsMaterial | None:
    """Return the very bytes that were checked."""
    return None if settings is None else TlsMaterial.of(settings, built.directory, built.files.contents)


def _server_certificates(listeners: Mapping[Api, TlsMaterial | None]) -> Iterator[ServerCertificateView]:
    for api, material in listeners.items():
        if material is not None:
            own = certificates_from_file(material.certificates)[0].identity
            yield ServerCertificateView(api=api.value, not_before=own.not_before, not_after=own.not_after)


def _engines(built: BuiltEngine) -> tuple[Engine, ...]:
    http = None if built.http is None else built.http.engine
    return (built.engine,) if http is None or http is built.engine else (built.engine, http)

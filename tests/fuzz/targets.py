"""What is fuzzed. A target takes bytes and returns; whatever it raises is a broken promise."""

import tempfile
from functools import lru_cache
from pathlib import Path

from fuzz import connection, connection_corpus, crl_targets, http_connection, source_targets
from fuzz.mutate_frames import mutate_frames
from fuzz.world import BrokenPromiseError, Target, must_be_earned, small_engine, world

from extauthz.config.load import load
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import to_json
from extauthz.model.errors import ConfigError, DecodeError
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import reader_for
from extauthz.wire.proto.envoy.service.auth.v3 import external_auth_pb2
from extauthz.wire.response import write_check_response
from support import pki


def _certificate(data: bytes) -> None:
    try:
        certificate = parse_certificate(data)
    except DecodeError:
        return
    to_json(certificate.identity)
    HeaderRenderer().render(certificate.identity, policy="p", session_expires=None)


def _check_request(data: bytes) -> None:
    engine = small_engine()
    try:
        request = reader_for(engine).read(data)
    except DecodeError:
        return
    decision = engine.decide(request, pki.NOW)
    response = external_auth_pb2.CheckResponse.FromString(write_check_response(decision, DenyAnswer(), "id"))
    if (response.status.code == 0) != decision.allowed:
        raise BrokenPromiseError("the status does not say what was decided")
    if not decision.allowed:
        return
    must_be_earned(decision)
    for option in response.ok_response.headers:
        if not option.header.value.isascii() or not option.header.value.isprintable():
            raise BrokenPromiseError(f"the header {option.header.key} would leave its line")


def _connection(data: bytes) -> None:
    connection.run(data, small_engine())


CONFIG = """\
version: 1
listen:
  grpc: {address: "127.0.0.1:9191"}
  http: {address: "127.0.0.1:9192", dialect: caddy, prefix: /ask, callers: {addresses: [10.0.0.0/8]}, idle_timeout: 90s}
  admin: {address: "127.0.0.1:9190"}
sources:
- type: envoy_peer
- {type: xfcc, element: {from_right: 2}, by: ["spiffe://cluster.local/gateway"], format: either}
- {type: nginx, header: ssl-client-cert, verify_header: ssl-client-verify, verify: here}
- {type: base64_der, header: x-leaf, chain_header: x-chain, form: single}
- {type: rfc9440}
- {type: aws_alb, mode: passthrough, header: x-alb}
trust: {anchors: [root.pem], intermediates: [ca.pem], chain: verify, clock_skew: 30s}
revocation: {crls: [{path: crls/}], revoked: [{issuer: "CN=Fuzz Issuing,O=Example", serial: "0a1b"}], grace: 2h}
policies:
- name: pay
  when: {hosts: ["pay.example.com"], paths: ["/v1/**"], methods: [GET, POST], context: {policy: pay}}
  require:
    issuer: ["CN=Fuzz Issuing,O=Example"]
    san: {dns: ["*.example"], ip: ["10.0.0.0/8"]}
    any_of: [{common_name: ["re:a+"]}, {organizational_unit: ["Ops"]}]
    not: {common_name: [mallory]}
    token_binding: if_present
  session_lifetime: 600s
- {name: rest, when: {}, require: {}}
headers: {prefix: "x-client-cert-", emit: [subject, cn], map: {x-user: common_name}}
deny: {status: 403, body: problem_json}
decision_log: {path: "-", allow_sample: 0.5, include: [subject, sha256]}
"""


@lru_cache(maxsize=1)
def _config_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="extauthz-fuzz-"))
    here = world()
    (directory / "root.pem").write_bytes(here.root.pem)
    (directory / "ca.pem").write_bytes(here.ca.pem)
    (directory / "crls").mkdir()
    (directory / "crls" / "ca.crl").write_bytes(here.ca.crl([here.leaves[0]]))
    return directory


def _config(data: bytes) -> None:
    file = _config_directory() / "extauthz.yaml"
    file.write_bytes(data)
    try:
        load(file)
    except ConfigError as error:
        if not error.problems:
            raise BrokenPromiseError("a refusal without a problem") from error


def _requests() -> list[bytes]:
    here = world()
    made = []
    for leaf in here.leaves:
        request = external_auth_pb2.CheckRequest()
        attributes = request.attributes
        attributes.source.certificate = pki.url_pem(leaf.der)
        http = attributes.request.http
        http.method, http.path, http.host = "GET", "/v1/pay?x=1", "pay.example.com"
        http.headers["x-forwarded-client-cert"] = pki.xfcc(leaf.der, chain=leaf.chain, subject=pki.rfc2253(leaf.name))
        http.headers["x_client_cert_subject"] = "forged"
        attributes.context_extensions["policy"] = "pay"
        attributes.tls_session.sni = "pay.example.com"
        made.append(request.SerializeToString())
    return made


def targets() -> tuple[Target, ...]:
    """Return every target with its corpus."""
    here = world()
    ders = [*(leaf.der for leaf in here.leaves), here.ca.der, here.root.der]
    return (
        Target("certificate", ders, _certificate),
        Target("check_request", _requests(), _check_request),
        Target("connection", connection_corpus.corpus(here.leaves), _connection, mutate_frames),
        http_connection.target(),
        Target("config", [CONFIG.encode()], _config),
        *source_targets.targets(),
        *crl_targets.targets(),
    )

"""What is fuzzed. A target takes bytes and returns; whatever it raises is a broken promise."""

import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from fuzz import connection, connection_corpus
from fuzz.mutate import mutate
from fuzz.mutate_frames import mutate_frames

from extauthz.config.load import load
from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import to_json
from extauthz.identity.names import NameKey
from extauthz.model.errors import ConfigError, DecodeError
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import XfccSource
from extauthz.sources.xfcc_choice import Last
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.crl.entries import RawEntry, read_entries
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.index import CrlIndex, build_index
from extauthz.trust.crl.load import CrlError, load_crl
from extauthz.trust.crl.revoked_entry import NO_REASON, pack
from extauthz.trust.crl.structure import read_structure
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import reader_for
from extauthz.wire.proto.envoy.service.auth.v3 import external_auth_pb2
from extauthz.wire.response import write_check_response
from support import pki


class BrokenPromiseError(Exception):
    """A promise that does not hold for some input."""


@dataclass(frozen=True)
class Target:
    """A name, valid inputs to start from, and the function that must keep its promise."""

    name: str
    corpus: Sequence[bytes]
    run: Callable[[bytes], None]
    mutate: Callable[[random.Random, Sequence[bytes]], bytes] = mutate
    """Makes one input of the valid ones."""


@dataclass(frozen=True)
class World:
    """One small PKI: everything that may be allowed is in ``good``."""

    root: pki.Authority
    ca: pki.Authority
    good: frozenset[bytes]
    leaves: tuple[pki.Leaf, ...]


@lru_cache(maxsize=1)
def world() -> World:
    root = pki.make_ca("Fuzz Root")
    ca = pki.make_ca("Fuzz Issuing", parent=root)
    good = (
        ca.issue("alice", organizational_unit="Ops", emails=["alice@example.com"], ips=["10.0.0.1"], upns=["a@b.mil"]),
        ca.issue('Zoë "Z" Ng, Inc', dns=["z.example", "y.example"], uris=["spiffe://example.org/a"]),
    )
    bad = (
        ca.issue("expired", not_after=pki.NOW - pki.DAY),
        pki.make_ca("Rogue").issue("rogue", uris=["spiffe://example.org/a"]),
    )
    return World(root, ca, frozenset(leaf.sha256 for leaf in good), (*good, *bad))


def _certificate(data: bytes) -> None:
    try:
        certificate = parse_certificate(data)
    except DecodeError:
        return
    to_json(certificate.identity)
    HeaderRenderer().render(certificate.identity, policy="p", session_expires=None)


@lru_cache(maxsize=1)
def small_engine() -> Engine:
    here = world()
    verifier = ChainVerifier([parse_certificate(here.root.der)], [parse_certificate(here.ca.der)], ChainMode.VERIFY)
    trust = CertificateTrust(verifier, None)
    method = ClientCertAuthMethod(ClientCertConfig(), trust=trust)
    policies = [
        (
            compile_when(paths=["/admin/**"]),
            Policy(name="admin", method=method),
        ),
        (compile_when(), Policy(name="any", method=method)),
    ]
    sources = SourceReader([EnvoyPeerSource(), XfccSource(Last())])
    return Engine(sources=sources, policies=policies, headers=HeaderRenderer(), trust=trust, digest="fuzz")


def _must_be_earned(sha256: str | None) -> None:
    if sha256 is None or bytes.fromhex(sha256) not in world().good:
        raise BrokenPromiseError(f"allowed {sha256}, which is not a good certificate")


def _xfcc(data: bytes) -> None:
    header = data.decode("utf-8", "surrogateescape")
    request = AuthRequest(headers={"x-forwarded-client-cert": (header,)}, path="/")
    decision = small_engine().decide(request, pki.NOW)
    if decision.allowed:
        _must_be_earned(decision.identity.sha256 if decision.identity else None)


def _peer(data: bytes) -> None:
    request = AuthRequest(source_certificate=data.decode("utf-8", "surrogateescape"), path="/")
    decision = small_engine().decide(request, pki.NOW)
    if decision.allowed:
        _must_be_earned(decision.identity.sha256 if decision.identity else None)


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
    _must_be_earned(decision.identity.sha256 if decision.identity else None)
    for option in response.ok_response.headers:
        if not option.header.value.isascii() or not option.header.value.isprintable():
            raise BrokenPromiseError(f"the header {option.header.key} would leave its line")


def _connection(data: bytes) -> None:
    connection.run(data, small_engine())


def _crl(data: bytes) -> None:
    here = world()
    try:
        crl = load_crl(data, [parse_certificate(here.root.der), parse_certificate(here.ca.der)])
    except CrlError:
        return
    # What is signed must be what was signed; the wrapping of the signature (unused bits of a BIT STRING) may differ.
    if x509.load_der_x509_crl(data).tbs_certlist_bytes not in _signed_crl_contents():
        raise BrokenPromiseError(f"a changed CRL of {crl.issuer_dn} was accepted")


@lru_cache(maxsize=1)
def _crls() -> tuple[bytes, ...]:
    here = world()
    return (
        here.ca.crl([]),
        here.ca.crl([here.leaves[0], (5, "keyCompromise"), (-7, "certificateHold")], number=7),
        here.root.crl([here.ca], next_update=None, number=None),
        here.ca.crl([(here.leaves[0], "removeFromCRL"), 6], number=9, base_number=7, freshest=["http://crl.example/d"]),
        here.ca.crl(
            [1, pki.listed(2, issuer=here.root.name), 3, pki.listed(4, "superseded", issuer=here.ca.name)],
            scope=pki.scope(full_names=["http://crl.example/1", here.root.name], indirect=True, only_user_certs=True),
        ),
        here.ca.crl(
            [pki.listed(number, date=pki.FAR if number % 7 == 0 else pki.NOW) for number in range(40)],
            scope=pki.scope(reasons=["keyCompromise", "aACompromise"]),
        ),
    )


@lru_cache(maxsize=1)
def _signed_crl_contents() -> frozenset[bytes]:
    return frozenset(x509.load_der_x509_crl(der).tbs_certlist_bytes for der in _crls())


def _crl_content(data: bytes) -> None:
    """Without a signature, so that what is behind it meets hostile bytes too."""
    try:
        head = read_head(data)
        structure = read_structure(memoryview(data))
        raw = read_entries(
            memoryview(data),
            structure.entries_start,
            structure.entries_end,
            own=head.issuer_key,
            indirect=head.scope.indirect,
            delta=head.base_number is not None,
        )
        entries = list(raw)
    except ValueError:  # CrlError, and what a list is refused with
        return
    if read_head(head.skeleton).skeleton != head.skeleton:
        raise BrokenPromiseError("a skeleton is not its own")
    try:
        theirs = [entry.serial_number for entry in x509.load_der_x509_crl(data)]
    except ValueError:  # it looks into extensions that change nothing
        theirs = None
    if theirs is not None and theirs != [int.from_bytes(serial, signed=True) for serial, _, _ in entries]:
        raise BrokenPromiseError(f"the library reads other entries: {theirs}")
    index = CrlIndex(build_index(entries))
    for serial, _, issuer in entries:
        if index.find(int.from_bytes(serial, signed=True), issuer) is None:
            raise BrokenPromiseError(f"{serial.hex()} of {issuer} is lost")


def _crl_index(data: bytes) -> None:
    try:
        index = CrlIndex(data)
    except ValueError:
        return
    for serial in (0, 1, 5, -7, 1 << 64):
        for issuer in (None, NameKey("other")):
            with suppress(ValueError):  # damaged records
                index.find(serial, issuer)


@lru_cache(maxsize=1)
def _indices() -> tuple[bytes, ...]:
    entries: list[RawEntry] = [(bytes((number,)), pack(NO_REASON, b"20260504030201"), None) for number in range(100)]
    foreign: list[RawEntry] = [
        (bytes((1, number)), pack(1, b"20260504030201"), NameKey("other")) for number in range(100)
    ]
    return build_index([]), build_index(entries), build_index(entries + foreign)


CONFIG = """\
version: 1
listen: {grpc: {address: "127.0.0.1:9191"}, admin: {address: "127.0.0.1:9190"}}
sources:
- type: envoy_peer
- {type: xfcc, element: {from_right: 2}, by: ["spiffe://cluster.local/gateway"]}
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
    xfccs = [
        pki.xfcc(leaf.der, chain=leaf.chain, subject=pki.rfc2253(leaf.name), by=["spiffe://gateway"]).encode()
        for leaf in here.leaves
    ]
    xfccs.append(xfccs[0] + b"," + xfccs[1])
    return (
        Target("certificate", ders, _certificate),
        Target("xfcc", xfccs, _xfcc),
        Target("peer", [pki.url_pem(der).encode() for der in ders], _peer),
        Target("check_request", _requests(), _check_request),
        Target("crl", _crls(), _crl),
        Target("crl_content", _crls(), _crl_content),
        Target("crl_index", _indices(), _crl_index),
        Target("connection", connection_corpus.corpus(here.leaves), _connection, mutate_frames),
        Target("config", [CONFIG.encode()], _config),
    )

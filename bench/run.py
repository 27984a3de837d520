"""``make bench``: what one check costs inside the process, from the bytes of the question to the bytes of the answer.

Transport and proxy are left out, so that a change in the deciding code can be seen. Each row is the median of several
rounds; machine and versions are printed beside the table, and ``--json FILE`` keeps the figures.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

import extauthz
from extauthz.config.build import load_engine
from extauthz.demo.dev_pki import DevPki, make_dev_pki, write_dev_pki
from extauthz.observe.check_metrics import Api
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Metrics
from extauthz.service.checker import Checker
from extauthz.service.engine_holder import EngineHolder, Generation
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import reader_for
from extauthz.wire.proto.envoy.service.auth.v3 import external_auth_pb2

ROUNDS = 5
CHECKS = 5_000
NEW_CERTIFICATES = 400

CONFIG = """\
version: 1
listen: {grpc: {address: "127.0.0.1:0"}, admin: {address: "127.0.0.1:0"}}
sources: [{type: envoy_peer}, {type: xfcc}]
trust: {anchors: [pki/root-ca.pem], intermediates: [pki/issuing-ca.pem]}
revocation: {crls: [{path: pki/crls/}]}
policies:
- name: bench
  when: {hosts: ["pay.example.com"], paths: ["/v1/**"], methods: [GET, POST]}
  require:
    issuer: ["CN=Demo Issuing CA,O=Example"]
    organization: [Example]
    organizational_unit: [Engineering, Ops]
    san: {dns: ["*.clients.example"], email: ["*@example.com"]}
    san_present: true
    extended_key_usage: [clientAuth]
    key: [{type: ec, curves: [secp256r1]}]
    max_lifetime: 9600h
    not: {common_name: [mallory]}
decision_log: {path: "off"}
"""

HEADERS = {
    ":authority": "pay.example.com",
    ":method": "GET",
    ":path": "/v1/payments?limit=10",
    ":scheme": "https",
    "accept": "application/json",
    "accept-encoding": "gzip, deflate, br",
    "user-agent": "bench/1.0 (a user agent of ordinary length; like Gecko)",
    "x-forwarded-for": "10.0.0.1",
    "x-forwarded-proto": "https",
    "x-request-id": "5f2b1c1e-7c2f-4a53-9d2e-0d6a3b9e8c11",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


def url_pem(der: bytes) -> str:
    """Percent-encode a certificate's PEM as Envoy does."""
    pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()
    for plain in "\n +/=":
        pem = pem.replace(plain, f"%{ord(plain):02X}")
    return pem


def question(der: bytes | None, *, xfcc: str = "") -> bytes:
    """Serialise a CheckRequest of about 2 KB."""
    request = external_auth_pb2.CheckRequest()
    http = request.attributes.request.http
    http.method, http.host, http.path = "GET", "pay.example.com", HEADERS[":path"]
    for name, value in HEADERS.items():
        http.headers[name] = value
    if der is not None:
        request.attributes.source.certificate = url_pem(der)
    if xfcc:
        http.headers["x-forwarded-client-cert"] = xfcc
    return request.SerializeToString()


def new_clients(pki: DevPki, count: int) -> list[bytes]:
    """Issue certificates that nobody has seen before."""
    issued = []
    for number in range(count):
        attributes = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Ops"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"client{number}"),
        ]
        sans = [x509.DNSName(f"c{number}.clients.example"), x509.RFC822Name(f"c{number}@example.com")]
        issued.append(pki.issuing.issue(x509.Name(attributes), pki.lifetime, sans=sans))
    return [credential.certificate.public_bytes(serialization.Encoding.DER) for credential in issued]


def microseconds(check: Callable[[bytes], bytes], questions: Sequence[bytes], checks: int) -> float:
    """Return the time of one check, over so many."""
    turn = cycle(questions)
    asked = [next(turn) for _ in range(checks)]
    started = time.perf_counter()
    for one in asked:
        check(one)
    return (time.perf_counter() - started) / checks * 1e6


def expect(check: Callable[[bytes], bytes], one: bytes, *, allowed: bool) -> None:
    """Stop when a row would measure something else than it says."""
    response = external_auth_pb2.CheckResponse.FromString(check(one))
    if (response.status.code == 0) != allowed:
        sys.exit(f"the benchmark's own request was answered wrongly: {response}")


def measure(directory: Path) -> dict[str, float]:
    """Measure every row. Medians, in microseconds."""
    pki = make_dev_pki(datetime.now(UTC))
    write_dev_pki(pki, directory / "pki")
    config = directory / "extauthz.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    holder = EngineHolder()

    def load() -> None:
        built = load_engine(config)
        holder.replace(
            Generation(
                engine=built.engine,
                reader=reader_for(built.engine),
                writer=AnswerWriter(DenyAnswer()),
                decision_log=None,
                digest=built.digest[:12],
            )
        )

    load()
    metrics = Metrics(version=extauthz.__version__)
    log = DecisionLog(lambda _why, _count: None)
    check = Checker(holder, metrics.checks.of(Api.GRPC), log).check
    alice = pki.clients["alice"].credential.certificate.public_bytes(serialization.Encoding.DER)
    issuing = pki.issuing.credential.certificate.public_bytes(serialization.Encoding.DER)
    known, nobody = question(alice), question(None)
    chain = question(None, xfcc=f'Cert="{url_pem(alice)}";Chain="{url_pem(alice)}{url_pem(issuing)}"')
    fresh = [question(der) for der in new_clients(pki, NEW_CERTIFICATES)]
    expect(check, known, allowed=True)
    expect(check, chain, allowed=True)
    expect(check, fresh[0], allowed=True)
    expect(check, nobody, allowed=False)

    rows: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        load()  # an empty cache, so that the new certificates are new again
        rows.setdefault("a certificate never seen before", []).append(microseconds(check, fresh, NEW_CERTIFICATES))
        rows.setdefault("a known certificate", []).append(microseconds(check, [known], CHECKS))
        rows.setdefault("400 known certificates in turn", []).append(microseconds(check, fresh, CHECKS))
        rows.setdefault("a known certificate with chain, XFCC", []).append(microseconds(check, [chain], CHECKS))
        rows.setdefault("no certificate: deny", []).append(microseconds(check, [nobody], CHECKS))
    log.close(1.0)
    return {name: statistics.median(figures) for name, figures in rows.items()}


def machine() -> dict[str, str]:
    """Name what the figures belong to."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "cpu": model,
        "python": platform.python_version(),
        "system": platform.platform(),
        "extauthz": extauthz.__version__,
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="extauthz-bench-") as directory:
        rows = measure(Path(directory))
    about = machine()
    print(
        f"{about['cpu']}, Python {about['python']}\n"
        f"one core, median of {ROUNDS} rounds, a policy of ten rules, metrics on, decision log off\n"
    )
    for name, figure in rows.items():
        print(f"  {name:40} {figure:8.1f} us   {1e6 / figure:10,.0f} checks/s and core")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"machine": about, "microseconds": rows}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()

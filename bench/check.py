"""``make bench-check``: what one check costs inside the process, from the bytes of the question to those of the answer.

Transport and proxy are left out, so that a change in the deciding code can be seen. Each row is the median of several
rounds; machine and versions are printed beside the table, and ``--json FILE`` keeps the figures.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from in_process import InProcess
from machine import machine
from questions import new_certificates, question, url_pem
from rules import ten_rules

from extauthz.demo.dev_pki import make_dev_pki, write_dev_pki
from extauthz.wire.proto.envoy.service.auth.v3 import external_auth_pb2

ROUNDS = 5
CHECKS = 5_000
NEW_CERTIFICATES = 400


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
    config.write_text(ten_rules(), encoding="utf-8")
    alice = pki.clients["alice"].credential.certificate.public_bytes(serialization.Encoding.DER)
    issuing = pki.issuing.credential.certificate.public_bytes(serialization.Encoding.DER)
    known, nobody = question(alice), question(None)
    chain = question(None, xfcc=f'Cert="{url_pem(alice)}";Chain="{url_pem(alice)}{url_pem(issuing)}"')
    fresh = [question(der) for der in new_certificates(pki.issuing, pki.lifetime, NEW_CERTIFICATES)]
    rows: dict[str, list[float]] = {}
    with InProcess(config) as service:
        check = service.check
        expect(check, known, allowed=True)
        expect(check, chain, allowed=True)
        expect(check, fresh[0], allowed=True)
        expect(check, nobody, allowed=False)
        for _ in range(ROUNDS):
            service.load()  # an empty cache, so that the new certificates are new again
            rows.setdefault("a certificate never seen before", []).append(microseconds(check, fresh, NEW_CERTIFICATES))
            rows.setdefault("a known certificate", []).append(microseconds(check, [known], CHECKS))
            rows.setdefault("400 known certificates in turn", []).append(microseconds(check, fresh, CHECKS))
            rows.setdefault("a known certificate with chain, XFCC", []).append(microseconds(check, [chain], CHECKS))
            rows.setdefault("no certificate: deny", []).append(microseconds(check, [nobody], CHECKS))
    return {name: statistics.median(figures) for name, figures in rows.items()}


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

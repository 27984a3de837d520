"""Values for the status page: one with something everywhere, changed as a test likes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from extauthz.service.status.model import (
    Anchor,
    Configuration,
    Crl,
    CrlSource,
    Denial,
    LastReload,
    Listener,
    Policy,
    Source,
    Status,
)

AT: Final = datetime(2026, 6, 1, 12, 30, 15, 250_000, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

ANCHOR: Final = Anchor(fingerprint8="0a1b2c3d", subject="CN=Root,O=Example", not_after=AT + 400 * DAY)
CRL: Final = Crl(
    issuer="CN=Issuing CA",
    number=1 << 150,
    delta=False,
    entries=1234,
    this_update=AT - 26 * HOUR,
    next_update=AT - HOUR,
)
CRL_SOURCE: Final = CrlSource(
    label="http://crl.example/ca.crl",
    fetched=True,
    required=False,
    last_attempt=AT - timedelta(seconds=5),
    last_success=AT - 2 * HOUR,
    rejected=3,
    problems=("status 503", "the CRL of CN=Issuing CA is late"),
    crls=(CRL,),
)
DENIAL: Final = Denial(
    at=AT - timedelta(seconds=1),
    decision_id="5da7788aeb6f084df8083e7b7b0716c8",
    reason="san_not_allowed",
    policy="orders",
    listener="http",
    fingerprint8="feedbee5",
    subject="CN=mallory",
)
STATUS: Final = Status(
    at=AT,
    phase="waiting_for_workers",
    ready=False,
    waiting_for_crls=("waited.crl",),
    version="9.8.7",
    python="3.99.1",
    started=AT - 3 * DAY - 4 * HOUR,
    workers=(("serving", 6), ("waiting", 41)),
    configuration=Configuration(
        generation=17,
        digest="c0ffee00c0ff",
        digests_in_use=("c0ffee00c0ff", "decafbadbeef"),
        loaded_at=AT - 5 * HOUR,
        warnings=("a permissive choice",),
        last_reload=LastReload(result="failure", trigger="sighup", at=AT - HOUR, problems=("extauthz.yaml:1:2: bad",)),
    ),
    listeners=(
        Listener(name="grpc", address="127.0.0.1:9191", speaks="gRPC, transport native", tls=True),
        Listener(name="admin", address="unix:/run/admin.sock", speaks="HTTP, for operators", tls=False),
    ),
    sources=(Source(type="envoy_peer", listeners=("grpc",), checks=5150),),
    checks_without_certificate=77,
    samples_unread=3,
    anchors=(ANCHOR,),
    crl_checking=True,
    crl_sources=(CRL_SOURCE,),
    crl_problems=("the state directory cannot be written",),
    policies=(
        Policy(name="orders", configured=True, allowed=4001, denied=202),
        Policy(name="old", configured=False, allowed=1, denied=0),
        Policy(name="", configured=False, allowed=0, denied=303),
    ),
    denials=(DENIAL,),
    denials_late=2,
    denials_ended=5,
    identities=True,
)


def status(**changes: Any) -> Status:  # noqa: ANN401  (fields of any type)
    """Return the status with other values in some fields."""
    return replace(STATUS, **changes)

"""Which rows are measured on which sides, in which groups. Sides of a group run at the same time and take turns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from load_connection import Question
from material import WORKING_SET as WORKING_CERTIFICATES
from material import Material
from targets import Side

MAIN_CONNECTIONS: Final = 2
MAIN_STREAMS: Final = 16
CACHE_FILLED: Final = WORKING_CERTIFICATES
"""Answers until each certificate was asked about once."""


class Reload(StrEnum):
    """What the service is made to load every second."""

    SAME = "a reload every second"
    """The files as they are."""
    CHANGED = "a changed policy every second"
    """A file in which the policy is another one each time, so that every client is judged anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is asked, and how."""

    title: str
    questions: Callable[[Material], Iterator[Question]] = Material.known_only
    connections: int = MAIN_CONNECTIONS
    streams: int = MAIN_STREAMS
    rate: float | None = None
    """Requests a second; None: as many as come back."""
    priming: int = 1
    """Answers before the first round, which the service's caches fill with."""
    bound_tokens: bool = False
    large_crls: bool = False
    reload: Reload | None = None
    never_cached: bool = False
    """Certificates that the service must not know: the run checks its own cache counters."""
    by_h2load: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row on one side."""

    side: Side
    row: Row


KNOWN: Final = Row(title="known certificate")
BY_H2LOAD: Final = Row(title="known certificate, load by h2load", by_h2load=True)
WORKING_SET: Final = Row(title="10,000 certificates at random", questions=Material.working_set, priming=CACHE_FILLED)
NEVER_SEEN: Final = Row(title="ever-new certificates, chain of two", questions=Material.never_seen, never_cached=True)
DENIED: Final = Row(title="no certificate: deny", questions=Material.denied)
CHAIN: Final = Row(title="chain of three in XFCC", questions=Material.chain)
TOKEN: Final = Row(title="bound token", questions=Material.bound_token, bound_tokens=True)
LARGE_CRL: Final = Row(title="a CRL of a million entries loaded", large_crls=True)
RELOADS: Final = [Row(title=one.value, reload=one) for one in Reload]
QUIET_RATE: Final = 2_000.0
"""Requests a second that every side answers with ease: where a pause shows as a pause."""
QUIET: Final = Row(title=f"{QUIET_RATE:,.0f}/s offered", rate=QUIET_RATE)
QUIET_RELOADS: Final = [Row(title=f"{QUIET.title}, {one}", rate=QUIET_RATE, reload=one) for one in Reload]
MANY: Final = Row(
    title=f"10,000 certificates, {QUIET.title}", questions=Material.working_set, priming=CACHE_FILLED, rate=QUIET_RATE
)
MANY_RELOADS: Final = [replace(MANY, title=f"{MANY.title}, {one}", reload=one) for one in Reload]
CONNECTIONS: Final = (1, 8, 64)
STREAMS: Final = (1, 64)
SHAPES: Final = (
    Row(title="1 connection x 1 stream", connections=1, streams=1),
    *(Row(title=f"{one} connections x 16 streams".replace("1 connections", "1 connection"), connections=one)
      for one in CONNECTIONS),
    *(Row(title=f"2 connections x {one} streams".replace("x 1 streams", "x 1 stream"), streams=one)
      for one in STREAMS),
)  # fmt: skip
SERVICES: Final = (Side.NATIVE, Side.GRPCIO)
STUBS: Final = (Side.STUB_NATIVE, Side.STUB_GRPCIO)
ENVOYS: Final = (Side.ENVOY, Side.ENVOY_NATIVE, Side.ENVOY_STUB, Side.ENVOY_GRPCIO)
PEER_ROWS: Final = (KNOWN, DENIED, WORKING_SET, NEVER_SEEN)


def groups(*, peer: bool, quick: bool) -> Sequence[Sequence[Cell]]:
    """Return the groups in the order in which they are measured."""
    peers = (Side.PEER,) if peer else ()
    on_services = (Side.NATIVE,) if quick else SERVICES
    found = [
        [
            *_cells(KNOWN, (*SERVICES, *STUBS, *peers)),
            *_cells(BY_H2LOAD, (Side.NATIVE, Side.STUB_NATIVE)),
        ],
        _cells(KNOWN, ENVOYS),
        _cells(KNOWN, (Side.NGINX_HTTP,)),
    ]
    found += [
        _cells(row, (*on_services, *(peers if row in PEER_ROWS else ())))
        for row in (WORKING_SET, NEVER_SEEN, DENIED, CHAIN, TOKEN, LARGE_CRL)
    ]
    found += [
        [cell for row in RELOADS for cell in _cells(row, on_services)],
        [cell for row in (QUIET, *QUIET_RELOADS) for cell in _cells(row, on_services)],
        [Cell(side=Side.NATIVE, row=row) for row in (MANY, *MANY_RELOADS)],
    ]
    found += [[Cell(side=Side.NATIVE, row=row) for row in (SHAPES[:1] if quick else SHAPES)]]
    return found


def _cells(row: Row, sides: Sequence[Side]) -> list[Cell]:
    return [Cell(side=side, row=row) for side in sides]


CURVE_SIDES: Final = (*SERVICES, *STUBS)
CURVE_RATES: Final = (500, 1_000, 2_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000, 80_000)
QUICK_RATES: Final = (1_000, 4_000)

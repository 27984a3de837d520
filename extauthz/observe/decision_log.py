"""The decision log: every deny and a sample of the allows, as JSON lines, written beside the deciding thread.

It survives whatever happens at its far end: a full queue, a blocked or broken pipe and a full disk cost lines, which
are counted, and never a decision.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby

import structlog

from extauthz.model.decision import Decision
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity
from extauthz.model.request import AuthRequest
from extauthz.observe.background_writer import BackgroundWriter
from extauthz.observe.decision_line import SHOWN_CHARACTERS, DecisionRecord, LineRenderer, without_userinfo
from extauthz.observe.line_sink import DescriptorSink, FileSink, LineSink
from extauthz.observe.line_turn import LineTurn
from extauthz.observe.record_weight import record_weight

QUEUE_RECORDS = 8192
"""Records that may wait: a second or so of full load, with ordinary certificates some 20 to 40 MiB."""
QUEUE_BYTES = 64 << 20
"""What the waiting records may hold, by ``record_weight``: with certificates full of names it is reached first."""
STDOUT = "-"
_STDOUT_DESCRIPTOR = 1
_ID_PREFIX_DIGITS = 12
_ID_PREFIXES = 16**_ID_PREFIX_DIGITS
_NO_REQUEST = AuthRequest()

_Queued = tuple[str, DecisionRecord]
"""Where to write, and what."""


class Lost(StrEnum):
    """Why a record was not written."""

    QUEUE_FULL = "queue_full"
    WRITE_FAILED = "write_failed"
    UNRENDERABLE = "unrenderable"
    SHUTDOWN = "shutdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLogSettings:
    """What the configuration says about the log."""

    path: str = STDOUT
    """A file, or ``-`` for standard output."""
    allow_sample: float = 1.0
    """The share of allows that is logged, 0 to 1. Denies are always logged."""
    include: tuple[str, ...] = ()
    """Identity fields to log, by their names in ``inspect --json``; ``sha256`` always is."""
    limit: str = field(init=False, repr=False, compare=False)
    """Allows whose id stands before this are logged."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", sample_limit(self.allow_sample))

    def draws(self, decision_id: str) -> bool:
        """Say whether an allow with this id is in the sample that is logged. Every deny is logged."""
        return decision_id < self.limit


class DecisionLog:
    """One for the life of the process; the settings come with each record, as they follow the configuration."""

    def __init__(
        self, on_lost: Callable[[Lost, int], None], *, limit: int = QUEUE_RECORDS, turn: LineTurn | None = None
    ) -> None:
        """Start the writer. ``on_lost(why, how many)`` is called from any thread.

        ``turn``: taken before writing, where other processes write to the same place.
        """
        self._on_lost = on_lost
        self._turn = turn
        self._log = structlog.get_logger("extauthz.decision_log")
        self._path: str | None = None
        self._sink: LineSink | None = None
        self._renderer = LineRenderer()
        self._reopen = False
        self._failing = False
        self._writer = BackgroundWriter[_Queued]("decision-log", self._write, limit=limit, weight_limit=QUEUE_BYTES)

    def record(
        self,
        decision: Decision,
        request: AuthRequest | None,
        decision_id: str,
        at: datetime,
        *,
        settings: DecisionLogSettings,
        api: str,
        seconds: float,
        digest: str,
    ) -> None:
        """Queue one decision and return; ``request`` is None when it could not be read. Never waits for the writer.

        Whether an allow is drawn is the caller's question: for most of them it saves this call.
        """
        asked = _NO_REQUEST if request is None else request
        sha256: str | None = None
        told: CertIdentity | ForwardedIdentity | None = decision.forwarded
        if (identity := decision.identity) is not None:
            sha256, told = identity.sha256, identity if settings.include else None
        record = DecisionRecord(
            at,
            decision_id,
            decision.allowed,
            decision.reason,
            decision.detail,
            decision.policy,
            decision.sources,
            sha256,
            told,
            () if decision.allowed else decision.steps,
            api,
            seconds,
            digest,
            settings.include,
            asked.method[:SHOWN_CHARACTERS],
            without_userinfo(asked.host)[:SHOWN_CHARACTERS],  # in this order: what is cut off may hold the @
            asked.path[:SHOWN_CHARACTERS],
            asked.sni[:SHOWN_CHARACTERS],
        )
        if not self._writer.put((settings.path, record), record_weight(record)):
            self._on_lost(Lost.QUEUE_FULL, 1)

    def set_limit(self, limit: int) -> None:
        """Let so many records wait from now on."""
        self._writer.limit = limit

    def reopen(self) -> None:
        """Open the file anew before the next line, as log rotation asks for with SIGHUP."""
        self._reopen = True

    def close(self, timeout: float) -> None:
        """Write what waits, for at most ``timeout`` seconds; what stays is counted as lost."""
        if left := self._writer.close(timeout):
            self._on_lost(Lost.SHUTDOWN, left)
            self._log.warning("decision log lines lost at shutdown", lines=left)

    def _write(self, batch: Sequence[_Queued]) -> None:
        for path, queued in groupby(batch, key=_path_of):
            lines = [line for line in (self._rendered(record) for _, record in queued) if line is not None]
            self._write_lines(path, lines)

    def _rendered(self, record: DecisionRecord) -> bytes | None:
        try:
            return self._renderer.render(record)
        except Exception:  # noqa: BLE001  (the outermost handler of the writer's thread: a defect costs a line, not the log)
            self._on_lost(Lost.UNRENDERABLE, 1)
            self._log.exception("a decision could not be written as a line", decision_id=record.decision_id)
            return None

    def _write_lines(self, path: str, lines: Sequence[bytes]) -> None:
        try:
            self._sink_for(path).write(b"".join(lines))
        except OSError as error:
            self._on_lost(Lost.WRITE_FAILED, len(lines))
            if not self._failing:  # once for a disk that is full for an hour; the counter tells the rest
                self._log.error("the decision log cannot be written; decisions go on", path=path, error=error.strerror)
            self._failing = True
        else:
            if self._failing:
                self._log.info("the decision log is written again", path=path)
            self._failing = False

    def _sink_for(self, path: str) -> LineSink:
        if self._sink is None or self._reopen or path != self._path:
            self._reopen = False
            if self._sink is not None:
                self._sink.close()
            self._sink = (
                DescriptorSink(_STDOUT_DESCRIPTOR, self._turn) if path == STDOUT else FileSink(path, self._turn)
            )
            self._path = path
        return self._sink


def sample_limit(share: float) -> str:
    """Return the text that the ids in a sample of this share stand before.

    Ids are random hexadecimal digits, so their order is random too, and whether a decision is logged follows from its
    id alone: who misses a line can tell a decision that was not sampled from one that was lost.
    """
    if share >= 1:
        return chr(sys.maxunicode)  # behind everything
    return format(int(share * _ID_PREFIXES), f"0{_ID_PREFIX_DIGITS}x") if share > 0 else ""


def _path_of(queued: _Queued) -> str:
    return queued[0]

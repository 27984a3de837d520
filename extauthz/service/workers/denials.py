"""The last denials of all workers, asked for when somebody looks at the status page.

Those of a worker that has ended are gone with it; the decision log has them, and how many ended is told.
"""

import threading

from extauthz.observe.recent_denials import Denial, DenialsOfAll, newest
from extauthz.service.workers.inquiry import ANSWER_SECONDS, Inquiry
from extauthz.service.workers.process import WorkerProcess


class WorkerDenials(Inquiry[WorkerProcess, tuple[Denial, ...]]):
    """Safe to call from any thread."""

    def __init__(self, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        super().__init__(WorkerProcess.ask_for_denials, (), answer_seconds=answer_seconds)
        self._counting = threading.Lock()
        self._ended = 0

    def remove(self, who: WorkerProcess) -> tuple[Denial, ...]:
        """Ask it no more, and count it as ended; return what it said last."""
        with self._counting:
            self._ended += 1
        return super().remove(who)

    def collect(self) -> DenialsOfAll:
        """Ask every worker, and return the newest of what they say. Waits for answers."""
        late = self.ask_all()
        with self._counting:
            ended = self._ended
        return DenialsOfAll(newest(self.last()), late, ended)

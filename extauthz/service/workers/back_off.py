"""How long to wait before a worker is started again: at once after a long life, ever longer after short ones."""

STEADY_SECONDS = 60.0
"""A worker that lived this long was sound; whatever ended it is no reason to wait."""
FIRST_SECONDS = 0.25
LONGEST_SECONDS = 10.0
"""One that dies at each start takes a second of processor time for each try. When all of them do, nobody answers
meanwhile, so this is no longer than it has to be."""


class BackOff:
    """The history of one place."""

    def __init__(self) -> None:
        self._short_lives = 0

    def after(self, lived_seconds: float) -> float:
        """Return how many seconds to wait after a worker that lived so long."""
        if lived_seconds >= STEADY_SECONDS:
            self._short_lives = 0
            return 0.0
        self._short_lives += 1
        return float(min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(self._short_lives - 1, 16)))

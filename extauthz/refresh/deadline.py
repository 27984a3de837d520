"""One moment by which a whole transfer must be over."""

import time


class Deadline:
    """Counts down from ``seconds``, by the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self, at_most: float | None = None) -> float:
        """Return the seconds that are left, or ``at_most`` when these are fewer. ``TimeoutError`` when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole transfer is over")
        return left if at_most is None else min(left, at_most)

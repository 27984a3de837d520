"""In which order questions are asked."""

import random
from collections.abc import Iterator, Sequence
from itertools import chain, cycle
from typing import Final

from load_connection import Question

DRAWN: Final = 500_000
"""Questions drawn at random before the same order comes again."""


def endless(questions: Sequence[Question], *, at_random: bool = False) -> Iterator[Question]:
    """Ask these again and again in their order; or each of them once, and from then on any of them at random."""
    if not at_random:
        return cycle(questions)
    drawn = random.Random(1).choices(questions, k=DRAWN)  # noqa: S311  (repeatable, not secret)
    return chain(questions, cycle(drawn))

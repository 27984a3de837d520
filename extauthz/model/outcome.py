"""What one check says: ``Pass`` or ``Fail``, never a bool.

A bool invites ``if check(...)`` with the sense turned round, and loses why. Both types refuse to be used as one.
"""

from dataclasses import dataclass
from typing import NoReturn

from extauthz.model.reason import Reason


@dataclass(frozen=True, slots=True)
class Pass:
    """The check holds; ``detail`` says what was compared, for ``explain`` and the decision log."""

    detail: str = ""

    def __bool__(self) -> NoReturn:
        message = "a Pass has no truth value: use isinstance() or match"
        raise TypeError(message)


@dataclass(frozen=True, slots=True)
class Fail:
    """The check does not hold: the reason it denies with, and for the operator what was compared."""

    reason: Reason
    detail: str = ""
    undecided: bool = False
    """The check could not tell (two common names, say). A ``not`` around it fails too: unknown is not "no"."""

    def __bool__(self) -> NoReturn:
        message = "a Fail has no truth value: use isinstance() or match"
        raise TypeError(message)


Outcome = Pass | Fail

"""What is wrong with a path: which certificate, why, and the reason that the client is denied with."""

from collections.abc import Iterable
from typing import NamedTuple

from extauthz.model.outcome import Fail
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.trust.chain.link import Link


class Flaw(NamedTuple):
    """One rule that a path breaks."""

    link: Link
    text: str
    reason: Reason = Reason.CHAIN_INVALID

    def fail(self, path: Iterable[Link]) -> Fail:
        """Return the outcome for the path that has this flaw."""
        return Fail(
            self.reason, f"{quoted(self.link.certificate.identity.subject_dn)}: {self.text} (path {text(path)})"
        )


def text(path: Iterable[Link]) -> str:
    """Name the certificates of a path, leaf first."""
    return " < ".join(quoted(one.certificate.identity.subject_dn) for one in path)

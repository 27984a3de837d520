"""What is wrong with a path: which certificate, why, and the reason that the client is denied with."""

from collections.abc import Iterable
from typing import NamedTuple

from extauthz.model.certificate_name import certificate_name
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust.chain.link import Link


class Flaw(NamedTuple):
    """One rule that a path breaks."""

    link: Link
    text: str
    reason: Reason = Reason.CHAIN_INVALID

    def fail(self, path: Iterable[Link]) -> Fail:
        """Return the outcome for the path that has this flaw."""
        return Fail(self.reason, f"{certificate_name(self.link.certificate.identity)}: {self.text} (path {text(path)})")


def text(path: Iterable[Link]) -> str:
    """Name the certificates of a path, leaf first."""
    return " < ".join(certificate_name(one.certificate.identity) for one in path)

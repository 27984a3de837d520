"""The best path from one certificate to an anchor: a valid one, or else the one whose flaw says most."""

from collections.abc import Callable, Container, Sequence
from itertools import islice
from typing import Final, NamedTuple

from extauthz.model.certificate_name import certificate_name
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust.chain.link import Link
from extauthz.trust.chain.paths import MAX_INTERMEDIATES, PathSearch
from extauthz.trust.chain.validate import PathRules

MAX_OTHERS: Final = 3
"""Valid paths beside the first. They count where a CA on the first is revoked, which was re-issued or certified by
somebody else too."""
MAX_PATHS: Final = 32
"""That are validated for one question, at some twenty microseconds each."""

Path = tuple[Link, ...]


class BestPath(NamedTuple):
    """Valid paths, the shortest first; without any, why the best one is not valid. None: there is no path."""

    valid: Sequence[Path]
    fail: Fail | None = None


def best_path(
    target: Link, issuers_of: Callable[[Link], Sequence[Link]], anchors: Container[bytes], rules: PathRules
) -> BestPath:
    """Follow the signatures from ``target`` upwards and validate what is found."""
    best: Fail | None = None
    if rules.target_flaw(target) is None:
        # Certificates that are unfit by themselves are left out, so that others of their name are found instead.
        search = PathSearch(
            issuers_of, anchors, lambda link: rules.ca_flaw(link, is_anchor=link.sha256 in anchors) is None
        )
        valid: list[Path] = []
        for path in islice(search.paths(target), MAX_PATHS):
            fail = rules.path_fail(path)
            if fail is None:
                valid.append(path)
                if len(valid) > MAX_OTHERS:
                    break
            elif best is None:
                best = fail
        if valid:
            return BestPath(valid)
    if best is None:
        search = PathSearch(issuers_of, anchors, lambda _link: True)
        best = next(map(rules.path_fail, search.paths(target)), None)
        if best is None and search.left_out:
            subject = certificate_name(target.certificate.identity)
            detail = (
                f"more than {MAX_INTERMEDIATES} CAs stand between {subject} and any anchor, or there are too many paths"
            )
            best = Fail(Reason.CHAIN_INVALID, detail)
    return BestPath((), best)

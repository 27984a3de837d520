"""Which reasons for revocation a CRL speaks about (RFC 5280 §6.3.3 (d))."""

from collections.abc import Iterable
from typing import Final

IN_ORDER: Final = (
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
    "privilegeWithdrawn",
    "aACompromise",
)
"""ReasonFlags (§4.2.1.13) without its unused bit. The RFC's special value all-reasons is the whole of them."""
ALL_REASONS: Final = frozenset(IN_ORDER)


def interim_reasons(of_crl: frozenset[str] | None, of_point: frozenset[str] | None) -> frozenset[str]:
    """Return the reasons that a CRL covers for one distribution point: those that both mean; None means all."""
    return (ALL_REASONS if of_crl is None else of_crl) & (ALL_REASONS if of_point is None else of_point)


def reasons_text(reasons: Iterable[str]) -> str:
    """Name reasons in the order of the RFC."""
    return ", ".join(sorted(reasons, key=IN_ORDER.index))

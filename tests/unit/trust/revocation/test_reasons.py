"""The reasons mask: what a CRL and a distribution point both mean (RFC 5280 §6.3.3 (d))."""

import pytest
from cryptography import x509

from extauthz.trust.revocation.reasons import ALL_REASONS, IN_ORDER, interim_reasons, reasons_text

KEYS = frozenset({"keyCompromise", "cACompromise"})
HOLD = frozenset({"certificateHold", "keyCompromise"})


@pytest.mark.parametrize(
    ("of_crl", "of_point", "both"),
    [
        pytest.param(KEYS, HOLD, frozenset({"keyCompromise"}), id="d1"),
        pytest.param(KEYS, None, KEYS, id="d2"),
        pytest.param(None, HOLD, HOLD, id="d3"),
        pytest.param(None, None, ALL_REASONS, id="d4"),
        pytest.param(KEYS, frozenset({"superseded"}), frozenset(), id="nothing_in_common"),
    ],
)
def test_what_both_mean_is_covered(
    of_crl: frozenset[str] | None, of_point: frozenset[str] | None, both: frozenset[str]
) -> None:
    assert interim_reasons(of_crl, of_point) == both


def test_all_reasons_are_those_that_a_distribution_point_can_name() -> None:
    never = {x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl}
    assert {one.value for one in x509.ReasonFlags if one not in never} == ALL_REASONS


def test_reasons_are_named_in_the_order_of_the_rfc() -> None:
    assert reasons_text(HOLD) == "keyCompromise, certificateHold"
    assert reasons_text(ALL_REASONS) == ", ".join(IN_ORDER)

"""What ``$ssl_client_verify`` can be, and what its reasons mean."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.nginx_verdict import Verdict, failure, verdict_of


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("", Verdict.MISSING),
        ("SUCCESS", Verdict.SUCCESS),
        ("NONE", Verdict.NONE),
        ("FAILED", Verdict.FAILED),
        ("FAILED:", Verdict.FAILED),
        ("FAILED:certificate has expired", Verdict.FAILED),
    ],
)
def test_a_value_of_nginx_is_of_one_kind(value: str, verdict: Verdict) -> None:
    assert verdict_of(value) is verdict


@pytest.mark.parametrize(
    "value",
    [
        "success",
        "Success",
        "SUCCESS ",
        " SUCCESS",
        "SUCCESS\n",
        "SUCCESS,SUCCESS",
        "SUCCESS,NONE",
        "SUCCESS:",
        "NONE:",
        "none",
        "nothing",
        "FAILEDx",
        "failed:x",
        "0",
        "1",
        "true",
        "%53UCCESS",
        "\u0405UCCESS",
        "SUCCESS\0",
        "\udcff",
    ],
)
def test_any_other_value_is_malformed_and_not_repeated(value: str) -> None:
    with pytest.raises(DecodeError) as caught:
        verdict_of(value)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
    assert caught.value.detail == "the verify header is none of SUCCESS, NONE and FAILED:reason"


@pytest.mark.parametrize(
    "text",
    [
        "self signed certificate",
        "self-signed certificate",
        "self signed certificate in certificate chain",
        "self-signed certificate in certificate chain",
        "unable to get local issuer certificate",
        "unable to verify the first certificate",
        "certificate not trusted",
    ],
)
def test_only_the_issuer_is_missing_where_nginx_itself_lets_the_request_go_on(text: str) -> None:
    assert failure(f"FAILED:{text}").may_be_verified_here


@pytest.mark.parametrize(
    "value",
    [
        "FAILED",
        "FAILED:",
        "FAILED:certificate has expired",
        "FAILED:certificate is not yet valid",
        "FAILED:certificate revoked",
        "FAILED:certificate status request failed",
        "FAILED:certificate status unknown",
        "FAILED:certificate signature failure",
        "FAILED:unable to get issuer certificate",
        "FAILED:FAILED:unable to get local issuer certificate",
        "FAILED: unable to get local issuer certificate",
        "FAILED:unable to get local issuer certificate\n",
        "FAILED:something of a later version",
    ],
)
def test_whatever_else_nginx_found_stands(value: str) -> None:
    assert not failure(value).may_be_verified_here


def test_a_reason_is_named_in_our_own_words() -> None:
    assert failure("FAILED:certificate revoked").kind == "it is revoked"
    assert failure("FAILED:certificate has expired").kind == "it has expired"
    assert failure("FAILED:<script>").kind == "for another reason"

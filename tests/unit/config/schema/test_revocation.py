"""What cannot be meant is refused where it stands."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from extauthz.config.schema.revocation import Revocation
from extauthz.trust.crl.head import MAX_CRL_BYTES

CRLS = {"crls": [{"path": "a"}]}
ISSUER = "CN=A,O=B"


def test_defaults_are_strict() -> None:
    section = Revocation.model_validate(CRLS)
    assert section.crls is not None
    assert section.crls[0].required
    assert (section.when_missing, section.when_stale, section.check) == ("deny", "deny", "leaf")
    assert (section.grace, section.max_age, section.distribution_points) == (timedelta(), None, None)
    assert (section.fetch.timeout, section.fetch.max_bytes) == (timedelta(seconds=30), 64 << 20)
    assert (section.fetch.redirect_hosts, section.fetch.private_addresses) == ((), False)


@pytest.mark.parametrize(
    ("section", "why"),
    [
        ({}, "needs `crls` or `revoked`"),
        ({"revoked": [{"issuer": ISSUER, "serial": "a"}]}, "`revoked` alone says nothing"),
        ({"crls": [{}]}, "needs either `path` or `url`"),
        ({"crls": [{"path": "a", "url": "http://a/"}]}, "has both `path` and `url`; keep one of them"),
        ({"crls": [{"path": "a", "refresh": "1h"}]}, "`refresh` belongs to a `url`"),
        ({"crls": [{"url": "http://a/", "refresh": "9s"}]}, "out of range"),
        ({**CRLS, "fetch": {"max_bytes": MAX_CRL_BYTES + 1}}, "less than or equal to"),
        ({**CRLS, "fetch": {"timeout": "0s"}}, "out of range"),
        ({**CRLS, "distribution_points": {"hosts": []}}, "at least 1 item"),
        ({**CRLS, "max_age": "59s"}, "out of range"),
        ({**CRLS, "issuers": [{"issuer": ISSUER}]}, "sets nothing for this issuer"),
        (
            {**CRLS, "issuers": [{"issuer": ISSUER, "grace": "1h"}, {"issuer": "cn=a, o=b", "grace": "2h"}]},
            "has settings for 'CN=A,O=B' twice",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(section: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Revocation.model_validate(section)


@pytest.mark.parametrize(
    "section",
    [
        {"distribution_points": {"hosts": ["a"]}},
        {"revoked": [{"issuer": ISSUER, "serial": "a"}], "when_missing": "allow"},
        {**CRLS, "issuers": [{"issuer": ISSUER, "max_age": "1m"}]},
    ],
)
def test_what_can_be_meant_is_taken(section: dict[str, object]) -> None:
    Revocation.model_validate(section)

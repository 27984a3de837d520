"""Which issuers the operator means."""

import pytest
from cryptography import x509

from extauthz.identity.issuer_pattern import IssuerPattern, issuer_pattern
from extauthz.identity.names import read_name
from support import cards
from support.pki import name


def matches(pattern: IssuerPattern, issuer: x509.Name) -> bool:
    reading = read_name(issuer)
    return pattern.matches(reading.dn, reading.key)


DOD = cards.subject("DOD ID CA-99", units=("DoD", "PKI"))


@pytest.mark.parametrize(
    "text",
    [
        cards.DOD_ISSUER,
        "cn=dod id ca-99, ou=pki, ou=dod, o=U.S.  Government, c=us",  # RFC 5280 §7.1
        r"re:CN=DOD ID CA-[0-9]+,OU=PKI,OU=DoD,O=U\.S\. Government,C=US",
        "re:.*",
    ],
)
def test_patterns_that_mean_an_issuer(text: str) -> None:
    pattern = issuer_pattern(text)
    assert pattern.text == text
    assert matches(pattern, DOD)


@pytest.mark.parametrize(
    "text",
    [
        "CN=DOD ID CA-98,OU=PKI,OU=DoD,O=U.S. Government,C=US",
        "CN=DOD ID CA-99,OU=DoD,OU=PKI,O=U.S. Government,C=US",
        "OU=PKI,OU=DoD,O=U.S. Government,C=US",
        "re:CN=DOD ID CA-99",  # an expression covers the whole text
        "re:OU=DoD,O=U.S. Government,C=US",
        "re:cn=dod id ca-99,.*",  # and letter case counts in it
    ],
)
def test_patterns_that_mean_another(text: str) -> None:
    assert not matches(issuer_pattern(text), DOD)
    assert not matches(issuer_pattern(text), name("DOD ID CA-99"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "an empty issuer name"),
        ("  ", "an empty issuer name"),
        ("DOD ID CA-99", "at character 1"),
        ("XX=DOD", "the attribute type XX is not known"),
        ("re:", "the expression after 're:' is empty"),
        ("re:(", "RE2 refuses the expression '\\(': missing \\)"),
        (r"re:(a)\1", "RE2 refuses the expression .*: invalid escape sequence"),
        ("re:(?=a)", "RE2 refuses the expression .*: invalid perl operator"),
    ],
)
def test_patterns_that_are_none(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        issuer_pattern(text)

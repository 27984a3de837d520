import pytest

from extauthz.config.typed_san import typed_san_rule
from extauthz.policy.patterns import PatternError


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("dns:*.example.com", "san.dns"),
        ("ip:10.0.0.0/8", "san.ip"),
        ("ip:::1", "san.ip"),
        ("uri:spiffe://a/b", "san.uri"),
        ("email:*@b", "san.email"),
        ("upn:a@b", "san.upn"),
    ],
)
def test_type_chooses_the_rule(text: str, key: str) -> None:
    assert typed_san_rule(text).key == key


@pytest.mark.parametrize("text", ["", "dns", "dns:", ":x", "DNS:x", "rid:1.2", "example.com", "spiffe://a/b"])
def test_names_without_a_known_type_are_refused(text: str) -> None:
    with pytest.raises(PatternError, match="is not a typed name; write one of dns, ip, uri, email, upn, a colon and a"):
        typed_san_rule(text)


def test_pattern_is_checked_by_its_type() -> None:
    with pytest.raises(PatternError, match="is not an IP address"):
        typed_san_rule("ip:x")

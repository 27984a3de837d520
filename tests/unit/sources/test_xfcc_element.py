"""The keys of one XFCC element, and what is a claim."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import Claims
from extauthz.sources.xfcc_element import Element, element_from_pairs


@pytest.mark.parametrize("written", ["uri", "dns"])
@pytest.mark.parametrize("key", ["by", "hash", "cert", "chain", "subject"])
def test_nothing_but_names_may_follow_a_name(written: str, key: str) -> None:
    with pytest.raises(DecodeError, match="may have brought it") as caught:
        element_from_pairs([(written, "x", False), ("uri", "y", False), (key, "z", False)])
    assert caught.value.reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize("key", ["by", "uri", "dns"])
def test_a_name_in_quotes_is_malformed_for_it_could_swallow_what_envoy_writes(key: str) -> None:
    with pytest.raises(DecodeError, match=f"quotes round a {key.upper()}") as caught:
        element_from_pairs([("hash", "1", False), (key, "x", True)])
    assert caught.value.reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize(
    ("element", "claims"),
    [
        (Element(by=("b",), hash="1", cert="c", chain="c"), None),
        (Element(uris=("",)), None),
        (Element(uris=("", ""), dns_names=("",)), None),
        (Element(subject=""), Claims("", (), ())),
        (Element(subject="CN=a", uris=("",)), Claims("CN=a", (), ())),
        (Element(uris=("u", "", "v")), Claims(None, ("u", "v"), ())),
        (Element(dns_names=("d", "")), Claims(None, (), ("d",))),
    ],
)
def test_an_empty_subject_is_a_claim_and_an_empty_name_is_not(element: Element, claims: Claims | None) -> None:
    assert element.claims == claims

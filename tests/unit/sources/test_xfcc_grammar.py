"""The text form of XFCC, as Envoy writes it and as others may send it."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_XFCC_ELEMENTS, MAX_XFCC_PAIRS
from extauthz.sources.xfcc_element import Element
from extauthz.sources.xfcc_grammar import parse_xfcc


def test_an_element_as_envoy_writes_it() -> None:
    text = (
        "By=spiffe://a/gw;By=spiffe://a/gw2;Hash=ab12;"
        'Cert="-----BEGIN%20CERTIFICATE-----%0A";Chain="-----BEGIN%20C";Subject="CN=alice,O=Lab";'
        "URI=spiffe://x/a;URI=spiffe://x/b;DNS=a.example;DNS=b.example"
    )
    assert parse_xfcc(text) == (
        Element(
            by=("spiffe://a/gw", "spiffe://a/gw2"),
            hash="ab12",
            cert="-----BEGIN%20CERTIFICATE-----%0A",
            chain="-----BEGIN%20C",
            subject="CN=alice,O=Lab",
            uris=("spiffe://x/a", "spiffe://x/b"),
            dns_names=("a.example", "b.example"),
        ),
    )


def test_elements_come_in_their_order() -> None:
    assert parse_xfcc('Hash=1;URI=,Hash=2,  Subject="a,b=c";URI=u') == (
        Element(hash="1", uris=("",)),
        Element(hash="2"),
        Element(subject="a,b=c", uris=("u",)),
    )


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "CN=alice",
        r"CN=alice=1,OU=a\;b,O=Lab\, \"Inc\"",
        r"CN=\ #lead\<\>\+\"end\\\",1.3.6.1.4.1.99.1=#0C027878,emailAddress=a@b+serialNumber=12,O=back\\slash\\",
        r"CN=Zo\C3\AB \E6\97\A5\E6\9C\AC",
        r"CN=a\0Ab\00c\7F",
        r"O=\\",
        r"O=\"",
        r"O=\\\"",
        "CN=Zoë",
        r",\;=",
    ],
)
def test_the_subject_is_the_text_between_the_quotes_unchanged(subject: str) -> None:
    (element,) = parse_xfcc(f'Hash=1;Subject="{subject}";URI=u')
    assert element == Element(hash="1", subject=subject, uris=("u",))


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("hash=1;HASH=2", None),
        ("hASH=1;uRi=u;dns=d;bY=b", None),
        ("bY=b;hASH=1;CERT=c;chain=x;SUBJECT=s;uRi=u;dns=d", Element(("b",), "1", "c", "x", "s", ("u",), ("d",))),
    ],
)
def test_keys_are_in_any_case(text: str, element: Element | None) -> None:
    if element is None:
        with pytest.raises(DecodeError) as caught:
            parse_xfcc(text)
        assert caught.value.reason is Reason.SOURCE_MALFORMED
    else:
        assert parse_xfcc(text) == (element,)


@pytest.mark.parametrize(
    ("text", "element"),
    [
        (r'Subject="a,b\;c=d"', Element(subject=r"a,b\;c=d")),
        ('Hash="1"', Element(hash="1")),
        ("URI=http://a/?x=y", Element(uris=("http://a/?x=y",))),
        ("Subject=", Element(subject="")),
        ("Cert=", Element(cert="")),
        ("URI=a b ", Element(uris=("a b ",))),
        ("Hash=1; \tURI=u", Element(hash="1", uris=("u",))),
        (r"URI=a\b", Element(uris=(r"a\b",))),
        ("URI=ü\u3000", Element(uris=("ü\u3000",))),
    ],
)
def test_bare_and_quoted_values(text: str, element: Element) -> None:
    assert parse_xfcc(text) == (element,)


BAD = {
    "empty": ("", "element 1: pair 1: nothing there"),
    "a comma": (",", "element 1: pair 1: nothing there"),
    "empty first element": (",Hash=1", "element 1: pair 1: nothing there"),
    "empty last element": ("Hash=1,", "element 2: pair 1: nothing there"),
    "empty middle element": ("Hash=1,,Hash=2", "element 2: pair 1: nothing there"),
    "element of white space": ("Hash=1, ,Hash=2", "element 2: pair 1: no key"),
    "a semicolon": (";", "element 1: pair 1: nothing there"),
    "empty first pair": (";Hash=1", "element 1: pair 1: nothing there"),
    "empty last pair": ("Hash=1;", "element 1: pair 2: nothing there"),
    "empty middle pair": ("Hash=1;;URI=", "element 1: pair 2: nothing there"),
    "no equals sign": ("Hash", "element 1: pair 1: no key"),
    "no equals sign later": ("Hash=1;URI", "element 1: pair 2: no key"),
    "no key": ("=1", "element 1: pair 1: no key"),
    "a quote for a key": ('"Hash"=1', "element 1: pair 1: no key"),
    "a space before the equals sign": ("Hash =1", "element 1: pair 1: no key"),
    "a letter outside ASCII in a key": ("Ha\u017fh=1", "element 1: pair 1: no key"),
    "key that is a digit": ("1=1", "element 1: pair 1: no key"),
    "unknown key": ("Hash=1;Foo=2", "element 1: pair 2: an unknown key"),
    "issuer": ('Subject="CN=a";URI=;Issuer="CN=b"', "element 1: pair 3: an Issuer, which Envoy writes behind URI"),
    "issuer first": ('Issuer="CN=b";Hash=1', "element 1: pair 1: an Issuer"),
    "unknown key in an element not chosen": ("SAN=1,Hash=2", "element 1: pair 1: an unknown key"),
    "second Hash": ("Hash=1;Hash=1", "element 1: pair 2: a second Hash"),
    "second Cert": ('Cert="a";Cert="a"', "element 1: pair 2: a second Cert"),
    "second Chain": ('Chain="a";chain="b"', "element 1: pair 2: a second Chain"),
    "second Subject": ('Subject="a";By=x;Subject="a"', "element 1: pair 3: a second Subject"),
    "open quote": ('Subject="CN=a', "a quote that is never closed"),
    "only a quote": ('Subject="', "a quote that is never closed"),
    "open quote before another element": ('Subject="CN=a,Hash=1;URI=u', "a quote that is never closed"),
    "the closing quote is escaped": (r'Subject="CN=a\"', "a quote that is never closed"),
    "text after a quote": ('Subject="CN=a"b', "text after the closing quote"),
    "space after a quote": ('Subject="CN=a" ;URI=', "text after the closing quote"),
    "a quote not escaped": ('Subject="CN="a""', "text after the closing quote"),
    "two quotes": ('Subject=""CN=a""', "text after the closing quote"),
    "a backslash escaped twice": (r'Subject="O=\\"Inc\\""', "text after the closing quote"),
    "a quote in a bare value": ('URI=a"b', "a quote inside a value"),
    "quote in a later bare value": ('URI=a;DNS=b"', "a quote inside a value"),
    "JSON list": ('[{"hash":"ab"}]', "the JSON form"),
    "JSON object": ('{"hash":"ab"}', "the JSON form"),
    "JSON after text": ('Hash=1,{"hash":"ab"}', "element 2: pair 1: no key"),
    "not UTF-8": ("URI=\udcff", "not UTF-8"),
    "line break": ("URI=a\nb", "a control character"),
    "NUL": ("URI=a\x00", "a control character"),
    "DEL in quotes": ('Subject="a\x7f"', "a control character"),
    "C1 control": ("URI=a\u0085", "a control character"),
    "escaped line break": ('Subject="a\\\nb"', "a quote that is never closed"),
    "an element cut by its client": ("URI=x,Hash=1,", "element 3: pair 1: nothing there"),
    "a semicolon in quotes": ('Subject="CN=a;Hash=1"', "element 1: pair 1: a ';' inside quotes"),
    "a semicolon after an escaped backslash": (r'Subject="a\\;b"', "element 1: pair 1: a ';' inside quotes"),
    "a certificate with a semicolon": ('Hash=1;Cert="a;b"', "element 1: pair 2: a ';' inside quotes"),
    "quotes that would swallow": ('URI="x,DNS=y",Hash=1', "element 1: pair 1: quotes round a URI"),
}


@pytest.mark.parametrize(("text", "detail"), BAD.values(), ids=BAD)
def test_anything_else_is_malformed_and_the_detail_says_where(text: str, detail: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_xfcc(text)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
    assert detail in caught.value.detail


def test_sixteen_elements_are_read_and_seventeen_are_not() -> None:
    assert len(parse_xfcc(",".join(["Hash=1"] * MAX_XFCC_ELEMENTS))) == MAX_XFCC_ELEMENTS
    with pytest.raises(DecodeError) as caught:
        parse_xfcc(",".join(["Hash=1"] * (MAX_XFCC_ELEMENTS + 1)))
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE


@pytest.mark.parametrize("separator", [";", ";Hash=1,DNS=,"], ids=["one element", "several elements"])
def test_the_pairs_of_all_elements_together_are_limited(separator: str) -> None:
    start = "Hash=1" + (",DNS=;DNS=" if "," in separator else ";DNS=")
    pairs_at_start = start.count("=")
    most = start + ";DNS=" * (MAX_XFCC_PAIRS - pairs_at_start)
    assert sum(len(element.dns_names) for element in parse_xfcc(most)) == MAX_XFCC_PAIRS - 1
    with pytest.raises(DecodeError) as caught:
        parse_xfcc(most + ";DNS=")
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE

"""The JSON form of XFCC, read into the same elements as the text form."""

import json

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Claims, Presented
from extauthz.sources.limits import HINT_CHARACTERS, MAX_TEXT_LENGTH
from extauthz.sources.xfcc import ElementChoice, FromRight, Last, Only, XfccFormat, XfccSource
from extauthz.sources.xfcc_element import Element
from extauthz.sources.xfcc_json import parse_xfcc_json
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
FORGED = CA.issue("admin")
GATEWAY = CA.issue("gateway")
XFCC = "x-forwarded-client-cert"
BY = "spiffe://mesh/gateway"
ODD = 'urn:x;"y",z\\q'
WHOLE = pki.json_element(
    LEAF.der,
    chain=LEAF.chain,
    by=[BY, ODD],
    subject=r"CN=alice=1,O=Lab\, \"Inc\"",
    uris=["spiffe://x/a", ODD],
    dns=["a.example", "b.example"],
    issuer="CN=Issuing CA,O=Example",
)
PLAIN = pki.xfcc_json(pki.json_element(LEAF.der))


def read(
    *lines: str,
    element: ElementChoice | None = None,
    by: tuple[str, ...] = (),
    form: XfccFormat = XfccFormat.JSON,
) -> Presented | None:
    shown = XfccSource(element or Only(), by, form).read(AuthRequest(headers={XFCC: lines}))
    assert not isinstance(shown, ForwardedIdentity)  # nobody asked for one
    return shown


def denied(
    *lines: str,
    element: ElementChoice | None = None,
    by: tuple[str, ...] = (),
    form: XfccFormat = XfccFormat.JSON,
) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(*lines, element=element, by=by, form=form)
    return caught.value


# The grammar ---------------------------------------------------------------------------------------------------------


def test_an_element_is_read_as_envoy_writes_it() -> None:
    assert parse_xfcc_json(pki.xfcc_json(WHOLE)) == (
        Element(
            by=(BY, ODD),
            hash=LEAF.sha256.hex(),
            cert=LEAF.pem.decode().replace("\n", "%0A"),
            chain=LEAF.chain_pem.decode().replace("\n", "%0A"),
            subject=r"CN=alice=1,O=Lab\, \"Inc\"",
            uris=("spiffe://x/a", ODD),
            dns_names=("a.example", "b.example"),
            issuer="CN=Issuing CA,O=Example",
        ),
    )


def test_what_is_left_out_is_nothing() -> None:
    assert parse_xfcc_json("[{}]") == (Element(),)
    assert parse_xfcc_json('[{"by":[],"uri":[],"dns":[]}]') == (Element(),)


def test_elements_come_in_their_order_and_white_space_does_not_matter() -> None:
    assert parse_xfcc_json(' [ {"hash" : "1"} ,\t{"hash":"2"}\r\n]'.strip()) == (Element(hash="1"), Element(hash="2"))


def test_escapes_are_those_of_json() -> None:
    assert parse_xfcc_json(r'[{"uri":["\"\\\/\u00e9\ud83d\ude00"]}]') == (Element(uris=('"\\/é😀',)),)
    assert parse_xfcc_json('[{"uri":["é😀"]}]') == (Element(uris=("é😀",)),)


BAD = {
    "empty": ("", "not JSON"),
    "blank": (" ", "not JSON"),
    "text form": ("Hash=1", "not JSON"),
    "text form after it": ('[{"hash":"1"}],Hash=1', "not one JSON value"),
    "text": ('"a"', "not JSON"),
    "number": ("1", "not JSON"),
    "null": ("null", "not JSON"),
    "white space first": (' [{"hash":"1"}]', "not JSON"),
    "byte order mark": ('\ufeff[{"hash":"1"}]', "not JSON"),
    "bare object": ('{"hash":"1"}', "no array"),
    "empty array": ("[]", "an empty array"),
    "gap": ('[,{"hash":"1"}]', "not one JSON value"),
    "comma last": ('[{"hash":"1"},]', "not one JSON value"),
    "comma last in an object": ('[{"hash":"1",}]', "not one JSON value"),
    "truncated": (PLAIN[:300], "not one JSON value"),
    "two arrays": ('[{"hash":"1"}],[{"hash":"2"}]', "not one JSON value"),
    "text after": ('[{"hash":"1"}]x', "not one JSON value"),
    "NUL after": ('[{"hash":"1"}]\0', "not one JSON value"),
    "single quotes": ("[{'hash':'1'}]", "not one JSON value"),
    "comment": ('[{"hash":"1"/**/}]', "not one JSON value"),
    "bad escape": ('[{"hash":"\\x"}]', "not one JSON value"),
    "raw control character": ('[{"hash":"a\tb"}]', "not one JSON value"),
    "raw line break in PEM": (PLAIN.replace("\\n", "\n"), "not one JSON value"),
    "not UTF-8": ('[{"uri":["\udcff"]}]', "not one JSON value"),
    "deep": ("[" * 2_048, "not one JSON value"),
    "deep objects": ('{"by":' * 2_048, "not one JSON value"),
    "array in the array": ('[[{"hash":"1"}]]', "element 1: no object"),
    "text in the array": ('[{"hash":"1"},"a"]', "element 2: no object"),
    "null in the array": ("[null]", "element 1: no object"),
    "number in the array": ("[1]", "a number"),
    "NaN": ("[NaN]", "a number"),
    "a very long number": ("[" + "1" * 100_000 + "]", "a number"),
    "fraction": ('[{"hash":1.5}]', "a number"),
    "unknown key": ('[{"hash":"1","foo":"1"}]', "element 1: member 2: an unknown key"),
    "key in another case": ('[{"Hash":"1"}]', "element 1: member 1: an unknown key"),
    "empty key": ('[{"":"1"}]', "an unknown key"),
    "key with a surrogate": ('[{"\\ud800":"1"}]', "an unknown key"),
    "hash twice": ('[{"hash":"1","hash":"1"}]', "element 1: member 2: a second hash"),
    "hash twice, once escaped": ('[{"hash":"1","h\\u0061sh":"1"}]', "a second hash"),
    "by twice": ('[{"by":["1"],"by":["1"]}]', "a second by"),
    "uri twice": ('[{"uri":[],"uri":[]}]', "a second uri"),
    "hash of null": ('[{"hash":null}]', "a value of hash that is no text"),
    "hash of true": ('[{"hash":true}]', "a value of hash that is no text"),
    "hash in a list": ('[{"hash":["1"]}]', "a value of hash that is no text"),
    "hash in an object": ('[{"hash":{}}]', "a value of hash that is no text"),
    "by as text": ('[{"by":"1"}]', "by is no list"),
    "uri as text": ('[{"uri":"1"}]', "uri is no list"),
    "dns of null": ('[{"dns":null}]', "dns is no list"),
    "uri in lists": ('[{"uri":[["1"]]}]', "a value of uri that is no text"),
    "chain as text": (json.dumps([{"chain": LEAF.pem.decode()}]), "chain is no list"),
    "cert in a list": (json.dumps([{"cert": [LEAF.pem.decode()]}]), "a value of cert that is no text"),
    "empty cert": ('[{"cert":""}]', "not one PEM block"),
    "percent-encoded cert": (json.dumps([{"cert": pki.nginx_pem(LEAF.der).replace("-", "%2D")}]), "not one PEM block"),
    "base64 as cert": (json.dumps([{"cert": pki.base64_text(LEAF.der)}]), "not one PEM block"),
    "two certificates in cert": (json.dumps([{"cert": LEAF.chain_pem.decode()}]), "not one PEM block"),
    "two certificates in one of chain": (json.dumps([{"chain": [LEAF.chain_pem.decode()]}]), "not one PEM block"),
    "a certificate in two pieces": (json.dumps([{"chain": [LEAF.pem.decode()[:99], LEAF.pem.decode()[99:]]}]),
                                    "not one PEM block"),
    "control character": ('[{"subject":"a\\u0000"}]', "a control character in subject"),
    "line break in a name": ('[{"uri":["a\\nb"]}]', "a control character in uri"),
    "control character above": ('[{"dns":["\\u0085"]}]', "a control character in dns"),
    "lone surrogate": ('[{"uri":["\\ud800"]}]', "a lone surrogate in uri"),
    "turned surrogates": ('[{"by":["\\ude00\\ud83d"]}]', "a lone surrogate in by"),
    "lone surrogate in cert": (json.dumps([{"cert": "-----BEGIN \ud800"}]), "a lone surrogate in cert"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "part"), BAD.values(), ids=BAD)
def test_anything_else_is_malformed_and_says_what_and_where(text: str, part: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_xfcc_json(text)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
    assert part in caught.value.detail


def test_sixteen_elements_are_the_most() -> None:
    assert len(parse_xfcc_json(json.dumps([{"hash": "1"}] * 16))) == 16
    with pytest.raises(DecodeError) as caught:
        parse_xfcc_json(json.dumps([{"hash": "1"}] * 17))
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE


@pytest.mark.parametrize(
    "text",
    [
        "[" * 2_049,
        "{" * 2_049,
        "[{" * 1_025,
        json.dumps([{}] * 2_048),
        json.dumps([{"uri": ["a"] * 4_100}]),
        json.dumps([{"uri": ['"' * 8_192]}]),
    ],
)
def test_so_many_parts_are_refused_before_objects_are_made_of_them(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_xfcc_json(text)
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE
    assert "brackets or quotes" in caught.value.detail


def test_brackets_and_quotes_within_a_value_are_no_parts() -> None:
    name = "{[" * 1_000 + '"' * 4_000
    assert parse_xfcc_json(json.dumps([{"uri": [name]}])) == (Element(uris=(name,)),)


def test_values_are_counted_in_all_elements_together() -> None:
    names = ["a"] * 1_023
    assert len(parse_xfcc_json(json.dumps([{"hash": "1", "uri": names}] * 2))) == 2
    with pytest.raises(DecodeError) as caught:
        parse_xfcc_json(json.dumps([{"hash": "1", "uri": names}, {"hash": "1", "dns": [*names, "b"]}]))
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE


# The source ----------------------------------------------------------------------------------------------------------


def test_leaf_chain_and_claims_of_an_element_as_envoy_writes_it() -> None:
    assert read(pki.xfcc_json(WHOLE)) == Presented(
        LEAF.der,
        (CA.der,),
        ("xfcc",),
        Claims(
            r"CN=alice=1,O=Lab\, \"Inc\"",
            ("spiffe://x/a", ODD),
            ("a.example", "b.example"),
            "CN=Issuing CA,O=Example",
        ),
    )


def test_the_issuer_alone_is_a_claim() -> None:
    presented = read(pki.xfcc_json(pki.json_element(LEAF.der, issuer="CN=x")))
    assert presented is not None
    assert presented.claims == Claims(None, (), (), "CN=x")


def test_the_chain_leaves_the_leaf_out_wherever_it_came_from() -> None:
    assert read(PLAIN) == Presented(LEAF.der, (), ("xfcc",))
    assert read(pki.xfcc_json(pki.json_element(None, chain=LEAF.chain))) == Presented(LEAF.der, (CA.der,), ("xfcc",))


INCONSISTENT = {
    "another's hash": {**pki.json_element(LEAF.der), "hash": CA.sha256.hex()},
    "another's chain": pki.json_element(LEAF.der, chain=FORGED.chain),
}


@pytest.mark.parametrize("element", INCONSISTENT.values(), ids=INCONSISTENT)
def test_what_an_element_says_of_its_certificate_must_agree(element: dict[str, object]) -> None:
    assert denied(pki.xfcc_json(element)).reason is Reason.SOURCE_INCONSISTENT


UNUSABLE = {
    "hash that is none": ({**pki.json_element(LEAF.der), "hash": "ab"}, Reason.SOURCE_MALFORMED),
    "key": ({"cert": LEAF.key_pem.decode()}, Reason.SOURCE_MALFORMED),
    "request": ({"cert": LEAF.pem.decode().replace("CERTIFICATE", "CERTIFICATE REQUEST")}, Reason.SOURCE_MALFORMED),
    "percent in PEM": ({"cert": LEAF.pem.decode().replace("\n", "%0A")}, Reason.SOURCE_MALFORMED),
    "percent-encoded plus": ({"cert": LEAF.pem.decode().replace("M", "%4D")}, Reason.SOURCE_MALFORMED),
    "space for plus": ({"cert": LEAF.pem.decode().replace("\nM", "\n M")}, Reason.SOURCE_MALFORMED),
    "not ASCII": ({"cert": LEAF.pem.decode() + "é"}, Reason.SOURCE_MALFORMED),
    "NUL": ({"cert": LEAF.pem.decode() + "\0"}, Reason.SOURCE_MALFORMED),
    "trailing text": ({"cert": LEAF.pem.decode() + "x"}, Reason.SOURCE_MALFORMED),
    "empty chain": ({"chain": []}, Reason.SOURCE_MALFORMED),
    "too many certificates": (pki.json_element(None, chain=[LEAF.der] * 17), Reason.SOURCE_TOO_LARGE),
    "a large certificate": (pki.json_element(bytes(66_000)), Reason.CERTIFICATE_TOO_LARGE),
}


@pytest.mark.parametrize(("element", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_certificate_that_cannot_be_decoded_is_denied(element: dict[str, object], reason: Reason) -> None:
    assert denied(pki.xfcc_json(element)).reason is reason


def test_an_element_without_certificate_says_which_setting_is_missing() -> None:
    error = denied('[{"hash":"1","uri":["spiffe://x/a"]}]')
    assert error.reason is Reason.CERTIFICATE_NOT_FORWARDED
    assert "cert: true" in error.detail


def test_the_length_is_bounded_before_it_is_parsed() -> None:
    assert denied("[" + " " * MAX_TEXT_LENGTH).reason is Reason.SOURCE_TOO_LARGE


def two(front: dict[str, object], back: dict[str, object]) -> str:
    return pki.xfcc_json(front, back)


def test_the_choice_of_the_element_is_that_of_the_text_form() -> None:
    header = two(pki.json_element(FORGED.der), pki.json_element(LEAF.der))
    assert denied(header).reason is Reason.SOURCE_AMBIGUOUS
    assert read(header, element=Last()) == Presented(LEAF.der, (), ("xfcc",))
    assert read(header, element=FromRight(2)) == Presented(FORGED.der, (), ("xfcc",))
    assert denied(header, element=FromRight(3)).reason is Reason.SOURCE_AMBIGUOUS


def test_by_and_who_handed_the_header_on_count_as_in_the_text_form() -> None:
    mine = pki.json_element(LEAF.der, by=[BY])
    assert read(pki.xfcc_json(mine), by=(BY,)) == Presented(LEAF.der, (), ("xfcc",))
    assert denied(PLAIN, by=(BY,)).reason is Reason.SOURCE_UNTRUSTED
    assert denied(pki.xfcc_json(pki.json_element(LEAF.der, by=["x"])), by=(BY,)).reason is Reason.SOURCE_UNTRUSTED
    handed_on = two(mine, pki.json_element(GATEWAY.der, uris=[BY]))
    assert read(handed_on, element=FromRight(2), by=(BY,)) == Presented(LEAF.der, (), ("xfcc",))
    by_another = two(mine, pki.json_element(GATEWAY.der, uris=["x"]))
    assert denied(by_another, element=FromRight(2), by=(BY,)).reason is Reason.SOURCE_UNTRUSTED


def test_what_stands_in_front_must_be_clear_as_in_the_text_form() -> None:
    odd = CA.issue("mallory", uris=["urn:x,y"])
    front = pki.json_element(odd.der, uris=["urn:x,y"])
    assert denied(two(front, pki.json_element(LEAF.der)), element=Last()).reason is Reason.SOURCE_UNTRUSTED
    unknown: dict[str, object] = {"uri": ["urn:x"]}
    assert denied(two(unknown, pki.json_element(LEAF.der)), element=Last()).reason is Reason.SOURCE_UNTRUSTED


def appended(sent: str) -> str:
    """Return what Envoy makes of a header that starts and ends like an array, in mode APPEND_FORWARD."""
    return f"{sent[:-1]},{PLAIN[1:-1]}]"


@pytest.mark.parametrize(
    "sent",
    [
        "[]",
        "[]]",
        "[[]",
        '[{"subject":"]',
        '[{"subject":"\\]',
        '[{"subject":"\\\\]',
        '[{"hash":"1"},]',
        '[{"by":[]',
        '[{"by":["x"]',
        '[{"cert":"-----BEGIN ]',
        '[{"hash":"1"}],[]',
    ],
)
def test_nothing_sent_in_front_swallows_the_element_that_the_proxy_appends(sent: str) -> None:
    assert denied(appended(sent), element=Last()).reason is Reason.SOURCE_MALFORMED


def test_a_sound_array_in_front_changes_nothing() -> None:
    header = appended(pki.xfcc_json(pki.json_element(FORGED.der)))
    assert read(header, element=Last()) == Presented(LEAF.der, (), ("xfcc",))


# Which form ----------------------------------------------------------------------------------------------------------

TEXT = pki.xfcc(LEAF.der)
LEAF_PRESENTED = Presented(LEAF.der, (), ("xfcc",))


def test_text_is_the_default_and_takes_no_json() -> None:
    assert XfccSource().format is XfccFormat.TEXT
    error = denied(PLAIN, form=XfccFormat.TEXT)
    assert error.reason is Reason.SOURCE_MALFORMED
    assert "the JSON form is not enabled" in error.detail


def test_json_takes_no_text() -> None:
    error = denied(TEXT)
    assert error.reason is Reason.SOURCE_MALFORMED
    assert "not JSON" in error.detail


def test_either_takes_one_or_the_other_and_no_mixture() -> None:
    assert read(PLAIN, form=XfccFormat.EITHER) == LEAF_PRESENTED
    assert read(TEXT, form=XfccFormat.EITHER) == LEAF_PRESENTED
    for mixed in (f"{TEXT},{PLAIN}", f"{PLAIN},{TEXT}", f"{PLAIN[:-1]},{TEXT}]", '{"hash":"00"},' + TEXT):
        assert denied(mixed, element=Last(), form=XfccFormat.EITHER).reason is Reason.SOURCE_MALFORMED


def test_several_lines_are_a_list_in_text_and_ambiguous_in_json() -> None:
    assert read(pki.xfcc(FORGED.der), TEXT, element=Last(), form=XfccFormat.EITHER) == LEAF_PRESENTED
    for form in (XfccFormat.JSON, XfccFormat.EITHER):
        assert denied(PLAIN, PLAIN, element=Last(), form=form).reason is Reason.SOURCE_AMBIGUOUS
        assert denied(PLAIN, TEXT, element=Last(), form=form).reason is Reason.SOURCE_AMBIGUOUS
    assert denied(TEXT, PLAIN, element=Last(), form=XfccFormat.EITHER).reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize("form", XfccFormat)
def test_no_header_presents_nothing_and_an_empty_one_is_malformed(form: XfccFormat) -> None:
    assert read(form=form) is None
    assert denied("", form=form).reason is Reason.SOURCE_MALFORMED


def test_the_hint_is_the_last_hash_in_either_form() -> None:
    header = two(pki.json_element(FORGED.der), pki.json_element(LEAF.der))
    for form in (XfccFormat.JSON, XfccFormat.EITHER):
        source = XfccSource(format=form)
        assert LEAF.sha256.hex() in source.hint(header)
        assert source.hint("[1]") == "[1]"
        assert len(source.hint(header)) == HINT_CHARACTERS
        assert LEAF.sha256.hex() in source.hint(TEXT)

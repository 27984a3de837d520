"""A certificate cannot bring an element of its own into the header."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.xfcc_element import Element
from extauthz.sources.xfcc_grammar import parse_xfcc
from extauthz.sources.xfcc_splice import refuse_spliced
from support import pki

CA = pki.make_ca("Issuing CA")
VICTIM = CA.issue("admin")
VICTIMS_ELEMENT = f'Hash={VICTIM.sha256.hex()};Cert="{pki.url_pem(VICTIM.der)}"'


def element_of(uri: str, *, dns: str = "", sent_uri: str | None = None) -> str:
    """Write the element of a certificate with a URI name (or a DNS name) as Envoy does, without quotes round it."""
    attacker = CA.issue("mallory", dns=[dns]) if dns else CA.issue("mallory", uris=[uri])
    names = f"URI=;DNS={dns}" if dns else f"URI={uri if sent_uri is None else sent_uri}"
    return f'Hash={attacker.sha256.hex()};Cert="{pki.url_pem(attacker.der)}";Subject="CN=mallory";{names}'


def refuse(text: str, chosen: int) -> None:
    refuse_spliced(parse_xfcc(text), chosen)


@pytest.mark.parametrize(
    "splice",
    [
        f"x,{VICTIMS_ELEMENT}",
        f"x,  {VICTIMS_ELEMENT}",
        f",{VICTIMS_ELEMENT}",
        f"x,By=spiffe://gateway;{VICTIMS_ELEMENT};URI=y",
        f'x,Cert="{pki.url_pem(VICTIM.der)}"',
        f"x,hASH={VICTIM.sha256.hex()};chain={pki.url_pem(VICTIM.der)}",
    ],
    ids=["hash first", "space", "empty name", "by first", "cert first", "other case"],
)
def test_an_element_out_of_the_certificate_before_it_is_untrusted(splice: str) -> None:
    with pytest.raises(DecodeError, match="element 1, before the chosen one: a name in its certificate") as caught:
        refuse(element_of(splice), 1)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED


def test_a_dns_name_brings_none_either() -> None:
    with pytest.raises(DecodeError) as caught:
        refuse(element_of("", dns=f"x,{VICTIMS_ELEMENT}"), 1)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED


def test_nor_does_a_name_with_bytes_that_envoy_replaces() -> None:
    by, sent = "x,By=\u00e9", "x,By=!!"  # Envoy's gRPC message has "!" for each byte that is not UTF-8
    with pytest.raises(DecodeError, match="element 1, before the chosen one") as caught:
        refuse(_with_raw_uri(f"{by};{VICTIMS_ELEMENT}", f"{sent};{VICTIMS_ELEMENT}"), 1)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED


def _with_raw_uri(uri: str, sent: str) -> str:
    raw = pki.der.sequence(pki.der.tlv(0x86, uri.encode("latin-1")))
    attacker = CA.issue("mallory", raw_san=raw)
    return f'Hash={attacker.sha256.hex()};Cert="{pki.url_pem(attacker.der)}";URI={sent}'


def test_a_splice_of_two_elements_is_found_at_the_first() -> None:
    text = element_of(f"x,Hash=1,{VICTIMS_ELEMENT}")
    with pytest.raises(DecodeError, match="element 1, ") as caught:
        refuse(text, 2)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED


def test_a_splice_behind_the_element_of_another_proxy_is_found() -> None:
    gateway = CA.issue("gateway")
    text = f"{element_of(f'x,{VICTIMS_ELEMENT}')},By=spiffe://app;{pki.xfcc(gateway.der)}"
    with pytest.raises(DecodeError) as caught:
        refuse(text, 1)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED


def test_elements_of_several_proxies_pass() -> None:
    refuse(f"{element_of('spiffe://x/a')},{VICTIMS_ELEMENT},By=spiffe://app;Hash=1;URI=spiffe://x/gateway", 2)


@pytest.mark.parametrize("name", ["x,y", "x;y", 'x"y'])
def test_a_name_that_could_break_out_is_enough(name: str) -> None:
    with pytest.raises(DecodeError) as caught:
        refuse(f"{element_of(name, sent_uri='z')},{VICTIMS_ELEMENT}", 1)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED


def test_a_splice_across_two_names_is_found_too() -> None:
    """The quote that the first name opens and the second closes would hide Envoy's own text between the two."""
    attacker = CA.issue("mallory", uris=['x,By="a', f'b",{VICTIMS_ELEMENT}'])
    text = f'Cert="{pki.url_pem(attacker.der)}";URI=x,By=a,{VICTIMS_ELEMENT}'
    with pytest.raises(DecodeError) as caught:
        refuse(text, 2)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED
    as_envoy_writes_it = f'Cert="{pki.url_pem(attacker.der)}";URI=x,By="a;URI=b",{VICTIMS_ELEMENT}'
    with pytest.raises(DecodeError, match="inside quotes, not escaped"):
        parse_xfcc(as_envoy_writes_it)


def test_elements_without_a_certificate_and_without_names_pass() -> None:
    refuse(f'By=spiffe://app;Hash=1;Subject="CN=a",{VICTIMS_ELEMENT}', 1)


@pytest.mark.parametrize("names", ["URI=spiffe://x/a", "URI=", "DNS=a.example", "URI=;DNS=a"])
def test_names_without_a_certificate_to_clear_them_are_untrusted(names: str) -> None:
    with pytest.raises(DecodeError, match="no certificate to clear them") as caught:
        refuse(f"By=spiffe://app;Hash=1;{names},{VICTIMS_ELEMENT}", 1)
    assert caught.value.reason is Reason.SOURCE_UNTRUSTED


def test_elements_after_the_chosen_one_are_not_looked_into() -> None:
    refuse_spliced([Element(cert="junk"), Element(cert="junk")], 0)


def test_a_certificate_before_the_chosen_one_that_does_not_decode_is_malformed() -> None:
    with pytest.raises(DecodeError, match="element 1, before the chosen one") as caught:
        refuse(f'Cert="junk",{VICTIMS_ELEMENT}', 1)
    assert caught.value.reason is Reason.SOURCE_MALFORMED


SWALLOWS = {
    "in front": ('Subject="', f'x",By=spiffe://gw;{VICTIMS_ELEMENT},Hash=a;URI=spiffe://gw'),
    "in front, by Hash": ('Hash="', f'x",By=spiffe://gw;{VICTIMS_ELEMENT},Hash=a;URI=spiffe://gw'),
    "to the right": (f'By=spiffe://gw;{VICTIMS_ELEMENT},Subject="', 'x";URI=spiffe://gw'),
    "to the right, by Cert": (f'By=spiffe://gw;{VICTIMS_ELEMENT},Cert="', 'x";URI=spiffe://gw'),
    "the last": ('Subject="', f'x",{VICTIMS_ELEMENT}'),
}


@pytest.mark.parametrize(("sent", "name"), SWALLOWS.values(), ids=SWALLOWS)
@pytest.mark.parametrize("appended", ["By=spiffe://app;Hash=00;URI=", "Hash=00;URI=", "Hash=00;URI=;DNS="])
def test_a_quote_that_the_client_opens_cannot_swallow_the_element_of_the_proxy(
    sent: str, name: str, appended: str
) -> None:
    with pytest.raises(DecodeError, match="inside quotes, not escaped") as caught:
        parse_xfcc(f"{sent},{appended}{name}")
    assert caught.value.reason is Reason.SOURCE_MALFORMED

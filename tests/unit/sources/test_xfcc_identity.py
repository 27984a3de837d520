"""The bare name in an XFCC element: only where it is asked for, and never one that the client wrote."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extauthz.identity.spiffe import parse_spiffe_id
from extauthz.model.errors import DecodeError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented, Shown
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import ElementChoice, FromRight, Last, Only, XfccFormat, XfccSource
from support import pki

XFCC = "x-forwarded-client-cert"
WAYPOINT = "spiffe://cluster.local/ns/web/sa/waypoint"
CLIENT = "spiffe://cluster.local/ns/shop/sa/cart"
VICTIM = "spiffe://cluster.local/ns/shop/sa/admin"
HASH = "5d" * 32
LEAF = pki.make_ca("Mesh").issue("cart", uris=[CLIENT])
NAMED = ForwardedIdentity(CLIENT, (WAYPOINT,), ("xfcc",))


def read(
    header: str, element: ElementChoice | None = None, domains: tuple[str, ...] = ("cluster.local",)
) -> Shown | None:
    source = XfccSource(element or Only(), (WAYPOINT,), identity_only=domains)
    return source.read(AuthRequest(headers={XFCC: (header,)}))


def denied(header: str, element: ElementChoice | None = None) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(header, element)
    return caught.value


@pytest.mark.parametrize(
    "header",
    [
        f"By={WAYPOINT};URI={CLIENT}",
        f"By={WAYPOINT};Hash={HASH};URI={CLIENT}",
        f'By={WAYPOINT};Hash={HASH};Subject="";URI={CLIENT}',
    ],
    ids=["waypoint", "gateway without cert", "sidecar"],
)
@pytest.mark.parametrize("element", [Only(), Last(), FromRight(1)])
def test_the_name_of_a_workload_is_read_on_the_word_of_a_proxy(header: str, element: ElementChoice) -> None:
    assert read(header, element) == NAMED


def test_without_being_asked_for_it_is_no_certificate() -> None:
    with pytest.raises(DecodeError) as caught:
        read(f"By={WAYPOINT};URI={CLIENT}", domains=())
    assert caught.value.reason is Reason.CERTIFICATE_NOT_FORWARDED


def test_the_trust_domain_is_read_in_any_case() -> None:
    assert read(f"By={WAYPOINT};URI=SPIFFE://Cluster.LOCAL/ns/shop/sa/cart") == NAMED


DENIED = [
    ("", Reason.SOURCE_MALFORMED),
    (f"By={WAYPOINT}", Reason.CERTIFICATE_NOT_FORWARDED),
    (f"By={WAYPOINT};Hash={HASH}", Reason.CERTIFICATE_NOT_FORWARDED),
    (f"By={WAYPOINT};URI=", Reason.CERTIFICATE_NOT_FORWARDED),
    (f'By={WAYPOINT};Subject="CN=cart"', Reason.CERTIFICATE_NOT_FORWARDED),
    (f"URI={CLIENT}", Reason.SOURCE_UNTRUSTED),
    (f"By={CLIENT};URI={CLIENT}", Reason.SOURCE_UNTRUSTED),
    (f"By={WAYPOINT};By={CLIENT};URI={CLIENT}", Reason.SOURCE_UNTRUSTED),
    (f"By={WAYPOINT};URI={CLIENT};URI={VICTIM}", Reason.SOURCE_AMBIGUOUS),
    (f"By={WAYPOINT};URI=;URI={VICTIM}", Reason.SOURCE_AMBIGUOUS),
    (f"By={WAYPOINT};URI={CLIENT};DNS=cart.shop", Reason.SOURCE_AMBIGUOUS),
    (f"By={WAYPOINT};DNS=;URI={CLIENT}", Reason.SOURCE_AMBIGUOUS),
    (f"By={WAYPOINT};URI=https://cart.shop/", Reason.SOURCE_MALFORMED),
    (f"By={WAYPOINT};URI=spiffe://cluster.local", Reason.SOURCE_MALFORMED),
    (f"By={WAYPOINT};URI={CLIENT}/../admin", Reason.SOURCE_MALFORMED),
    (f"By={WAYPOINT};URI=spiffe://cluster.local.evil/ns/shop/sa/cart", Reason.TRUST_DOMAIN_MISMATCH),
    (f"By={WAYPOINT};URI=spiffe://other/ns/shop/sa/cart", Reason.TRUST_DOMAIN_MISMATCH),
    (f"By={WAYPOINT};URI={CLIENT},By={WAYPOINT};URI={VICTIM}", Reason.SOURCE_AMBIGUOUS),
]


@pytest.mark.parametrize(("header", "reason"), DENIED)
def test_anything_else_is_denied(header: str, reason: Reason) -> None:
    error = denied(header)
    assert error.reason is reason
    assert "shop" not in error.detail


def test_a_certificate_is_read_as_one_and_its_name_stays_a_claim() -> None:
    shown = read(pki.xfcc(LEAF.der, by=[WAYPOINT], uris=[CLIENT]))
    assert isinstance(shown, Presented)
    assert shown.leaf == LEAF.der


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ('Cert=""', Reason.SOURCE_MALFORMED),
        ("Cert=", Reason.SOURCE_MALFORMED),
        ('Cert="-----BEGIN"', Reason.SOURCE_MALFORMED),
        ('Chain=""', Reason.SOURCE_MALFORMED),
        (f'Hash={HASH};Cert="{pki.url_pem(LEAF.der)}"', Reason.SOURCE_INCONSISTENT),
        (f'Cert="{pki.url_pem(LEAF.der)}";Chain=""', Reason.SOURCE_MALFORMED),
    ],
)
def test_a_broken_certificate_is_never_passed_over_for_the_name_beside_it(certificate: str, reason: Reason) -> None:
    assert denied(f"By={WAYPOINT};{certificate};URI={CLIENT}").reason is reason


def test_of_what_an_appending_proxy_leaves_in_front_nothing_is_believed() -> None:
    own = f"By={WAYPOINT};Hash={HASH};URI={CLIENT}"
    assert read(f"{pki.xfcc(LEAF.der, by=[WAYPOINT])},{own}", Last()) == NAMED
    assert denied(f"By={WAYPOINT};URI={VICTIM},{own}", Last()).reason is Reason.SOURCE_UNTRUSTED


def test_a_name_that_brings_an_element_along_is_refused() -> None:
    brought = f"{CLIENT},By={WAYPOINT};URI={VICTIM}"
    assert denied(f"By={WAYPOINT};Hash={HASH};URI={brought}", Last()).reason is Reason.SOURCE_UNTRUSTED


@pytest.mark.parametrize(
    ("element", "by"), [(Only(), ()), (Last(), ()), (FromRight(2), (WAYPOINT,))], ids=["only", "last", "from the right"]
)
def test_it_needs_somebody_who_vouches_and_the_last_element(element: ElementChoice, by: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="identity_only needs"):
        XfccSource(element, by, identity_only=("cluster.local",))


def test_a_certificate_of_another_source_does_not_go_with_a_bare_name() -> None:
    reader = SourceReader([EnvoyPeerSource(), XfccSource(by=(WAYPOINT,), identity_only=("cluster.local",))])
    header = {XFCC: (f"By={WAYPOINT};URI={CLIENT}",)}
    assert reader.read(AuthRequest(headers=header)) == NAMED
    with pytest.raises(DecodeError) as caught:
        reader.read(AuthRequest(source_certificate=pki.url_pem(LEAF.der), headers=header))
    assert caught.value.reason is Reason.SOURCE_CONFLICT


def in_json(**members: object) -> str:
    return json.dumps([{"by": [WAYPOINT], **members}])


def read_json(header: str, element: ElementChoice | None = None) -> Shown | None:
    source = XfccSource(element or Only(), (WAYPOINT,), XfccFormat.JSON, ("cluster.local",))
    return source.read(AuthRequest(headers={XFCC: (header,)}))


def test_the_name_is_read_from_json_as_well() -> None:
    assert read_json(in_json(hash=HASH, uri=[CLIENT])) == NAMED


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"uri": []}, Reason.CERTIFICATE_NOT_FORWARDED),
        ({"uri": [CLIENT, VICTIM]}, Reason.SOURCE_AMBIGUOUS),
        ({"uri": [CLIENT], "dns": ["cart.shop"]}, Reason.SOURCE_AMBIGUOUS),
        ({"uri": [CLIENT], "by": [CLIENT]}, Reason.SOURCE_UNTRUSTED),
        ({"uri": [f"{CLIENT},By={WAYPOINT};URI={VICTIM}"]}, Reason.SOURCE_MALFORMED),
        ({"uri": [CLIENT], "cert": ""}, Reason.SOURCE_MALFORMED),
        ({"uri": [CLIENT], "cert": None}, Reason.SOURCE_MALFORMED),
        ({"uri": [CLIENT], "chain": []}, Reason.SOURCE_MALFORMED),
    ],
)
def test_in_json_too_nothing_else_is_believed(members: dict[str, object], reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        read_json(in_json(**members))
    assert caught.value.reason is reason


PIECES = st.sampled_from(
    [
        *(CLIENT, VICTIM, WAYPOINT, f"By={WAYPOINT}", f"URI={VICTIM}", f"Hash={HASH}", "URI=", "DNS=", "By=", "Cert="),
        *(",", ";", '"', "\\", "=", " ", "x", "", "https://a", "spiffe://"),
    ]
)
NAMES = st.lists(PIECES, max_size=6).map("".join)


@example(uris=[CLIENT], dns=[], element=Only())
@example(uris=[], dns=[f"x;URI={VICTIM}"], element=Only())
@example(uris=[f"{CLIENT},By={WAYPOINT};URI={VICTIM}"], dns=[], element=Last())
@given(uris=st.lists(NAMES, max_size=2), dns=st.lists(NAMES, max_size=2), element=st.sampled_from([Only(), Last()]))
def test_whatever_names_a_client_has_it_is_only_ever_read_under_its_one_uri(
    uris: list[str], dns: list[str], element: ElementChoice
) -> None:
    """The proxy writes bare names one after the other, as Envoy does, and ``URI=`` for a client without one."""
    names = [*(f"URI={uri}" for uri in uris or [""]), *(f"DNS={name}" for name in dns)]
    header = ";".join([f"By={WAYPOINT}", f"Hash={HASH}", *names])
    try:
        shown = read(header, element)
    except DecodeError:
        return
    (uri,) = uris
    assert isinstance(shown, ForwardedIdentity)
    assert (shown.spiffe_id, dns) == (str(parse_spiffe_id(uri.strip())), [])

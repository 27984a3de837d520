from datetime import timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.headers import EMITTED, FIELDS, FORWARDED_FIELDS, MAX_VALUE_BYTES, HeaderRenderer, encode_value
from extauthz.model.decision import HeaderMutations
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import FascN, Kind
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from support.certificates import NOW
from support.identities import fasc_n, identity, sans

EXPIRES = NOW + timedelta(hours=1)


def render(renderer: HeaderRenderer, *suspicious: str, **changes: object) -> HeaderMutations:
    rendered = renderer.render(identity(**changes), policy="pay", session_expires=EXPIRES, suspicious=suspicious)
    assert isinstance(rendered, HeaderMutations)
    return rendered


def test_identity_arrives_under_the_default_names() -> None:
    rendered = render(HeaderRenderer(), spiffe_id="spiffe://example.org/a")
    assert dict(rendered.set) == {
        "x-client-cert-subject": "CN=alice,OU=Ops,O=Example",
        "x-client-cert-issuer": "CN=Issuing CA,O=Example",
        "x-client-cert-serial": "0a1b",
        "x-client-cert-cn": "alice",
        "x-client-cert-san": "dns:client.example",
        "x-client-cert-sha256": "ab" * 32,
        "x-client-cert-not-after": "2027-05-02T12:00:00Z",
        "x-client-cert-kind": "software",
        "x-client-cert-spiffe-id": "spiffe://example.org/a",
        "x-client-cert-policy": "pay",
        "x-client-cert-session-expires": "2026-06-01T13:00:00Z",
    }


def test_identifiers_of_a_card_arrive_each_under_its_name() -> None:
    emitted = ["kind", "upn", "edipi", "agency-code", "fasc-n", "card-uuid", "ms-sid"]
    rendered = render(
        HeaderRenderer(emit=emitted, mapping={"x-card": "fasc_n", "x-agency": "agency_code"}),
        kind=Kind.CAC,
        sans=sans("upn:1234567890@mil"),
        fasc_n=fasc_n(),
        card_uuid="94e28c68-84db-44db-8a0e-f502d6689b14",
        edipi="1234567890",
        ms_sid="S-1-5-21-1-2-3-1013",
    )
    assert dict(rendered.set) == {
        "x-client-cert-kind": "cac",
        "x-client-cert-upn": "1234567890@mil",
        "x-client-cert-edipi": "1234567890",
        "x-client-cert-agency-code": "4700",
        "x-client-cert-fasc-n": "47000257000046",
        "x-client-cert-card-uuid": "94e28c68-84db-44db-8a0e-f502d6689b14",
        "x-client-cert-ms-sid": "S-1-5-21-1-2-3-1013",
        "x-card": "47000257000046",
        "x-agency": "4700",
    }


@pytest.mark.parametrize("number", [fasc_n(valid=False), fasc_n(agency_code="9999"), None])
def test_fasc_n_that_identifies_nobody_is_no_header(number: FascN | None) -> None:
    rendered = render(HeaderRenderer(mapping={"x-card": "fasc_n"}), fasc_n=number)
    names = {"x-client-cert-agency-code", "x-client-cert-fasc-n", "x-card"}
    assert names <= set(rendered.remove)
    assert names.isdisjoint(name for name, _ in rendered.set)


def test_managed_name_without_value_is_removed_in_both_spellings() -> None:
    rendered = render(HeaderRenderer())
    assert {"x-client-cert-upn", "x-client-cert-email", "x-client-cert-edipi"} <= set(rendered.remove)
    assert {f"x_client_cert_{suffix.replace('-', '_')}" for suffix in EMITTED} <= set(rendered.remove)


def test_name_that_is_not_emitted_is_still_removed() -> None:
    rendered = render(HeaderRenderer(emit=["cn"]))
    assert [name for name, _ in rendered.set] == ["x-client-cert-cn"]
    assert "x-client-cert-subject" in rendered.remove


def test_without_identity_everything_is_removed() -> None:
    rendered = HeaderRenderer(mapping={"x-user": "common_name"}).render(None, policy="open", session_expires=None)
    assert isinstance(rendered, HeaderMutations)
    assert rendered.set == ()
    assert {"x-client-cert-policy", "x-client-cert-subject", "x-user", "x_user"} <= set(rendered.remove)


def test_other_spellings_and_unknown_names_under_the_prefix_are_removed() -> None:
    renderer = HeaderRenderer(mapping={"x-app-user": "common_name"})
    spelled = ("x-client_cert-subject", "x_client-cert-role", "x-client-cert-role", "x_app-user", "x.client~cert.cn")
    rendered = render(renderer, *spelled, "x_unrelated")
    assert set(spelled) <= set(rendered.remove)
    assert "x_unrelated" not in rendered.remove


def test_name_that_is_set_is_not_removed_when_the_client_sent_it() -> None:
    rendered = render(HeaderRenderer(), "x-client-cert-subject")
    assert "x-client-cert-subject" not in rendered.remove
    assert len(rendered.remove) == len(set(rendered.remove))


def test_mapped_header_carries_the_field() -> None:
    assert ("x-user", "alice") in render(HeaderRenderer(mapping={"x-user": "common_name"})).set


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_mapped(field: str) -> None:
    rendered = render(
        HeaderRenderer(emit=(), mapping={"x-field": field}),
        sans=sans("dns:a.example", "email:a@example.com", "uri:spiffe://example.org/a", "ip:10.0.0.1", "upn:a@example"),
        policy_oids=("1.2.3",),
        spiffe_id="spiffe://example.org/a",
        edipi="1234567890",
        fasc_n=fasc_n(),
        card_uuid="94e28c68-84db-44db-8a0e-f502d6689b14",
        ms_sid="S-1-5-21-1-2-3-1013",
    )
    assert [name for name, value in rendered.set if value] == ["x-field"]


def test_a_list_of_one_empty_value_is_no_header() -> None:
    rendered = render(HeaderRenderer(mapping={"x-units": "organizational_units"}), organizational_units=("",))
    assert "x-units" not in dict(rendered.set)
    assert "x-units" in rendered.remove


def test_comma_inside_a_list_value_is_encoded() -> None:
    rendered = render(HeaderRenderer(emit=["san"]), sans=sans("uri:https://a/b,c", "dns:d.example"))
    assert dict(rendered.set)["x-client-cert-san"] == "uri:https://a/b%2Cc,dns:d.example"


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("Zoë 100%", "Zo%C3%AB 100%25"),
        (" a b ", "%20a b%20"),
        ("a\r\nb\x00", "a%0D%0Ab%00"),
        ("\u202e", "%E2%80%AE"),
        ("a+b", "a+b"),
        ("  ", "%20%20"),
    ],
)
def test_value_is_plain_ascii(text: str, encoded: str) -> None:
    assert encode_value(text) == encoded


@given(st.text())
def test_encoding_is_reversible_and_cannot_leave_its_line(text: str) -> None:
    encoded = encode_value(text)
    assert unquote(encoded, errors="strict") == text
    assert encoded.isascii()
    assert encoded.isprintable() or not encoded
    assert encoded == encoded.strip()


def test_value_that_fills_a_header_to_the_last_byte_is_kept() -> None:
    rendered = render(HeaderRenderer(emit=["cn"]), common_name="x" * MAX_VALUE_BYTES)
    assert len(dict(rendered.set)["x-client-cert-cn"]) == MAX_VALUE_BYTES


def test_value_too_long_for_a_header_denies() -> None:
    rendered = HeaderRenderer(emit=["cn"]).render(
        identity(common_name="x" * (MAX_VALUE_BYTES + 1)), policy="p", session_expires=EXPIRES
    )
    assert isinstance(rendered, Fail)
    assert rendered.reason is Reason.IDENTITY_TOO_LARGE


@pytest.mark.parametrize("suffix", EMITTED)
def test_no_name_is_both_set_and_removed(suffix: str) -> None:
    rendered = render(HeaderRenderer(emit=[suffix]), edipi="1234567890", card_uuid="u", sans=sans("upn:a@b"))
    assert not {name for name, _ in rendered.set} & set(rendered.remove)


CART = ForwardedIdentity("spiffe://example.org/ns/shop/sa/cart", ("spiffe://example.org/waypoint",))


def test_a_bare_name_arrives_and_every_other_managed_header_is_removed() -> None:
    rendered = HeaderRenderer(mapping={"x-user": "uris", "x-subject": "subject"}).render_forwarded(CART, policy="mesh")
    assert dict(rendered.set) == {
        "x-client-cert-san": "uri:spiffe://example.org/ns/shop/sa/cart",
        "x-client-cert-spiffe-id": "spiffe://example.org/ns/shop/sa/cart",
        "x-client-cert-policy": "mesh",
        "x-user": "spiffe://example.org/ns/shop/sa/cart",
    }
    missing = {f"x-client-cert-{suffix}" for suffix in EMITTED} - set(dict(rendered.set))
    assert missing | {"x-subject", "x_client_cert_spiffe_id", "x_user"} <= set(rendered.remove)
    assert rendered.session == frozenset()


def test_a_bare_name_has_only_fields_that_a_certificate_has_too() -> None:
    assert set(FORWARDED_FIELDS) < set(FIELDS)
    of_certificate = HeaderRenderer().render(
        identity(spiffe_id=CART.spiffe_id, sans=sans(f"uri:{CART.spiffe_id}")), policy="mesh", session_expires=None
    )
    assert isinstance(of_certificate, HeaderMutations)
    assert set(HeaderRenderer().render_forwarded(CART, policy="mesh").set) <= set(of_certificate.set)

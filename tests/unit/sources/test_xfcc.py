"""The XFCC header: which element, whose word, which certificate."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Claims, Presented
from extauthz.sources.limits import MAX_TEXT_LENGTH
from extauthz.sources.source import Source
from extauthz.sources.xfcc import ElementChoice, FromRight, Last, Only, XfccSource
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
FORGED = CA.issue("admin")
GATEWAY = CA.issue("gateway")
XFCC = "x-forwarded-client-cert"
BY = "spiffe://mesh/gateway"
Join = Callable[[list[str]], list[str]]


def read(*lines: str, element: ElementChoice | None = None, by: tuple[str, ...] = ()) -> Presented | None:
    source: Source = XfccSource(by=by) if element is None else XfccSource(element=element, by=by)
    shown = source.read(AuthRequest(headers={XFCC: lines}))
    assert not isinstance(shown, ForwardedIdentity)  # nobody asked for one
    return shown


def denied(*lines: str, element: ElementChoice | None = None, by: tuple[str, ...] = ()) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(*lines, element=element, by=by)
    return caught.value


def test_leaf_chain_and_claims_of_an_element_as_envoy_writes_it() -> None:
    header = pki.xfcc(
        LEAF.der, chain=LEAF.chain, by=[BY], subject="CN=alice", uris=["spiffe://x/a"], dns=["a.example", "b.example"]
    )
    assert read(header) == Presented(
        LEAF.der, (CA.der,), ("xfcc",), Claims("CN=alice", ("spiffe://x/a",), ("a.example", "b.example"))
    )


def test_the_chain_leaves_the_leaf_out_wherever_it_came_from() -> None:
    assert read(pki.xfcc(None, chain=[LEAF.der, CA.der])) == Presented(LEAF.der, (CA.der,), ("xfcc",))
    assert read(pki.xfcc(LEAF.der)) == Presented(LEAF.der, (), ("xfcc",))


def test_an_element_without_subject_and_names_claims_nothing() -> None:
    presented = read(pki.xfcc(LEAF.der, uris=[""]))
    assert presented is not None
    assert presented.claims is None


def test_the_subject_is_claimed_as_rfc_2253_text() -> None:
    presented = read(pki.xfcc(LEAF.der, subject=r"CN=alice=1,OU=a\;b,O=Lab\, \"Inc\"", uris=[""]))
    assert presented is not None
    assert presented.claims == Claims(r"CN=alice=1,OU=a\;b,O=Lab\, \"Inc\"", (), ())


@pytest.mark.parametrize(
    "request_", [AuthRequest(), AuthRequest(headers={XFCC: ()}), AuthRequest(headers={"x": ("y",)})]
)
def test_no_header_presents_nothing(request_: AuthRequest) -> None:
    assert XfccSource().read(request_) is None


def test_it_reads_one_header() -> None:
    assert XfccSource().headers == (XFCC,)


BAD = {
    "empty": ("", Reason.SOURCE_MALFORMED),
    "blank": (" ", Reason.SOURCE_MALFORMED),
    "truncated": (pki.xfcc(LEAF.der)[:300], Reason.SOURCE_MALFORMED),
    "truncated in Cert, quote closed": (pki.xfcc(LEAF.der)[:300] + '"', Reason.SOURCE_MALFORMED),
    "two certificates in Cert": (f'Cert="{pki.url_pem(LEAF.der, CA.der)}"', Reason.SOURCE_MALFORMED),
    "doubled Cert": (pki.xfcc(LEAF.der) + ";" + pki.xfcc(LEAF.der, hash_=None), Reason.SOURCE_MALFORMED),
    "empty Cert": ('Hash=1;Cert=""', Reason.SOURCE_MALFORMED),
    "empty Chain": ("Chain=", Reason.SOURCE_MALFORMED),
    "not UTF-8": (pki.xfcc(LEAF.der) + ";URI=\udcff", Reason.SOURCE_MALFORMED),
    "unbalanced quotes": (pki.xfcc(LEAF.der) + ';URI="', Reason.SOURCE_MALFORMED),
    "unknown key": (pki.xfcc(LEAF.der) + ";Foo=1", Reason.SOURCE_MALFORMED),
    "empty element": (pki.xfcc(LEAF.der) + ",", Reason.SOURCE_MALFORMED),
    "key": (f'Cert="{quote(LEAF.key_pem)}"', Reason.SOURCE_MALFORMED),
    "request": (f'Cert="{pki.url_pem(LEAF.der).replace("CERTIFICATE", "NEW%20CERTIFICATE%20REQUEST")}"',
                Reason.SOURCE_MALFORMED),
    "crl": (f'Cert="{quote(pki.pem_crl(CA.crl()))}"', Reason.SOURCE_MALFORMED),
    "JSON": ('[{"cert":"-----BEGIN CERTIFICATE-----"}]', Reason.SOURCE_MALFORMED),
    "hash that is none": (pki.xfcc(LEAF.der, hash_="ab"), Reason.SOURCE_MALFORMED),
    "another's hash": (pki.xfcc(LEAF.der, hash_=CA.sha256.hex()), Reason.SOURCE_INCONSISTENT),
    "another's chain": (pki.xfcc(LEAF.der, chain=FORGED.chain), Reason.SOURCE_INCONSISTENT),
    "1 MB": ("A" * 1_000_000, Reason.SOURCE_TOO_LARGE),
    "1 MB of quotes": ('URI="' * 200_000, Reason.SOURCE_TOO_LARGE),
    "too many elements": (",".join(["Hash=1"] * 17), Reason.SOURCE_TOO_LARGE),
    "too many certificates": (f'Chain="{pki.url_pem(LEAF.der) * 17}"', Reason.SOURCE_TOO_LARGE),
    "a large certificate": (f'Cert="{pki.url_pem(bytes(66_000))}"', Reason.CERTIFICATE_TOO_LARGE),
    "two elements": (f"{pki.xfcc(LEAF.der)},{pki.xfcc(LEAF.der)}", Reason.SOURCE_AMBIGUOUS),
}  # fmt: skip


@pytest.mark.parametrize(("header", "reason"), BAD.values(), ids=BAD)
def test_anything_else_is_denied(header: str, reason: Reason) -> None:
    assert denied(header).reason is reason


@pytest.mark.parametrize("header", [f"By={BY};Hash=1;URI=spiffe://x/a", f"By={BY};URI=spiffe://x/a", "Hash=1", "URI="])
def test_an_element_without_certificate_says_which_setting_is_missing(header: str) -> None:
    error = denied(header)
    assert error.reason is Reason.CERTIFICATE_NOT_FORWARDED
    assert "set_current_client_cert_details" in error.detail
    assert "cert: true" in error.detail


def test_the_limit_counts_all_lines_and_the_commas_between_them() -> None:
    element = pki.xfcc(LEAF.der)
    first = "Hash=" + "a" * (MAX_TEXT_LENGTH - len(element) - len("Hash=") - 1)
    assert read(first, element, element=Last()) == Presented(LEAF.der, (), ("xfcc",))
    assert denied(first + "a", element, element=Last()).reason is Reason.SOURCE_TOO_LARGE


# Which element -------------------------------------------------------------------------------------------------------


def test_the_only_element_is_the_default() -> None:
    assert XfccSource().element == Only()


FORGERIES = {
    "sound": pki.xfcc(FORGED.der, by=[BY], subject="CN=admin"),
    "subject only": f'By={BY};Hash=1;Subject="CN=admin"',
    "two elements": f"{pki.xfcc(FORGED.der)},{pki.xfcc(FORGED.der)}",
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
@pytest.mark.parametrize("join", [lambda lines: lines, lambda lines: [",".join(lines)]], ids=["lines", "one line"])
class TestAnElementThatTheClientSentInFront:
    def test_is_ambiguous_where_one_is_expected(self, forged: str, join: Join) -> None:
        error = denied(*join([forged, pki.xfcc(LEAF.der)]))
        assert error.reason is Reason.SOURCE_AMBIGUOUS

    def test_is_not_the_last(self, forged: str, join: Join) -> None:
        assert read(*join([forged, pki.xfcc(LEAF.der)]), element=Last()) == Presented(LEAF.der, (), ("xfcc",))

    def test_is_not_counted_from_the_right(self, forged: str, join: Join) -> None:
        lines = join([forged, pki.xfcc(LEAF.der, by=[BY]), pki.xfcc(GATEWAY.der)])
        assert read(*lines, element=FromRight(2)) == Presented(LEAF.der, (), ("xfcc",))


def test_a_forged_element_cannot_swallow_the_one_that_the_proxy_adds() -> None:
    for prefix in ('Subject="', 'URI="', f'{pki.xfcc(FORGED.der)};Subject="', 'Subject="\\'):
        error = denied(f"{prefix},{pki.xfcc(LEAF.der, subject='CN=alice')}", element=Last())
        assert error.reason is Reason.SOURCE_MALFORMED


def test_too_few_elements_are_ambiguous() -> None:
    assert denied(pki.xfcc(LEAF.der), element=FromRight(2)).reason is Reason.SOURCE_AMBIGUOUS


def test_an_unsound_element_denies_even_where_it_is_not_chosen() -> None:
    assert denied(f"Foo=1,{pki.xfcc(LEAF.der)}", element=Last()).reason is Reason.SOURCE_MALFORMED
    assert denied(f"{pki.xfcc(LEAF.der)},Foo=1", element=FromRight(2)).reason is Reason.SOURCE_MALFORMED


def test_the_certificate_of_an_element_after_the_chosen_one_is_not_decoded() -> None:
    assert read(f'{pki.xfcc(LEAF.der)},Cert="junk"', element=FromRight(2)) == Presented(LEAF.der, (), ("xfcc",))


def test_a_certificate_that_brings_its_own_element_is_untrusted() -> None:
    splice = f"x,{pki.xfcc(FORGED.der, by=[BY])}"
    attacker = CA.issue("mallory", uris=[splice])
    header = f"{pki.xfcc(attacker.der, by=[BY])};URI={splice}"
    assert denied(header).reason is Reason.SOURCE_AMBIGUOUS
    assert denied(header, element=Last(), by=(BY,)).reason is Reason.SOURCE_UNTRUSTED
    with_gateway = f"{header},{pki.xfcc(GATEWAY.der)}"
    assert denied(with_gateway, element=FromRight(2)).reason is Reason.SOURCE_UNTRUSTED


class TestTheProxiesInBetween:
    """``by`` with elements to the right of the chosen one: each of them says who handed the header on."""

    @staticmethod
    def handed_on(*uris: str) -> str:
        return pki.xfcc(GATEWAY.der, by=["spiffe://app"], uris=uris)

    def test_an_element_handed_on_by_a_configured_proxy_is_used(self) -> None:
        header = f"{pki.xfcc(LEAF.der, by=[BY])},{self.handed_on(BY)}"
        assert read(header, element=FromRight(2), by=(BY,)) == Presented(LEAF.der, (), ("xfcc",))

    @pytest.mark.parametrize("uris", [(), ("",), ("spiffe://workload",), (BY, "spiffe://workload"), (BY + "/",)])
    def test_an_element_that_another_client_wrote_is_untrusted(self, uris: tuple[str, ...]) -> None:
        header = f"{pki.xfcc(FORGED.der, by=[BY])},{self.handed_on(*uris)}"
        assert denied(header, element=FromRight(2), by=(BY,)).reason is Reason.SOURCE_UNTRUSTED

    def test_each_hop_must_be_one_of_them(self) -> None:
        header = f"{pki.xfcc(FORGED.der, by=[BY])},{self.handed_on(BY)},{self.handed_on('spiffe://workload')}"
        assert denied(header, element=FromRight(3), by=(BY,)).reason is Reason.SOURCE_UNTRUSTED


def test_a_certificate_that_brings_its_own_pair_is_malformed() -> None:
    header = f'Hash={FORGED.sha256.hex()};Subject="CN=mallory";URI=x;Cert="{pki.url_pem(FORGED.der)}"'
    assert denied(header).reason is Reason.SOURCE_MALFORMED


# Whose word ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "by"),
    [
        (pki.xfcc(LEAF.der, by=[BY]), (BY,)),
        (pki.xfcc(LEAF.der, by=[BY]), ("spiffe://other", BY)),
        (pki.xfcc(LEAF.der, by=[BY, "spiffe://other"]), ("spiffe://other", BY)),
        (pki.xfcc(LEAF.der, by=[BY]), ()),
        (pki.xfcc(LEAF.der), ()),
    ],
)
def test_every_by_that_is_in_the_list_is_trusted(header: str, by: tuple[str, ...]) -> None:
    assert read(header, by=by) == Presented(LEAF.der, (), ("xfcc",))


@pytest.mark.parametrize(
    "header",
    [
        pki.xfcc(LEAF.der),
        pki.xfcc(LEAF.der, by=["spiffe://other"]),
        pki.xfcc(LEAF.der, by=[BY, "spiffe://other"]),
        pki.xfcc(LEAF.der, by=[BY.upper()]),
        pki.xfcc(LEAF.der, by=[BY + "/"]),
        pki.xfcc(LEAF.der, by=[""]),
    ],
    ids=["none", "other", "one of two", "case", "longer", "empty"],
)
def test_any_other_by_is_untrusted(header: str) -> None:
    assert denied(header, by=(BY,)).reason is Reason.SOURCE_UNTRUSTED


def test_only_the_by_of_the_chosen_element_counts() -> None:
    header = f"{pki.xfcc(FORGED.der, by=[BY])},{pki.xfcc(LEAF.der, by=['spiffe://other'])}"
    assert denied(header, element=Last(), by=(BY,)).reason is Reason.SOURCE_UNTRUSTED


def test_an_empty_by_is_refused_at_load() -> None:
    with pytest.raises(ValueError, match="empty"):
        XfccSource(by=("",))

"""What cannot be used takes nothing away."""

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh.content import Content, summary
from extauthz.trust.crl.load import Crl, load_crl
from extauthz.trust.crl.rejected import RejectedCrl
from support import pki

ONE, OTHER = pki.make_ca("One"), pki.make_ca("Other")
ISSUERS = [parse_certificate(one.der) for one in (ONE, OTHER)]
BAD = RejectedCrl(label="a", why="no", issuer_dn=None, issuer_key=None)


def crl(ca: pki.Authority, number: int = 1) -> Crl:
    return load_crl(ca.crl(number=number), ISSUERS)


def numbers(content: Content) -> list[tuple[str, int | None]]:
    return [(one.issuer_dn, one.number) for one in content.crls]


def test_new_content_replaces_the_old() -> None:
    content = Content.of([crl(ONE, 2)], Content((crl(ONE), crl(OTHER))))
    assert numbers(content) == [("CN=One,O=Example", 2)]
    assert content.problem is None


def test_the_same_crl_twice_stands_once() -> None:
    one = crl(ONE)
    assert len(Content.of([one, one], Content()).crls) == 1


def test_beside_something_bad_the_old_stays_but_for_what_a_new_one_stands_in_for() -> None:
    content = Content.of([crl(ONE, 2), BAD], Content((crl(ONE), crl(OTHER))))
    assert numbers(content) == [("CN=One,O=Example", 2), ("CN=Other,O=Example", 1)]
    assert (content.rejected, content.problem) == ((BAD,), "no")


def test_crls_of_a_key_that_is_no_longer_trusted_go() -> None:
    content = Content((crl(ONE), crl(OTHER))).trusting(ISSUERS[:1])
    assert numbers(content) == [("CN=One,O=Example", 1)]


def test_of_several_signers_those_that_are_trusted_stay() -> None:
    renewed = parse_certificate(pki.make_ca("One", key=ONE.key, not_after=pki.FAR).der)
    crl_of_both = load_crl(ONE.crl(), [ISSUERS[0], renewed])
    assert len(crl_of_both.signers) == 2
    (kept,) = Content((crl_of_both,)).trusting([renewed]).crls
    assert kept.signers == (renewed,)
    assert Content((crl_of_both,)).trusting([ISSUERS[0], renewed]).crls == (crl_of_both,)


def test_many_sentences_are_cut_short() -> None:
    assert summary([]) is None
    assert summary(["a", "b", "c"]) == "a; b; c"
    assert summary(["a", "b", "c", "d", "e"]) == "a; b; c; and 2 more"

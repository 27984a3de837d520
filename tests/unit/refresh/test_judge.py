"""Over all sources together: the newest counts, and nothing older takes its place."""

from collections.abc import Sequence
from datetime import datetime

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh.judge import Judge, Judged
from extauthz.refresh.rollback import LastSeen
from extauthz.trust.crl.load import Crl, load_crl
from support import pki

CA = pki.make_ca("Issuing")
ISSUER = parse_certificate(CA.der)
TRUSTED = [ISSUER.sha256]


def crl(number: int, this_update: datetime = pki.NOW) -> Crl:
    return load_crl(CA.crl(number=number, this_update=this_update, next_update=this_update + pki.DAY), [ISSUER])


class Court:
    """One judge and one memory over several rounds."""

    def __init__(self) -> None:
        self.judge = Judge()
        self.last_seen = LastSeen()

    def round(self, *offered: Crl, trusted: Sequence[bytes] = TRUSTED) -> Judged:
        """Offer each CRL from a feed of its own: a, then b, then c."""
        offers = [(number, "abc"[number], one) for number, one in enumerate(offered)]
        return self.judge.judge(offers, self.last_seen, trusted, pki.NOW)


def numbers(judged: Judged) -> list[int]:
    return sorted(one.number or 0 for one in judged.crls)


def test_everything_sound_is_in_use() -> None:
    judged = Court().round(crl(1), crl(2))
    assert numbers(judged) == [1, 2]
    assert judged.served == {0, 1}
    assert judged.rollbacks == set()


def test_an_older_one_in_place_of_the_newer_is_refused_and_the_newer_goes_on() -> None:
    court = Court()
    court.round(crl(2))
    older = crl(1)
    judged = court.round(older)
    assert numbers(judged) == [2]
    assert [one.number for one in judged.used[0]] == [2]
    (refused,) = judged.refused[0]
    assert (refused.label, refused.issuer_dn) == ("a", "CN=Issuing,O=Example")
    assert "is older than" in refused.why
    assert judged.rollbacks == {("a", older.sha256)}
    assert judged.served == {0}
    assert numbers(court.round(older)) == [2]


def test_an_older_one_beside_the_newer_is_merely_out_of_date() -> None:
    court = Court()
    court.round(crl(2))
    judged = court.round(crl(2), crl(1))
    assert (numbers(judged), judged.rollbacks, judged.served) == ([2], set(), {0, 1})


def test_after_a_restart_there_is_nothing_to_go_on_with() -> None:
    before = Court()
    before.round(crl(2))
    after = Court()
    after.last_seen.take_over(before.last_seen)
    judged = after.round(crl(1))
    assert (judged.crls, judged.served, len(judged.refused[0])) == ((), set(), 1)


def test_one_that_is_still_to_come_is_not_remembered_and_pushes_nothing_out() -> None:
    court = Court()
    court.round(crl(2))
    judged = court.round(crl(3, pki.NOW + pki.SECOND))
    assert numbers(judged) == [2, 3]
    assert numbers(court.round(crl(2))) == [2]


def test_what_is_no_longer_offered_at_all_is_gone() -> None:
    court = Court()
    court.round(crl(2))
    assert court.round().crls == ()
    assert numbers(court.round(crl(1))) == []


def test_a_key_that_is_no_longer_trusted_takes_its_crls_along() -> None:
    court = Court()
    court.round(crl(2))
    assert court.round(crl(1), trusted=[]).crls == ()


def test_a_number_that_starts_anew_is_refused_however_new_it_is() -> None:
    court = Court()
    court.round(crl(7, pki.NOW - pki.HOUR))
    assert numbers(court.round(crl(1))) == [7]

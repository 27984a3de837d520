"""The identifiers of smart cards: what matches, what does not, and what cannot be told."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from extauthz.model.identity import CertIdentity, FascN
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.agency_code import agency_code_rule
from extauthz.policy.rules.all_of import all_of
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.card_uuid import card_uuid_rule
from extauthz.policy.rules.edipi import edipi_rule
from extauthz.policy.rules.fasc_n import fasc_n_rule
from extauthz.policy.rules.ms_sid import ms_sid_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.policy.rules.upn import upn_rule
from support.identities import fasc_n, identity, sans

UUID = "94e28c68-84db-44db-8a0e-f502d6689b14"
SID = "S-1-5-21-3623811015-3361044348-30300820-1013"
NUMBER = fasc_n()
CARD = identity(fasc_n=NUMBER, card_uuid=UUID, edipi="1234567890", ms_sid=SID, sans=sans("upn:1234567890@mil"))
NOBODY = identity()

Make = Callable[[Sequence[str]], Rule]
RULES: list[tuple[Make, str, str, Reason]] = [
    (agency_code_rule, "4700", "4701", Reason.AGENCY_CODE_NOT_ALLOWED),
    (fasc_n_rule, "47000257000046", "47000257000047", Reason.FASC_N_NOT_ALLOWED),
    (card_uuid_rule, UUID, UUID.replace("9", "8"), Reason.CARD_UUID_NOT_ALLOWED),
    (edipi_rule, "1234567890", "1234567891", Reason.EDIPI_NOT_ALLOWED),
    (ms_sid_rule, SID, f"{SID}0", Reason.MS_SID_NOT_ALLOWED),
    (upn_rule, "1234567890@mil", "1234567891@mil", Reason.UPN_NOT_ALLOWED),
]
every_rule = pytest.mark.parametrize(("make", "value", "other", "reason"), RULES)


def outcome(rule: Rule, holder: CertIdentity) -> Pass | Fail:
    found = rule.check(holder)
    assert found.detail
    return found


@every_rule
def test_one_value_of_the_list_is_enough(make: Make, value: str, other: str, reason: Reason) -> None:
    assert isinstance(outcome(make([other, value]), CARD), Pass)


@every_rule
def test_another_value_is_refused_with_the_reason_of_the_rule(
    make: Make, value: str, other: str, reason: Reason
) -> None:
    found = outcome(make([other]), CARD)
    assert isinstance(found, Fail)
    assert (found.reason, found.undecided) == (reason, False)
    assert other in found.detail


@every_rule
def test_certificate_without_the_identifier_is_refused(make: Make, value: str, other: str, reason: Reason) -> None:
    found = outcome(make([value]), NOBODY)
    assert isinstance(found, Fail)
    assert (found.reason, found.undecided) == (reason, False)


@pytest.mark.parametrize(
    ("rule", "warning"),
    [
        (agency_code_rule(["4700"]), "fasc_n: character 3 has the wrong parity"),
        (fasc_n_rule(["47000257000046"]), "fasc_n: 2 numbers, so none is used"),
        (edipi_rule(["1234567890"]), "edipi: the common name and the FASC-N name different persons"),
        (card_uuid_rule([UUID]), "card_uuid: 2 UUIDs, so none is used"),
        (ms_sid_rule([SID]), "ms_sid: not a SID of the form S-1-5-21-…"),
    ],
    ids=lambda one: getattr(one, "key", ""),
)
def test_identifier_that_cannot_be_believed_neither_matches_nor_escapes_a_not(rule: Rule, warning: str) -> None:
    odd = identity(warnings=("subject: something else", warning))
    found = outcome(rule, odd)
    assert isinstance(found, Fail)
    assert (found.detail, found.undecided) == (warning, True)
    excluded = outcome(not_rule(all_of([rule])), odd)
    assert isinstance(excluded, Fail)
    assert excluded.reason is Reason.EXCLUDED


@pytest.mark.parametrize("make", [agency_code_rule, fasc_n_rule])
def test_malformed_fasc_n_never_matches(make: Make) -> None:
    wanted = "4700" if make is agency_code_rule else NUMBER.unique_number
    broken = identity(
        fasc_n=replace(NUMBER, valid=False), warnings=("fasc_n: the check character is not the right one",)
    )
    found = outcome(make([wanted]), broken)
    assert isinstance(found, Fail)
    assert found.undecided


NON_FEDERAL = fasc_n(agency_code="9999", system_code="9999", credential_number="999999")


@pytest.mark.parametrize("rule", [agency_code_rule(["4700"]), fasc_n_rule(["47000257000046"])])
@pytest.mark.parametrize("number", [NON_FEDERAL, fasc_n(agency_code="9999")])
def test_fasc_n_of_no_federal_agency_never_matches_and_is_clearly_none_of_those_listed(
    rule: Rule, number: FascN
) -> None:
    found = outcome(rule, identity(fasc_n=number))
    assert isinstance(found, Fail)
    assert not found.undecided


@pytest.mark.parametrize("written", [UUID, UUID.upper(), f"urn:uuid:{UUID}", f"URN:UUID:{UUID.upper()}"])
def test_uuid_is_written_in_any_case_with_or_without_its_prefix(written: str) -> None:
    assert isinstance(outcome(card_uuid_rule([written]), CARD), Pass)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("*@mil", True),
        ("1234567890@MIL", True),
        ("re:[0-9]{10}@mil", True),
        ("re:[0-9]{9}@mil", False),
        ("*@mil.example", False),
        ("mil", False),
    ],
)
def test_upn_patterns_are_those_of_mailboxes(text: str, accepted: bool) -> None:
    assert isinstance(outcome(upn_rule([text]), CARD), Pass) is accepted


@pytest.mark.parametrize(
    ("make", "text", "sentence"),
    [
        (agency_code_rule, "470", "'470' is not an agency code; write its 4 digits, such as \"4700\""),
        (agency_code_rule, "47OO", "is not an agency code"),
        (agency_code_rule, "4700\n", "is not an agency code"),
        (agency_code_rule, "\uff19" * 4, "is not an agency code"),
        (agency_code_rule, "9999", "which every card outside the federal government has, so it would never match"),
        (fasc_n_rule, "4700-0257-000046", "write the 14 digits of agency code, system code and credential number"),
        (fasc_n_rule, "4700025700004", "is not the unique number of a FASC-N"),
        (fasc_n_rule, "9999" * 3 + "99", "so it would never match"),
        (edipi_rule, "123456789", "is not an EDIPI; write its 10 digits"),
        (edipi_rule, "123456789X", "is not an EDIPI"),
        (edipi_rule, "1234567890@mil", "is not an EDIPI"),
        (card_uuid_rule, UUID[:-1], "no certificate has the UUID"),
        (card_uuid_rule, f"urn:guid:{UUID}", "no certificate has the UUID"),
        (card_uuid_rule, f"{{{UUID}}}", "no certificate has the UUID"),
        (card_uuid_rule, "00000000-0000-0000-0000-000000000000", "no certificate has the UUID"),
        (ms_sid_rule, "s-1-5-21-1", "no certificate has the SID 's-1-5-21-1'"),
        (ms_sid_rule, "S-1-5", "no certificate has the SID"),
        (ms_sid_rule, "S-1-5-21-4294967296", "no certificate has the SID"),
        (ms_sid_rule, f"{SID}-*", "no certificate has the SID"),
        (upn_rule, "svc-*@mil", "must stand for a whole segment"),
    ],
)
def test_value_that_no_certificate_can_have_is_refused_at_load(make: Make, text: str, sentence: str) -> None:
    with pytest.raises(PatternError) as caught:
        make([text])
    assert sentence in str(caught.value)

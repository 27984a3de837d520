from dataclasses import replace

import pytest

from extauthz.cli.identity_text import identity_lines
from extauthz.identity.certificate import parse_certificate
from extauthz.model.identity import FascN, PublicKeyInfo
from support import pki

IDENTITY = parse_certificate(pki.make_ca("Root").issue("alice").der).identity
FASC_N = FascN(
    agency_code="4700",
    system_code="0257",
    credential_number="000046",
    credential_series="1",
    individual_credential_issue="1",
    person_identifier="0257000046",
    organizational_category="1",
    organizational_identifier="9999",
    person_association="1",
    valid=True,
)


@pytest.mark.parametrize(
    ("valid", "line"),
    [
        (True, "FASC-N                4700-0257-000046, person 0257000046"),
        (False, "FASC-N                4700-0257-000046, person 0257000046 (INVALID)"),
    ],
)
def test_a_fasc_n_is_shown_with_its_person_and_whether_it_holds(valid: bool, line: str) -> None:
    identity = replace(IDENTITY, fasc_n=replace(FASC_N, valid=valid))
    assert line in list(identity_lines(identity, pki.NOW))


def test_identifiers_are_shown_where_there_are_any() -> None:
    identity = replace(IDENTITY, edipi="1234567890", ms_sid="S-1-5-21-1", policy_oids=("1.2.3", "1.2.4"))
    lines = list(identity_lines(identity, pki.NOW))
    assert "EDIPI                 1234567890" in lines
    assert "Microsoft SID         S-1-5-21-1" in lines
    start = lines.index("policies              1.2.3")
    assert lines[start + 1] == "                      1.2.4"


def test_a_key_without_size_or_curve_is_its_type() -> None:
    identity = replace(IDENTITY, key=PublicKeyInfo("ed25519"))
    assert "key                   ed25519" in list(identity_lines(identity, pki.NOW))

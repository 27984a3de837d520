from dataclasses import replace
from itertools import takewhile

import pytest

from extauthz.cli.identity_text import LABEL_WIDTH, identity_lines
from extauthz.identity.certificate import parse_certificate
from extauthz.model.identity import Kind, PublicKeyInfo
from extauthz.policy.rules.device import DEVICE_KINDS
from support import pki
from support.identities import fasc_n

IDENTITY = parse_certificate(pki.make_ca("Root").issue("alice").der).identity


def shown(label: str, **changes: object) -> list[str]:
    """Return the lines of one label, without it."""
    identity = replace(IDENTITY, **changes)  # type: ignore[arg-type]  # the fields are those of the identity
    lines = list(identity_lines(identity, pki.NOW))
    start = next((at for at, line in enumerate(lines) if line.startswith(f"{label}  ")), len(lines))
    more = takewhile(lambda line: line.startswith(" "), lines[start + 1 :])
    return [line[LABEL_WIDTH:] for line in (*lines[start : start + 1], *more)]


FIELDS = [
    "47000257000046 (agency 4700, system 0257, credential 000046)",
    "series 1, issue 1",
    "person 0257000046, employee (1)",
    "organization 9999, federal government agency (1)",
]


def test_a_fasc_n_is_shown_field_by_field() -> None:
    assert shown("FASC-N", fasc_n=fasc_n()) == FIELDS
    assert shown("FASC-N") == []


def test_a_fasc_n_that_identifies_nobody_is_said_to() -> None:
    assert shown("FASC-N", fasc_n=fasc_n(valid=False))[len(FIELDS) :] == ["INVALID, so it identifies nobody"]
    non_federal = shown("FASC-N", fasc_n=fasc_n(agency_code="9999"))
    assert non_federal[len(FIELDS) :] == ["of no federal agency, so it identifies nobody"]


def test_a_code_that_the_standard_does_not_name_is_shown_as_it_is() -> None:
    lines = shown("FASC-N", fasc_n=fasc_n(person_association="0", organizational_category="7"))
    assert lines[2:] == ["person 0257000046, code 0", "organization 9999, code 7"]


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_is_its_name_and_words_for_it(kind: Kind) -> None:
    (line,) = shown("kind", kind=kind)
    name, _, words = line.partition(": ")
    assert name == kind.value
    assert bool(words) == (kind is not Kind.SOFTWARE)
    assert ("not its holder" in words) == (kind in DEVICE_KINDS)


@pytest.mark.parametrize(
    ("interim", "lines"), [(None, []), (False, ["no"]), (True, ["the holder's investigation was not finished"])]
)
def test_the_interim_indicator_is_shown_where_there_is_one(interim: bool | None, lines: list[str]) -> None:
    assert shown("PIV interim", piv_interim=interim) == lines


def test_identifiers_are_shown_where_there_are_any() -> None:
    identity = replace(
        IDENTITY,
        edipi="1234567890",
        ms_sid="S-1-5-21-1",
        card_uuid="94e28c68-84db-44db-8a0e-f502d6689b14",
        spiffe_id="spiffe://a.example/b",
        policy_oids=("1.2.3", "1.2.4"),
    )
    lines = list(identity_lines(identity, pki.NOW))
    assert "SPIFFE ID             spiffe://a.example/b" in lines
    assert "card UUID             94e28c68-84db-44db-8a0e-f502d6689b14" in lines
    assert "EDIPI                 1234567890" in lines
    assert "Microsoft SID         S-1-5-21-1" in lines
    start = lines.index("policies              1.2.3")
    assert lines[start + 1] == "                      1.2.4"


def test_a_key_without_size_or_curve_is_its_type() -> None:
    identity = replace(IDENTITY, key=PublicKeyInfo("ed25519"))
    assert "key                   ed25519" in list(identity_lines(identity, pki.NOW))

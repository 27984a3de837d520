"""docs/identity.md has every kind, key and policy of the program, and no other."""

import dataclasses
import re
from pathlib import Path

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import to_json
from extauthz.identity.profile import NAMED_PROFILES
from extauthz.model.identity import FascN, Kind
from extauthz.model.reason import Reason
from support import cards, pki

PAGE = (Path(__file__).parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`]+)`")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    section = re.split(r"^##+ ", PAGE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def first_codes(heading: str) -> list[str]:
    return [code for row in rows(heading) for code in CODE.findall(row[0])]


def test_each_kind_has_one_row() -> None:
    assert first_codes("Kinds") == [kind.value for kind in Kind]


def test_each_kind_of_a_card_has_a_column_of_what_is_held_against_it() -> None:
    head = next(line for line in PAGE.splitlines() if line.startswith("| against |"))
    assert set(CODE.findall(head)) == {kind.value for kind in Kind} - {"software", "spiffe"}


def test_each_json_key_has_one_row_in_the_order_of_the_program() -> None:
    identity = parse_certificate(pki.make_ca().issue().der).identity
    assert first_codes("Fields") == list(to_json(identity))


def test_each_field_of_a_fasc_n_has_one_row() -> None:
    assert first_codes("FASC-N") == [field.name for field in dataclasses.fields(FascN)]


def test_each_policy_of_each_profile_is_listed() -> None:
    listed = {
        (CODE.findall(name)[0], CODE.findall(kind)[0]): set(CODE.findall(oids))
        for name, kind, oids in rows("Policies that say a kind")
    }
    named = {(name, kind.value): set(oids) for name, kinds in NAMED_PROFILES.items() for kind, oids in kinds.items()}
    assert listed == named


def test_each_warning_begins_as_the_page_says() -> None:
    beginnings = tuple(first_codes("Warnings"))
    ca = cards.dod_ca()
    odd = [
        cards.piv_auth(ca, fasc_n=bytes(25), uuid="x", sid_uri="x", naci=None, serial=-1, key_usage=[]),
        cards.piv_card_auth(ca, fasc_n=None, policies=["1.2.3", "1.2.3"], raw_san=pki.der.sequence()),
        ca.issue("x", uris=["spiffe://a"], extra_extensions=[pki.der.extension("1.2.3", b"\x05\x00", critical=True)]),
        ca.issue("x" * 65, extra_extensions=[pki.der.extension(cards.NACI_OID, b"\x05\x00")]),
    ]
    found = [warning for leaf in odd for warning in parse_certificate(leaf.der).identity.warnings]
    assert len({warning.partition(":")[0] for warning in found}) >= 10
    assert [warning for warning in found if not warning.startswith(beginnings)] == []


def test_every_reason_that_is_named_exists() -> None:
    named = {code for row in rows("At 3 a.m.") for code in CODE.findall(row[0]) if "_" in code}
    assert {code for code in named if code.endswith(("_allowed", "_conflict"))} <= set(Reason)

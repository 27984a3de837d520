"""What is written for each request has a bound on every part."""

from extauthz.identity.bounded_form import MAX_LIST_ENTRIES, MAX_TEXT_CHARACTERS, bounded
from extauthz.identity.json_form import to_json
from support.identities import identity, sans

LONGEST = "x" * MAX_TEXT_CHARACTERS


def test_a_usual_identity_is_whole() -> None:
    assert bounded(to_json(identity())) == (to_json(identity()), [])


def test_what_is_as_long_as_it_may_be_is_whole() -> None:
    form = to_json(identity(common_name=LONGEST, organizations=(LONGEST,) * MAX_LIST_ENTRIES))
    assert bounded(form) == (form, [])


def test_what_is_longer_is_cut_and_named() -> None:
    longer = f"{LONGEST}y"
    one = identity(
        subject_dn=longer,
        organizations=("a",) * (MAX_LIST_ENTRIES + 1),
        organizational_units=("a", longer),
        sans=sans("dns:a", f"uri:{longer}"),
    )
    form, truncated = bounded(to_json(one))
    assert truncated == ["subject", "organizations", "organizational_units", "sans", "uris"]
    assert form["subject"] == LONGEST
    assert form["organizations"] == ["a"] * MAX_LIST_ENTRIES
    assert form["organizational_units"] == ["a", LONGEST]
    assert form["sans"] == [{"type": "dns", "value": "a"}, {"type": "uri", "value": LONGEST}]
    assert form["dns_names"] == ["a"]
    assert form["key"] == to_json(one)["key"]

import pytest

from support.identities import fasc_n, identity, sans


def test_names_are_sorted_out_by_their_type_in_their_order() -> None:
    holder = identity(sans=sans("dns:b.example", "email:a@b", "dns:a.example", "uri:urn:x", "ip:10.0.0.1", "upn:u@d"))
    assert holder.dns_names == ("b.example", "a.example")
    assert holder.emails == ("a@b",)
    assert holder.uris == ("urn:x",)
    assert holder.ip_addresses == ("10.0.0.1",)
    assert holder.upns == ("u@d",)


def test_name_shows_its_type() -> None:
    assert [str(san) for san in sans("dns:a.example", "uri:urn:x:y")] == ["dns:a.example", "uri:urn:x:y"]


def test_the_unique_number_of_a_card_is_agency_system_and_credential() -> None:
    assert fasc_n().unique_number == "47000257000046"


@pytest.mark.parametrize(
    ("agency_code", "valid", "identifies"),
    [("4700", True, True), ("0000", True, True), ("9998", True, True), ("9999", True, False), ("4700", False, False)],
)
def test_a_number_that_is_invalid_or_of_no_federal_agency_identifies_nobody(
    agency_code: str, valid: bool, identifies: bool
) -> None:
    assert fasc_n(agency_code=agency_code, valid=valid).is_identifier is identifies

"""The UUID of a card."""

import pytest

from extauthz.identity.card_uuid import card_uuid, is_uuid_urn

UUID = "94e28c68-84db-44db-8a0e-f502d6689b14"


@pytest.mark.parametrize("uri", [f"urn:uuid:{UUID}", f"urn:uuid:{UUID.upper()}", f"URN:UUID:{UUID}"])
def test_it_is_read_in_any_case_and_given_in_lower(uri: str) -> None:
    assert is_uuid_urn(uri)
    assert card_uuid([uri]) == (UUID, None)


def test_other_uris_are_none() -> None:
    for uri in ("", "urn:uuid", "urn:uuidx:1", "uuid:1", f" urn:uuid:{UUID}", "spiffe://a/b"):
        assert not is_uuid_urn(uri)
    assert card_uuid([]) == (None, None)


@pytest.mark.parametrize("second", [UUID, UUID.upper(), UUID[:-1] + "5", "x"])
def test_of_several_none_is_used(second: str) -> None:
    assert card_uuid([f"urn:uuid:{UUID}", f"urn:uuid:{second}"]) == (None, "card_uuid: 2 UUIDs, so none is used")


@pytest.mark.parametrize(
    "text",
    ["", UUID[:-1], UUID + "0", UUID.replace("-", ""), f"{{{UUID}}}", UUID.replace("9", "g"), UUID + "\n", UUID + "?=x",
     UUID.replace("4", "٤"), "94e28c68-84db-44db-8a0ef502-d6689b14"],
)  # fmt: skip
def test_malformed(text: str) -> None:
    assert card_uuid([f"urn:uuid:{text}"]) == (None, "card_uuid: not a UUID of 36 characters")


@pytest.mark.parametrize("digit", ["0", "f", "F"])
def test_the_uuids_of_nobody(digit: str) -> None:
    nobodys = "-".join(digit * length for length in (8, 4, 4, 4, 12))
    assert card_uuid([f"urn:uuid:{nobodys}"]) == (None, "card_uuid: the UUID that stands for none")

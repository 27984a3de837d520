"""What the loads of a configuration share. What is wrong with files is in ``test_load``, which reads them."""

from extauthz.config.schema_check import check_schema
from support.config_site import SECTIONS

SOUND = "\n".join(SECTIONS.values()).encode()


def test_the_same_bytes_are_checked_once() -> None:
    first = check_schema(SOUND)
    assert first.mistakes == ()
    assert check_schema(bytes(bytearray(SOUND))) is first


def test_other_bytes_are_checked_anew() -> None:
    sound = check_schema(SOUND).config
    assert sound is not None
    other = check_schema(SOUND.replace(b"name: all", b"name: other")).config
    assert other is not None
    assert [policy.name for one in (sound, other) for policy in one.policies or ()] == ["all", "other"]


def test_what_is_found_in_sections_is_placed_and_what_follows_from_a_mistake_is_not() -> None:
    check = check_schema(SOUND.replace(b"pki/root.pem", b"7"))
    assert [str(one.in_file("f")) for one in check.mistakes] == [
        "f:3:19: trust.anchors[0]: must be a string, not the number 7; write it in quotes"
    ]
    found = [(("trust", "anchors"), "is empty"), (("trust", "intermediates", 0), "does not exist")]
    assert [str(one.in_file("f")) for one in check.placed(found)] == ["f:3:39: trust.intermediates[0]: does not exist"]


def test_bytes_that_hold_no_document_have_neither_sections_nor_a_configuration() -> None:
    check = check_schema(b"a: [")
    assert (check.document, check.sections, check.config) == (None, None, None)
    assert len(check.mistakes) == 1
    assert list(check.placed([((), "is wrong")])) == []

"""Denials on their way between processes: the same ones arrive, and nothing else is believed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.model.reason import Reason
from extauthz.observe.denial_form import MAX_TEXT_CHARACTERS, denials_from_bytes, denials_to_bytes
from extauthz.observe.recent_denials import KEPT_DENIALS, SUBJECT_CHARACTERS, Denial
from support.certificates import NOW

FULL = Denial(NOW.replace(microsecond=123456), "id", Reason.REVOKED, "p", "grpc", "0a1b2c3d", "CN=\u202e<b>")
BARE = Denial(NOW, "id", Reason.NO_POLICY, "", "http", None, None)
ROW = json.loads(denials_to_bytes([FULL]))[0]


def test_what_is_written_is_read_again() -> None:
    assert denials_from_bytes(denials_to_bytes([FULL, BARE])) == (FULL, BARE)
    assert denials_from_bytes(denials_to_bytes([])) == ()
    assert len(denials_from_bytes(denials_to_bytes([BARE] * KEPT_DENIALS))) == KEPT_DENIALS


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "now"},
        {"at": True},
        {"at": None},
        {"at": 1e300},
        {"at": float("nan")},
        {"at": float("inf")},
        {"reason": "allowed"},
        {"reason": "unheard_of"},
        {"reason": None},
        {"reason": []},
        {"policy": 7},
        {"policy": "p" * (MAX_TEXT_CHARACTERS + 1)},
        {"api": None},
        {"decision_id": {}},
        {"fingerprint8": "0A1B2C3D"},
        {"fingerprint8": "0a1b2c3d\n"},
        {"fingerprint8": "0a1b2c3d4e"},
        {"fingerprint8": 12345678},
        {"subject": ["CN=x"]},
        {"subject": "x" * (SUBJECT_CHARACTERS + 1)},
        {"more": 1},
    ],
)
def test_what_no_process_of_ours_says_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        denials_from_bytes(json.dumps([{**ROW, **changes}]).encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[1]", b"[[]]", b"[{}]", b"null", b"\xff", b"[" * 100_000, json.dumps([ROW] * 101).encode()],
)
def test_what_is_no_list_of_denials_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        denials_from_bytes(data)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), st.lists, max_leaves=5))
def test_any_value_in_any_field_is_read_or_refused(value: object) -> None:
    for field in Denial._fields:
        try:
            denials_from_bytes(json.dumps([{**ROW, field: value}]).encode())
        except ValueError:
            continue

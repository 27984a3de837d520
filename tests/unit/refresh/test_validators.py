import pytest

from extauthz.refresh.validators import Validators

DATE = "Mon, 02 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"', '"!#~"', '"' + "a" * 250 + '"'])
def test_well_formed_validators_come_back_as_conditions(etag: str) -> None:
    known = Validators.from_headers({"etag": etag, "last-modified": DATE})
    assert known == Validators(etag, DATE)
    assert known.as_headers() == {"If-None-Match": etag, "If-Modified-Since": DATE}


@pytest.mark.parametrize(
    "etag",
    [
        "abc",
        '""',
        '"a b"',
        '"a"b"',
        '"a',
        '"a"\r\nX: y',
        '"a"\n',
        '"é"',
        'w/"a"',
        '"a", "b"',
        "*",
        '"' + "a" * 251 + '"',
    ],
)
def test_an_odd_etag_is_neither_taken_nor_sent(etag: str) -> None:
    assert Validators.from_headers({"etag": etag}) == Validators()
    assert Validators(etag).as_headers() == {}


@pytest.mark.parametrize(
    "date",
    ["yesterday", f"{DATE}\r\nX: y", f"{DATE}\n", f" {DATE}", "Monday, 02-Nov-26 10:00:00 GMT", DATE.lower(), ""],
)
def test_an_odd_date_is_neither_taken_nor_sent(date: str) -> None:
    assert Validators.from_headers({"last-modified": date}) == Validators()
    assert Validators(last_modified=date).as_headers() == {}


def test_nothing_known_is_an_unconditional_request() -> None:
    assert Validators.from_headers({}).as_headers() == {}

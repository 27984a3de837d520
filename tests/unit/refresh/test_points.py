"""Only what the configuration lists is fetched, and never more than a bounded number."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extauthz.refresh import points as points_module
from extauthz.refresh.points import Points
from extauthz.refresh.settings import CrlSettings, DistributionPointSettings, UrlSource
from extauthz.refresh.url_feed import FeedState, UrlFeed

HOUR = timedelta(hours=1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def settings(*hosts: str) -> CrlSettings:
    listed = DistributionPointSettings(hosts=frozenset(hosts), refresh=HOUR) if hosts else None
    return CrlSettings(directory=Path("/"), distribution_points=listed)


ONE = settings("crl.example")


@pytest.mark.parametrize(
    "url",
    ["http://crl.example/a.crl", "https://crl.example:8443/a", "http://CRL.EXAMPLE/", "http://crl.example"],
)
def test_a_listed_host_is_taken(url: str) -> None:
    points = Points()
    assert points.want([url], ONE, ())
    (feed,) = points.feeds
    source = feed.source
    assert (source.url, source.label, source.required, source.operators, source.refresh) == (
        url,
        "distribution_points:crl.example#1",
        False,
        False,
        HOUR,
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/",
        "http://crl.example.evil/",
        "http://crl.example@evil.example/",
        "http://evil.example/crl.example",
        "ldap://crl.example/",
        "file:///etc/passwd",
        "//crl.example/",
        "http://[crl.example/",
        "crl.example",
        "",
    ],
)
def test_anything_else_is_not(url: str) -> None:
    points = Points()
    assert not points.want([url], ONE, ())
    assert points.feeds == ()


def test_user_information_and_query_are_not_shown() -> None:
    points = Points()
    points.want(["http://user:secret@crl.example/a?token=secret"], ONE, ())
    assert points.feeds[0].source.where == "http://crl.example/a"


def test_an_address_in_brackets_is_listed_as_it_is_written() -> None:
    points = Points()
    assert points.want(["http://[2001:db8::1]/a"], settings("[2001:db8::1]"), ())


def test_nothing_is_allowed_unless_something_is_listed() -> None:
    assert not Points().want(["http://crl.example/"], settings(), ())


def test_what_is_configured_or_known_is_not_wanted_again() -> None:
    points, url = Points(), "http://crl.example/"
    configured = UrlFeed(UrlSource(url=url, label="", where="", refresh=HOUR, required=True), ())
    assert not points.want([url], ONE, [configured])
    assert points.want([url], ONE, ())
    assert not points.want([url], ONE, ())


def test_there_are_never_more_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points_module, "MAX_POINTS", 3)
    points = Points()
    points.want([f"http://crl.example/{number}" for number in range(10)], ONE, ())
    assert [feed.source.url[-1] for feed in points.feeds] == ["0", "1", "2"]


def test_one_that_never_gave_anything_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points_module, "MAX_POINTS", 2)
    points = Points()
    points.want(["http://crl.example/0", "http://crl.example/1"], ONE, ())
    points.feeds[1].state = FeedState(failures=1)
    assert points.want(["http://crl.example/2"], ONE, ())
    assert [feed.source.label[-1] for feed in points.feeds] == ["1", "3"]


def test_a_configuration_that_lists_the_host_no_longer_ends_it() -> None:
    points = Points()
    points.want(["http://crl.example/0", "http://other.example/1"], settings("crl.example", "other.example"), ())
    points.allow(ONE, NOW)
    assert [feed.source.url for feed in points.feeds] == ["http://crl.example/0"]


def test_a_shorter_refresh_counts_at_once() -> None:
    points = Points()
    points.want(["http://crl.example/"], ONE, ())
    points.feeds[0].state = FeedState(next_attempt=NOW + HOUR)
    minute = DistributionPointSettings(hosts=frozenset({"crl.example"}), refresh=timedelta(minutes=1))
    points.allow(CrlSettings(directory=Path("/"), distribution_points=minute), NOW)
    assert points.feeds[0].is_due(NOW + timedelta(minutes=1))

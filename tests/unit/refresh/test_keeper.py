"""Sources are taken up in two steps, kept fresh, and never cost what is already known."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh import keeper as keeper_module
from extauthz.refresh.http_fetch import FetchError, FetchLimits, FetchResult, Validators
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.planned import planned_crls
from extauthz.refresh.settings import CrlSettings, DistributionPointSettings, PathSource, UrlSource
from extauthz.refresh.snapshot import FeedStatus, Snapshot
from support import pki

CA, OTHER = pki.make_ca("Issuing"), pki.make_ca("Other")
LEAF = CA.issue("alice")
ISSUERS = tuple(parse_certificate(one.der) for one in (CA, OTHER))
URL = "http://crl.example/ca.crl"
PATIENCE = 20.0


class Web:
    """What the URLs give: bytes, None for "not modified", or an error; a gate holds answers back."""

    def __init__(self) -> None:
        self.content: dict[str, bytes | FetchError | None] = {}
        self.asked: list[tuple[str, Validators, bool]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.limits: FetchLimits | None = None

    def fetch(self, url: str, known: Validators, into: BinaryIO, *, trusted_host: bool = True) -> Validators | None:
        self.asked.append((url, known, trusted_host))
        assert self.gate.wait(PATIENCE)
        content = self.content[url]
        if isinstance(content, FetchError):
            raise content
        if content is None:
            return None
        into.write(content)
        return Validators(etag=f'"{len(self.asked)}"')


class Setup:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web = Web()
        self.now = pki.NOW
        self.fetches: list[tuple[str, str]] = []
        self.rollbacks: list[str] = []
        self.keeper = self.make()

    def make(self) -> CrlKeeper:
        return CrlKeeper(
            InProcessIndexer(),
            on_fetch=lambda label, result: self.fetches.append((label, result)),
            on_rollback=self.rollbacks.append,
            clock=lambda: self.now,
            make_fetcher=self._fetcher,
        )

    def _fetcher(self, limits: FetchLimits) -> Web:
        self.web.limits = limits
        return self.web

    def restart(self) -> None:
        self.keeper.save()
        self.keeper.close()
        self.keeper = self.make()

    def settings(self, *paths: str, urls: tuple[str, ...] = (), **more: object) -> CrlSettings:
        fields: dict[str, object] = {
            "directory": self.folder,
            "paths": tuple(PathSource(name=name, required=True) for name in paths),
            "urls": tuple(source(url) for url in urls),
            "issuers": ISSUERS,
            **more,
        }
        return CrlSettings(**fields)  # type: ignore[arg-type]  # the names are checked by the class

    def take_up(self, *paths: str, urls: tuple[str, ...] = (), **more: object) -> Snapshot:
        plan = self.keeper.prepare(self.settings(*paths, urls=urls, **more), self.now)
        return self.keeper.adopt(plan, self.now)

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(f".{path.name}")
        beside.write_bytes(content)
        beside.replace(path)

    def next(self, after: timedelta = timedelta()) -> Snapshot:
        """Let time pass, and wait for the next snapshot."""
        self.now += after
        deadline = time.monotonic() + PATIENCE
        while (snapshot := self.keeper.refresh_due(self.now)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        return snapshot


def source(url: str, **more: object) -> UrlSource:
    fields: dict[str, object] = {
        "url": url,
        "label": url,
        "where": url,
        "refresh": timedelta(hours=1),
        "required": True,
        **more,
    }
    return UrlSource(**fields)  # type: ignore[arg-type]  # the same


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Setup]:
    setup = Setup(tmp_path)
    yield setup
    setup.web.gate.set()
    setup.keeper.close()
    setup.keeper._executor.shutdown()


def numbers(snapshot: Snapshot) -> list[int]:
    return sorted(crl.number or 0 for crl in snapshot.crls)


def status(snapshot: Snapshot) -> FeedStatus:
    (feed,) = snapshot.feeds
    return feed


# -- files ---------------------------------------------------------------------------------------------------------
def test_files_and_directories_are_loaded_and_named(one: Setup) -> None:
    one.write("crls/a.crl", CA.crl([LEAF], number=7))
    one.write("b.crl", OTHER.crl(number=8))
    snapshot = one.take_up("crls", "b.crl")
    assert numbers(snapshot) == [7, 8]
    assert [(feed.label, feed.where) for feed in snapshot.feeds] == [
        ("crls/a.crl", str(one.folder / "crls/a.crl")),
        ("b.crl", str(one.folder / "b.crl")),
    ]
    assert (snapshot.waiting, snapshot.rejected, snapshot.problems) == ((), (), ())
    assert one.keeper.is_current(snapshot)


def test_a_file_that_is_listed_twice_is_one_feed_of_both_sources(one: Setup) -> None:
    one.write("crls/a.crl", CA.crl())
    snapshot = one.take_up("crls", "crls/a.crl")
    assert len(snapshot.feeds) == 1
    assert snapshot.waiting == ()


def test_a_reload_reads_only_what_changed(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extauthz.refresh.file_feed.CLOCK_SLACK_NS", -(10**12))
    one.write("a.crl", CA.crl(number=1))
    one.write("b.crl", OTHER.crl(number=2))
    first = one.take_up("a.crl", "b.crl")
    one.write("b.crl", OTHER.crl(number=3))
    again = one.take_up("a.crl", "b.crl")
    assert numbers(again) == [1, 3]
    assert first.feeds[0].crls[0] is again.feeds[0].crls[0]


def test_a_bad_file_is_said_and_waited_for_until_it_is_good_once(one: Setup) -> None:
    one.write("a.crl", b"nonsense")
    snapshot = one.take_up("a.crl")
    assert snapshot.waiting == ("a.crl",)
    assert (status(snapshot).rejected, status(snapshot).last_success) == (1, None)
    assert status(snapshot).problem is not None
    one.write("a.crl", CA.crl())
    assert one.take_up("a.crl").waiting == ()
    one.write("a.crl", b"nonsense")
    assert one.take_up("a.crl").waiting == ()


def test_a_source_that_is_not_required_is_not_waited_for(one: Setup) -> None:
    one.write("a.crl", b"nonsense")
    assert one.take_up(paths=(PathSource(name="a.crl", required=False),)).waiting == ()


def test_a_source_that_is_gone_since_the_check_has_no_feeds(one: Setup) -> None:
    snapshot = one.take_up("gone")
    assert (snapshot.feeds, snapshot.waiting) == ((), ("gone",))


def test_a_name_that_is_no_text_has_a_label_all_the_same(one: Setup) -> None:
    name = b"caf\xe9.crl".decode("utf-8", "surrogateescape")
    one.write(name, CA.crl())
    assert status(one.take_up(name)).label == "caf\\xe9.crl"


def test_a_file_elsewhere_has_its_whole_path(one: Setup, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "a.crl"
    path.write_bytes(CA.crl())
    assert status(one.take_up(str(path))).label == str(path)


def test_an_older_file_is_refused_and_counted_once(one: Setup) -> None:
    one.write("a.crl", CA.crl([LEAF], number=2))
    one.take_up("a.crl")
    one.write("a.crl", CA.crl(number=1))
    for _ in range(2):
        snapshot = one.take_up("a.crl")
        assert numbers(snapshot) == [2]
        assert "is older than" in str(status(snapshot).problem)
        assert (status(snapshot).rejected, len(snapshot.rejected), len(status(snapshot).crls)) == (1, 1, 1)
    assert one.rollbacks == ["a.crl"]


def test_a_plan_that_is_not_adopted_changes_nothing(one: Setup) -> None:
    one.write("a.crl", CA.crl(number=1))
    one.take_up("a.crl")
    one.write("b.crl", OTHER.crl(number=2))
    plan = one.keeper.prepare(one.settings("b.crl"), one.now)
    assert [(Path(where).name, crl.number) for where, crl in planned_crls(plan)] == [("b.crl", 2)]
    assert one.keeper.refresh_due(one.now) is None


def test_one_that_begins_later_is_remembered_when_it_does(one: Setup) -> None:
    one.write("a.crl", CA.crl(number=1))
    one.write("b.crl", CA.crl(number=2, this_update=one.now + timedelta(minutes=1)))
    one.take_up("a.crl", "b.crl")
    assert one.keeper.refresh_due(one.now + timedelta(seconds=59)) is None
    assert numbers(one.next(timedelta(minutes=1))) == [1, 2]
    assert numbers(one.take_up("a.crl")) == [2]


def test_clock_skew_lets_it_begin_earlier(one: Setup) -> None:
    one.write("b.crl", CA.crl(number=2, this_update=one.now + timedelta(minutes=1)))
    one.take_up("b.crl", clock_skew=timedelta(seconds=30))
    assert one.keeper.refresh_due(one.now + timedelta(seconds=29)) is None
    one.next(timedelta(seconds=30))


# -- URLs ----------------------------------------------------------------------------------------------------------
def test_a_first_load_waits_for_the_first_fetch(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=7)
    snapshot = one.take_up(urls=(URL,), max_bytes=5000, timeout=timedelta(seconds=3))
    assert numbers(snapshot) == [7]
    feed = status(snapshot)
    assert (feed.label, feed.fetched, feed.last_success, snapshot.waiting) == (URL, True, pki.NOW, ())
    assert one.fetches == [(URL, "success")]
    assert one.web.limits is not None
    assert (one.web.limits.timeout, one.web.limits.max_bytes) == (3.0, 5000)


def test_it_waits_no_longer_than_a_fetch_may_take(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "LOADING_SECONDS", 0.0)
    one.web.gate.clear()
    one.web.content[URL] = CA.crl(number=7)
    snapshot = one.take_up(urls=(URL,), timeout=timedelta(milliseconds=20))
    assert (snapshot.crls, snapshot.waiting) == ((), (URL,))
    assert one.keeper.refresh_due(one.now) is None
    one.web.gate.set()
    snapshot = one.next()
    assert (numbers(snapshot), snapshot.waiting) == ([7], ())


def test_it_is_asked_again_in_time_and_conditionally(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    one.take_up(urls=(URL,))
    assert one.keeper.refresh_due(one.now + timedelta(minutes=47)) is None
    one.web.content[URL] = CA.crl(number=2)
    assert numbers(one.next(timedelta(hours=1))) == [2]
    one.web.content[URL] = None
    snapshot = one.next(timedelta(hours=1))
    assert (numbers(snapshot), status(snapshot).last_success) == ([2], one.now)
    assert [known.etag for _, known, _ in one.web.asked] == [None, '"1"', '"2"']
    assert [result for _, result in one.fetches] == ["success", "success", "not_modified"]


def test_it_can_be_asked_at_once(one: Setup) -> None:
    one.keeper.ask_now()
    one.web.content[URL] = CA.crl(number=1)
    one.take_up(urls=(URL,))
    one.web.content[URL] = CA.crl(number=2)
    one.keeper.ask_now()
    assert numbers(one.next()) == [2]


def test_a_reload_does_not_fetch_what_is_known(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    first = one.take_up(urls=(URL,))
    again = one.take_up(urls=(URL,))
    assert len(one.web.asked) == 1
    assert again.crls[0] is first.crls[0]


def with_refresh(one: Setup, **refresh: int) -> None:
    plan = one.keeper.prepare(replace(one.settings(), urls=(source(URL, refresh=timedelta(**refresh)),)), one.now)
    one.keeper.adopt(plan, one.now)


def test_a_shorter_refresh_counts_from_the_reload_on(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    with_refresh(one, hours=1)
    with_refresh(one, seconds=10)
    assert one.keeper.refresh_due(one.now + timedelta(seconds=4)) is None
    assert len(one.web.asked) == 1
    one.web.content[URL] = CA.crl(number=2)
    assert numbers(one.next(timedelta(seconds=10))) == [2]


def test_the_same_or_a_longer_one_changes_no_plan(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    with_refresh(one, minutes=30)
    before = one.keeper._plan.urls[0].state.next_attempt if one.keeper._plan else None
    assert before is not None
    for minutes in (30, 60):
        with_refresh(one, minutes=minutes)
        assert one.keeper._plan is not None
        assert one.keeper._plan.urls[0].state.next_attempt == before


def test_a_shorter_one_that_comes_during_an_attempt_counts_after_it(
    one: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "LOADING_SECONDS", 0.0)
    one.web.gate.clear()
    one.web.content[URL] = CA.crl(number=1)
    settings = one.settings(urls=(URL,), timeout=timedelta(milliseconds=20))
    one.keeper.adopt(one.keeper.prepare(settings, one.now), one.now)
    with_refresh(one, seconds=10)
    one.web.gate.set()
    assert numbers(one.next()) == [1]
    one.web.content[URL] = CA.crl(number=2)
    assert numbers(one.next(timedelta(seconds=10))) == [2]


def test_a_plan_that_is_given_up_changes_no_refresh(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    with_refresh(one, hours=1)
    one.keeper.prepare(replace(one.settings(), urls=(source(URL, refresh=timedelta(seconds=10)),)), one.now)
    assert one.keeper.refresh_due(one.now + timedelta(minutes=40)) is None
    assert len(one.web.asked) == 1


def test_a_failure_keeps_what_was_good_and_is_tried_again_soon(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    one.take_up(urls=(URL,))
    one.web.content[URL] = FetchError(FetchResult.TIMEOUT, "it took too long")
    snapshot = one.next(timedelta(hours=1))
    feed = status(snapshot)
    assert (numbers(snapshot), feed.problem, feed.last_success) == ([1], "it took too long", pki.NOW)
    assert feed.last_attempt == one.now
    one.web.content[URL] = CA.crl(number=2)
    snapshot = one.next(timedelta(seconds=5))
    assert (numbers(snapshot), status(snapshot).problem) == ([2], None)


def test_what_cannot_be_used_keeps_what_was_good_and_is_fetched_whole_again(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    one.take_up(urls=(URL,))
    one.web.content[URL] = b"<html>"
    snapshot = one.next(timedelta(hours=1))
    assert (numbers(snapshot), status(snapshot).rejected, one.fetches[-1]) == ([1], 1, (URL, "unusable"))
    one.web.content[URL] = CA.crl(number=2)
    assert numbers(one.next(timedelta(seconds=5))) == [2]
    assert one.web.asked[-1][1] == Validators()


def test_an_older_one_is_refused_and_counted(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=2)
    one.take_up(urls=(URL,))
    one.web.content[URL] = CA.crl(number=1)
    snapshot = one.next(timedelta(hours=1))
    assert (numbers(snapshot), one.fetches[-1], one.rollbacks) == ([2], (URL, "rollback"), [URL])
    assert "is older than" in str(status(snapshot).problem)


def test_a_failing_indexer_is_a_failed_attempt(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(one.keeper._indexer, "load", fail)
    one.web.content[URL] = CA.crl()
    assert status(one.take_up(urls=(URL,))).problem == "no room for it: No space left on device"
    assert one.fetches == [(URL, "not_loaded")]


def test_another_trusted_key_has_it_verified_anew(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=1)
    one.take_up(urls=(URL,))
    assert numbers(one.take_up(urls=(URL,), issuers=ISSUERS[:1])) == [1]
    assert len(one.web.asked) == 2
    one.web.content[URL] = FetchError(FetchResult.NETWORK, "gone")
    assert numbers(one.take_up(urls=(URL,), issuers=(ISSUERS[0],) * 2)) == [1]
    assert numbers(one.take_up(urls=(URL,), issuers=ISSUERS[1:])) == []


def test_without_fetching_nothing_is_asked(one: Setup) -> None:
    plan = one.keeper.prepare(one.settings(urls=(URL,)), one.now, fetch=False)
    assert status(one.keeper.adopt(plan, one.now)).last_attempt is None
    assert one.web.asked == []


def test_everything_can_be_fetched_before_it_is_put_into_use(one: Setup) -> None:
    state = one.folder / "state"
    one.web.content[URL] = CA.crl(number=1)
    one.take_up(urls=(URL,), state_directory=state)
    one.restart()
    one.web.content[URL] = CA.crl(number=2)
    settings = one.settings(urls=(URL,), state_directory=state)
    plan = one.keeper.prepare(settings, one.now, fetch=False, read_only=True)
    one.keeper.fetch(plan)
    assert numbers(one.keeper.adopt(plan, one.now)) == [2]


def test_after_the_end_nothing_changes_any_more(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "LOADING_SECONDS", 0.0)
    one.web.gate.clear()
    one.web.content[URL] = CA.crl()
    one.take_up(urls=(URL,), timeout=timedelta(milliseconds=10))
    one.keeper.close()
    one.web.gate.set()
    one.keeper._executor.shutdown()
    assert one.keeper.refresh_due(one.now) is None
    assert one.fetches == []
    one.take_up(urls=("http://crl.example/other.crl",))
    assert len(one.web.asked) == 1


# -- the state directory -------------------------------------------------------------------------------------------
def test_a_start_without_network_has_what_was_fetched_before(one: Setup) -> None:
    state = one.folder / "state"
    one.web.content[URL] = CA.crl(number=7)
    one.take_up(urls=(URL,), state_directory=state)
    one.restart()
    one.web.content[URL] = FetchError(FetchResult.NETWORK, "gone")
    asked = len(one.web.asked)
    snapshot = one.take_up(urls=(URL,), state_directory=state)
    assert (numbers(snapshot), snapshot.waiting, len(one.web.asked)) == ([7], (), asked)
    assert status(snapshot).last_success == pki.NOW
    snapshot = one.next()
    assert (numbers(snapshot), status(snapshot).problem) == ([7], "gone")
    assert one.web.asked[-1][1].etag is not None


def test_what_was_seen_survives_a_restart(one: Setup) -> None:
    state = one.folder / "state"
    one.write("a.crl", CA.crl(number=2))
    one.take_up("a.crl", state_directory=state)
    one.restart()
    one.write("a.crl", CA.crl(number=1))
    snapshot = one.take_up("a.crl", state_directory=state)
    assert (snapshot.crls, snapshot.waiting, len(snapshot.rejected)) == ((), ("a.crl",), 1)


def test_it_is_saved_while_the_service_runs(one: Setup) -> None:
    state = one.folder / "state"
    one.write("a.crl", CA.crl(number=2))
    one.take_up("a.crl", state_directory=state)
    one.keeper.refresh_due(one.now)
    assert b'"number": "2"' in (state / "last-seen.json").read_bytes()


def test_a_state_that_cannot_be_saved_is_said_and_tried_again(one: Setup) -> None:
    state = one.folder / "state"
    one.write("a.crl", CA.crl())
    one.take_up("a.crl", state_directory=state)
    (state / "last-seen.json").mkdir()
    (problem,) = one.next().problems
    assert "cannot be written" in problem
    (state / "last-seen.json").rmdir()
    assert one.keeper.refresh_due(one.now + timedelta(seconds=29)) is None
    assert one.next(timedelta(seconds=30)).problems == ()


def test_two_that_share_a_state_directory_say_so_until_one_of_them_ends(one: Setup) -> None:
    state = one.folder / "state"
    one.write("a.crl", CA.crl())
    one.take_up("a.crl", state_directory=state)
    one.keeper.refresh_due(one.now)
    first, one.keeper = one.keeper, one.make()
    one.take_up("a.crl", state_directory=state)
    (problem,) = one.next().problems
    assert "is in use by another process" in problem
    assert one.keeper.refresh_due(one.now) is None
    first.close()
    assert one.next().problems == ()


def test_another_state_directory_takes_over_what_was_seen(one: Setup) -> None:
    one.write("a.crl", CA.crl(number=2))
    one.take_up("a.crl")
    state = one.folder / "state"
    one.take_up("a.crl", state_directory=state)
    one.restart()
    one.write("a.crl", CA.crl(number=1))
    assert one.take_up("a.crl", state_directory=state).crls == ()


def test_a_damaged_memory_is_said(one: Setup) -> None:
    state = one.folder / "state"
    state.mkdir(mode=0o700)
    (state / "last-seen.json").write_bytes(b"{")
    one.write("a.crl", CA.crl())
    (problem,) = one.take_up("a.crl", state_directory=state).problems
    assert "is damaged" in problem


def test_what_is_no_longer_used_is_removed_from_the_disk(one: Setup) -> None:
    state = one.folder / "state"
    one.web.content[URL] = CA.crl()
    one.take_up(urls=(URL,), state_directory=state)
    assert len(list((state / "fetched").iterdir())) == 2
    (state / "indices" / "0.index").write_bytes(b"old")
    (state / "indices" / "notes").write_bytes(b"not ours")
    other = "http://crl.example/other.crl"
    one.web.content[other] = OTHER.crl()
    one.take_up(urls=(other,), state_directory=state)
    one.web.content[other] = OTHER.crl(number=2)
    one.next(timedelta(hours=1))
    assert [name.name for name in (state / "indices").iterdir()] == ["notes"]
    assert len(list((state / "fetched").iterdir())) == 2


def test_a_look_at_the_state_writes_nothing(one: Setup) -> None:
    state = one.folder / "state"
    one.web.content[URL] = CA.crl(number=7)
    one.take_up(urls=(URL,), state_directory=state)
    one.restart()
    settings = one.settings(urls=(URL,), state_directory=state)
    before = sorted((path, path.stat().st_mtime_ns) for path in state.rglob("*"))
    plan = one.keeper.prepare(settings, one.now, fetch=False, read_only=True)
    assert numbers(one.keeper.adopt(plan, one.now)) == [7]
    one.web.content[URL] = CA.crl(number=8)
    one.next()
    one.keeper.save()
    assert sorted((path, path.stat().st_mtime_ns) for path in state.rglob("*")) == before


# -- distribution points -------------------------------------------------------------------------------------------
POINTS = DistributionPointSettings(hosts=frozenset({"crl.example"}), refresh=timedelta(hours=1))


def test_a_distribution_point_is_fetched_as_of_a_host_that_is_not_trusted(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=7)
    one.take_up(distribution_points=POINTS)
    one.keeper.want([URL, URL, "http://elsewhere.example/ca.crl"])
    snapshot = one.next()  # of what is wanted
    while not snapshot.crls:
        snapshot = one.next()
    assert numbers(snapshot) == [7]
    assert [(url, trusted) for url, _, trusted in one.web.asked] == [(URL, False)]
    assert status(snapshot).label == "distribution_points:crl.example#1"
    assert status(snapshot).where == URL


def test_what_the_configuration_does_not_allow_is_not_wanted(one: Setup) -> None:
    one.keeper.want([URL])
    one.take_up()
    one.keeper.want([URL])
    assert one.keeper.refresh_due(one.now) is None
    assert one.web.asked == []


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_key_that_is_trusted_no_longer_takes_the_points_crls_along(one: Setup) -> None:
    one.web.content[URL] = CA.crl(number=7)
    one.take_up(distribution_points=POINTS)
    one.keeper.want([URL])
    eventually(lambda: bool(getattr(one.keeper.refresh_due(one.now), "crls", ())))
    assert numbers(one.take_up(distribution_points=POINTS)) == [7]
    assert numbers(one.take_up(distribution_points=POINTS, issuers=ISSUERS[1:])) == []
    assert one.take_up().feeds == ()


def test_the_time_of_a_snapshot_is_an_argument(one: Setup) -> None:
    def fixed() -> datetime:
        raise AssertionError("only fetches read a clock")

    one.keeper._clock = fixed
    one.write("a.crl", CA.crl())
    assert numbers(one.take_up("a.crl")) == [1]

"""What the keeper finds reaches the store, the metrics, readiness and the log, each change once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from extauthz.identity.certificate import parse_certificate
from extauthz.observe.metrics import Metrics
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.settings import CrlSettings, DistributionPointSettings, PathSource
from extauthz.refresh.snapshot import FeedStatus, Snapshot
from extauthz.service.crl_sources import CrlSources, crls_view
from extauthz.service.readiness import Readiness
from extauthz.trust.crl.load import load_crl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationSettings
from extauthz.trust.revocation.store import CrlStore
from support import pki

CA = pki.make_ca("Issuing")
ISSUER = parse_certificate(CA.der)


class Setup:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.metrics = Metrics(version="1")
        self.readiness = Readiness()
        self.keeper = CrlKeeper(InProcessIndexer())
        self.sources = CrlSources(self.keeper, self.metrics, self.readiness, clock=lambda: self.now, look_seconds=0.001)
        self.now = pki.NOW
        self.checker = RevocationChecker(CrlStore())

    def write(self, content: bytes) -> None:
        beside = self.folder / ".new"
        beside.write_bytes(content)
        beside.replace(self.folder / "a.crl")

    def take_up(self, at: datetime = pki.NOW, *, revocation: bool = True, **more: object) -> None:
        fields: dict[str, object] = {"paths": (PathSource(name="a.crl", required=True),), **more}
        settings = CrlSettings(directory=self.folder, issuers=(ISSUER,), **fields)  # type: ignore[arg-type]  # the names are checked by the class
        self.sources.take_up(self.keeper.prepare(settings, at), self.checker if revocation else None, at)


@pytest.fixture
def one(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def value(one: Setup, name: str, **labels: str) -> float | None:
    return one.metrics.registry.get_sample_value(f"extauthz_crl_{name}", labels)


def test_taking_up_fills_the_store_and_tells_everybody(one: Setup) -> None:
    one.write(CA.crl(number=7))
    one.take_up()
    assert [crl.number for crl in one.checker.store.crls()] == [7]
    assert value(one, "number", crl="a.crl") == 7.0
    assert value(one, "last_attempt_successful", crl="a.crl") == 1.0
    assert one.sources.problems() == []
    one.readiness.serve()
    assert one.readiness.ready


def test_a_problem_is_logged_when_it_comes_and_when_it_goes(one: Setup) -> None:
    with capture_logs() as events:
        for content in (b"nonsense", b"nonsense", CA.crl()):
            one.write(content)
            one.take_up()
    assert [event["event"] for event in events] == ["CRL problem", "CRL problem is over"]
    assert events[0]["log_level"] == "error"
    assert (events[0]["source"], events[0]["where"]) == ("a.crl", str(one.folder / "a.crl"))


def test_the_service_waits_for_what_is_required(one: Setup) -> None:
    one.write(b"nonsense")
    one.take_up()
    one.readiness.serve()
    assert one.readiness.waiting == ("a.crl",)
    (problem,) = one.sources.problems()
    assert (problem["source"], problem["where"]) == ("a.crl", str(one.folder / "a.crl"))
    assert (problem["required"], problem["crls_in_use"], problem["last_success"]) == (True, 0, None)
    assert problem["last_attempt"] == "2026-06-01T12:00:00.000Z"
    one.write(CA.crl())
    one.take_up()
    assert one.readiness.ready


def test_without_revocation_there_is_no_store_to_fill(one: Setup) -> None:
    one.write(CA.crl())
    one.take_up(revocation=False)
    assert value(one, "entries", crl="a.crl") == 0.0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  (the other side is a thread)
            await asyncio.sleep(0.001)


async def test_what_changes_later_is_put_into_use(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    one.write(CA.crl(number=1))
    one.take_up()
    newer = load_crl(CA.crl(number=2), [ISSUER])
    pending = [replace(one.sources.snapshot, crls=(newer,))]
    monkeypatch.setattr(one.keeper, "refresh_due", lambda _at: pending.pop() if pending else None)
    monkeypatch.setattr(one.keeper, "is_current", lambda _snapshot: True)
    task = asyncio.create_task(one.sources.run())
    await until(lambda: [crl.number for crl in one.checker.store.crls()] == [2])
    task.cancel()


async def test_what_a_reload_has_overtaken_is_not(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    one.write(CA.crl(number=1))
    one.take_up()
    pending = [Snapshot()]
    monkeypatch.setattr(one.keeper, "refresh_due", lambda _at: pending.pop() if pending else None)
    task = asyncio.create_task(one.sources.run())
    await until(lambda: not pending)
    await asyncio.sleep(0.01)
    task.cancel()
    assert [crl.number for crl in one.checker.store.crls()] == [1]


async def test_what_certificates_want_is_handed_on(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[str] = []
    monkeypatch.setattr(one.keeper, "want", wanted.extend)
    one.write(CA.crl())
    points = DistributionPointSettings(hosts=frozenset({"a"}), refresh=pki.HOUR)
    one.take_up(distribution_points=points)
    leaf = CA.issue("alice", distribution_points=[pki.distribution_point("http://a/1")])
    one.checker.wanted.note(parse_certificate(leaf.der))
    task = asyncio.create_task(one.sources.run())
    await until(lambda: wanted == ["http://a/1"])
    task.cancel()


def feed(label: str, *numbers: int) -> FeedStatus:
    return FeedStatus(
        label=label,
        where=label,
        required=True,
        last_attempt=None,
        last_success=None,
        problem=None,
        rejected=0,
        crls=tuple(load_crl(CA.crl(number=number), [ISSUER]) for number in numbers),
    )


def test_crls_of_one_source_are_told_apart_whatever_files_are_called() -> None:
    view = crls_view(Snapshot(feeds=(feed("a", 1, 2, 3), feed("a#2", 4)), waiting=("a",)))
    labels = [crl.label for crl in view.crls]
    assert (labels[0], labels[2], len(set(labels))) == ("a", "a#3", 4)
    assert (view.waiting, [source.usable for source in view.sources]) == (1, [False, False])


def test_what_is_wrong_with_the_state_directory_is_a_problem_too(one: Setup) -> None:
    (one.folder / "state").mkdir(mode=0o700)
    (one.folder / "state" / "last-seen.json").write_bytes(b"{")
    one.write(CA.crl())
    with capture_logs() as events:
        one.take_up(state_directory=one.folder / "state")
    (problem,) = one.sources.problems()
    assert problem["source"] == "state_directory"
    assert [event["source"] for event in events] == ["state_directory"]


# -- CRLs past their time ------------------------------------------------------------------------------------------
LATER = RevocationSettings(grace=pki.HOUR)


def test_a_crl_that_passes_its_time_is_told_once_for_each_state(one: Setup) -> None:
    one.checker = RevocationChecker(CrlStore(), LATER)
    one.write(CA.crl(next_update=pki.NOW))
    with capture_logs() as events:
        one.take_up()
        assert one.sources.problems() == []
        for offset in (pki.SECOND, pki.HOUR, pki.HOUR + pki.SECOND, pki.DAY):
            one.now = pki.NOW + offset
            one.sources.problems()
    (problem,) = one.sources.problems()
    assert [(event["event"], event["log_level"], event["source"]) for event in events] == [
        ("CRL lives on grace", "warning", "a.crl"),
        ("CRL is stale", "error", "a.crl"),
    ]
    assert "within `grace` until 2026-06-01T13:00:00+00:00" in events[0]["problem"]
    assert events[1]["problem"] == problem["problem"]
    assert str(problem["problem"]).endswith("the clients of 'CN=Issuing,O=Example' are denied crl_stale")
    assert (problem["source"], problem["where"], problem["crls_in_use"]) == ("a.crl", str(one.folder / "a.crl"), 1)


def test_one_that_is_late_at_the_start_is_told_then(one: Setup) -> None:
    one.write(CA.crl(next_update=pki.NOW - pki.SECOND))
    with capture_logs() as events:
        one.take_up()
        one.take_up()
    assert [event["event"] for event in events] == ["CRL is stale"]
    assert len(one.sources.problems()) == 1


async def test_the_loop_notices_without_being_asked(one: Setup) -> None:
    one.write(CA.crl(next_update=pki.NOW))
    one.take_up()
    with capture_logs() as events:
        task = asyncio.create_task(one.sources.run())
        one.now += pki.SECOND
        await until(lambda: bool(events))
        task.cancel()
    assert events[0]["event"] == "CRL is stale"


def test_a_newer_one_in_force_is_told_and_another_late_one_too(one: Setup) -> None:
    late = pki.NOW - pki.SECOND
    with capture_logs() as events:
        for der in (CA.crl(number=1, next_update=late), CA.crl(number=2, next_update=late), CA.crl(number=3)):
            one.write(der)
            one.take_up()
    assert [event["event"] for event in events] == ["CRL is stale", "CRL is stale", "CRL is in force again"]
    assert (events[2]["source"], events[2]["issuer"]) == ("a.crl", "CN=Issuing,O=Example")
    assert one.sources.problems() == []


def test_one_that_is_gone_is_not_called_in_force(one: Setup) -> None:
    one.write(CA.crl(next_update=pki.NOW - pki.SECOND))
    one.take_up()
    with capture_logs() as events:
        one.take_up(paths=())
    assert (events, one.sources.problems()) == ([], [])


def test_where_revocation_is_not_checked_nothing_is_late(one: Setup) -> None:
    one.write(CA.crl(next_update=pki.NOW - pki.SECOND))
    with capture_logs() as events:
        one.take_up(revocation=False)
    assert (events, one.sources.problems()) == ([], [])


async def test_who_listens_hears_of_changes_between_configurations_alone(one: Setup) -> None:
    heard: list[Snapshot] = []
    one.sources.on_change(heard.append)
    one.write(CA.crl(number=1))
    one.take_up()
    assert heard == []
    running = asyncio.create_task(one.sources.run())
    one.keeper._changed = True  # as after a fetch
    await until(lambda: bool(heard))
    running.cancel()
    assert heard[0] is one.sources.snapshot

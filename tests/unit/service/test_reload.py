"""A reload publishes all of something new or keeps all of the old, one at a time, and says which."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from extauthz.model.errors import ConfigError, Problem
from extauthz.observe.metrics import Metrics, ReloadResult
from extauthz.service import reload as reload_module
from extauthz.service.fingerprint import Fingerprint
from extauthz.service.loading import Loaded
from extauthz.service.reload import Reloader, Trigger

AT = datetime(2026, 6, 1, tzinfo=UTC)
PROBLEM = Problem("c.yaml", 3, 4, "trust", "is missing")


class FakeLoaded:
    """What the reloader needs of a load."""

    def __init__(self, name: str, watched: tuple[Path, ...]) -> None:
        self.name = name
        self.digest = name
        self.watched = watched
        self.warnings = ("permissive",)


class Setup:
    """A reloader over one file, whose content is the name of what is loaded, or ``bad``."""

    def __init__(self, folder: Path, **options: float) -> None:
        self.path = folder / "config"
        self.path.write_text("one")
        self.loads = 0
        self.before_load: Callable[[], None] = lambda: None
        self.after_load: Callable[[], None] = lambda: None
        self.published: list[str] = []
        self.looks: list[Fingerprint] = []
        self.metrics = Metrics(version="1")
        self.reloader = Reloader(
            self._load, self._publish, self.metrics, config_path=self.path, clock=lambda: AT, **options
        )
        self.reloader.on_look(self.looks.append)

    def _load(self) -> Loaded:
        self.loads += 1
        self.before_load()
        name = self.path.read_text()
        self.after_load()
        if name == "bad":
            raise ConfigError([PROBLEM, PROBLEM])
        if name == "defect":
            raise KeyError(name)
        return cast("Loaded", FakeLoaded(name, (self.path,)))

    def _publish(self, loaded: Loaded, at: datetime) -> None:
        assert at == AT
        self.published.append(loaded.digest)

    def result(self, result: ReloadResult) -> float | None:
        return self.metrics.registry.get_sample_value("extauthz_config_reloads_total", {"result": result.value})


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    monkeypatch.setattr(reload_module, "PAUSE_SECONDS", 0.0)
    return Setup(tmp_path)


async def test_the_first_load_publishes_and_is_not_counted_as_a_reload(one: Setup) -> None:
    await one.reloader.start()
    assert one.published == ["one"]
    assert one.reloader.last is None
    assert (one.result(ReloadResult.SUCCESS), one.result(ReloadResult.FAILURE)) == (0.0, 0.0)


async def test_a_first_load_that_fails_raises_every_problem(one: Setup) -> None:
    one.path.write_text("bad")
    with pytest.raises(ConfigError) as caught:
        await one.reloader.start()
    assert caught.value.problems == (PROBLEM, PROBLEM)
    assert one.published == []


async def test_a_reload_publishes_what_is_new(one: Setup) -> None:
    await one.reloader.start()
    one.path.write_text("two")
    report = await one.reloader.reload(Trigger.SIGHUP)
    assert (report.result, report.trigger, report.at, report.problems) == (ReloadResult.SUCCESS, "sighup", AT, ())
    assert report.warnings == ("permissive",)
    assert one.published == ["one", "two"]
    assert one.reloader.last is report
    assert one.result(ReloadResult.SUCCESS) == 1.0


async def test_a_failed_reload_publishes_nothing_and_logs_each_problem(one: Setup) -> None:
    await one.reloader.start()
    one.path.write_text("bad")
    with capture_logs() as events:
        report = await one.reloader.reload(Trigger.ADMIN)
    assert (report.result, report.problems) == (ReloadResult.FAILURE, (str(PROBLEM), str(PROBLEM)))
    assert one.published == ["one"]
    assert one.result(ReloadResult.FAILURE) == 1.0
    assert [event.get("problem") for event in events] == [str(PROBLEM), str(PROBLEM), None]
    assert all(event["log_level"] == "error" for event in events)
    assert not any("reloaded" in event["event"] for event in events)


async def test_a_defect_in_loading_keeps_the_old_and_tells_no_secret(one: Setup) -> None:
    await one.reloader.start()
    one.path.write_text("defect")
    with capture_logs() as events:
        report = await one.reloader.reload(Trigger.FILES)
    assert report.problems == (f"{one.path}: internal error KeyError; see the log",)
    assert one.published == ["one"]
    assert events[0]["exc_info"]


async def test_the_next_good_file_ends_a_failure(one: Setup) -> None:
    await one.reloader.start()
    one.path.write_text("bad")
    await one.reloader.reload(Trigger.FILES)
    one.path.write_text("three")
    assert (await one.reloader.reload(Trigger.FILES)).result is ReloadResult.SUCCESS
    assert one.published == ["one", "three"]


async def test_requests_during_a_reload_share_the_next_one(one: Setup) -> None:
    """The running load may have read the old file, so it cannot answer for a change that came after it began."""
    await one.reloader.start()
    entered, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        entered.set()
        assert go_on.wait(10)

    one.after_load = wait
    first = asyncio.create_task(one.reloader.reload(Trigger.SIGHUP))
    assert await asyncio.to_thread(entered.wait, 10)
    later = [asyncio.create_task(one.reloader.reload(Trigger.ADMIN)) for _ in range(5)]
    await asyncio.sleep(0)
    one.after_load = lambda: None
    go_on.set()
    reports = await asyncio.gather(first, *later)
    assert one.loads == 3
    assert len({id(report) for report in reports}) == 2
    assert [report.trigger for report in reports] == ["sighup", *["admin"] * 5]


async def test_a_client_that_goes_away_does_not_stop_the_reload(one: Setup) -> None:
    await one.reloader.start()
    entered, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        entered.set()
        assert go_on.wait(10)

    one.before_load = wait
    impatient = asyncio.create_task(one.reloader.reload(Trigger.ADMIN))
    assert await asyncio.to_thread(entered.wait, 10)
    impatient.cancel()
    go_on.set()
    await one.reloader.reload(Trigger.SIGHUP)
    assert one.published[:2] == ["one", "one"]


async def test_files_that_change_while_they_are_read_are_read_again(one: Setup) -> None:
    await one.reloader.start()

    def meddle() -> None:
        one.after_load = lambda: None
        one.path.write_text("later, and longer")

    one.after_load = meddle
    one.path.write_text("two")
    await one.reloader.reload(Trigger.FILES)
    assert one.published == ["one", "later, and longer"]


async def test_a_file_that_is_read_half_written_is_no_failure(one: Setup) -> None:
    await one.reloader.start()

    def finish_writing() -> None:
        one.after_load = lambda: None
        one.path.write_text("two")

    one.path.write_text("bad")
    one.after_load = finish_writing
    assert (await one.reloader.reload(Trigger.FILES)).result is ReloadResult.SUCCESS
    assert one.published == ["one", "two"]


async def test_files_that_never_stand_still_are_a_failure_and_not_a_mixture(one: Setup) -> None:
    await one.reloader.start()

    def keep_writing() -> None:
        one.path.write_text(one.path.read_text() + "x")

    one.after_load = keep_writing
    report = await one.reloader.reload(Trigger.FILES)
    assert report.problems == (f"{one.path}: the files kept changing while they were read; try again",)
    assert one.published == ["one"]


async def test_a_file_nobody_knew_of_that_was_written_during_the_load_is_read_again(one: Setup) -> None:
    other = one.path.with_name("other")

    def write_other() -> None:
        one.before_load = lambda: None
        other.write_text("new")

    one.before_load = write_other
    load = one.reloader._load
    one.reloader._load = lambda: cast("Loaded", FakeLoaded(load().digest, (one.path, other)))
    await one.reloader.start()
    assert one.loads == 2


@pytest.mark.parametrize("content", ["two", "bad"])
async def test_after_each_load_the_watcher_knows_what_was_read(one: Setup, content: str) -> None:
    await one.reloader.start()
    one.path.write_text(content)
    await one.reloader.reload(Trigger.FILES)
    assert len(one.looks) == 2
    assert one.looks[-1][one.path].entries[0][3] == len(content)


async def test_a_failure_is_tried_again_until_it_works(tmp_path: Path) -> None:
    one = Setup(tmp_path, retry_seconds=0.0)
    await one.reloader.start()
    retrying = asyncio.create_task(one.reloader.retry_failures())
    one.path.write_text("bad")
    with capture_logs() as events:
        await one.reloader.reload(Trigger.FILES)
        await until(lambda: one.loads >= 6)
        one.path.write_text("good")
        await until(lambda: one.published[-1] == "good")
    retrying.cancel()
    failures = [event for event in events if event["event"].startswith("reload failed")]
    assert len(failures) == 1  # the same failure again is no news
    assert one.result(ReloadResult.FAILURE) == 1.0
    assert one.reloader.last is not None
    assert one.reloader.last.trigger is Trigger.RETRY


async def test_success_is_not_tried_again(tmp_path: Path) -> None:
    one = Setup(tmp_path, retry_seconds=0.0)
    await one.reloader.start()
    await one.reloader.reload(Trigger.FILES)
    retrying = asyncio.create_task(one.reloader.retry_failures())
    for _ in range(20):
        await asyncio.sleep(0)
    retrying.cancel()
    assert one.loads == 2


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0)


@pytest.mark.parametrize(("trigger", "told"), [("sighup", 1), ("admin", 1), ("files", 0), ("retry", 0)])
async def test_who_asks_for_a_reload_asks_for_more_than_files(one: Setup, trigger: str, told: int) -> None:
    heard: list[None] = []
    one.reloader.on_request(lambda: heard.append(None))
    await one.reloader.start()
    await one.reloader.reload(Trigger(trigger))
    assert len(heard) == told


async def test_others_get_ready_before_a_load_is_published_and_are_waited_for(tmp_path: Path) -> None:
    one = Setup(tmp_path)
    order: list[object] = []

    async def prepare(loaded: Loaded) -> None:
        order.append(("prepare", cast("FakeLoaded", loaded).name, list(one.published)))

    async def settle() -> None:
        order.append(("settle", list(one.published)))

    one.reloader.on_publishing(prepare, settle)
    report = await one.reloader.reload(Trigger.ADMIN)
    assert report.result is ReloadResult.SUCCESS
    assert order == [("prepare", "one", []), ("settle", ["one"])]


async def test_who_cannot_get_ready_keeps_the_old_one_in_use(tmp_path: Path) -> None:
    one = Setup(tmp_path)

    async def refuse(_loaded: Loaded) -> None:
        raise ConfigError([PROBLEM])

    async def settle() -> None:
        raise AssertionError("nothing was published")

    one.reloader.on_publishing(refuse, settle)
    report = await one.reloader.reload(Trigger.ADMIN)
    assert (report.result, report.problems) == (ReloadResult.FAILURE, (str(PROBLEM),))
    assert one.published == []
    assert len(one.looks) == 1

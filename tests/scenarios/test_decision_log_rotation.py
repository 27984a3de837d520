"""The decision log is rotated under the service: no line is lost, and new lines go to the new file."""

import json
import signal
from pathlib import Path

from support.questions import question
from support.service import RealService, eventually
from support.service_site import Site, StartService


def lines(path: Path) -> list[str]:
    """Return the paths of the requests in a log."""
    return [json.loads(line)["path"] for line in path.read_text().splitlines()] if path.exists() else []


def decide(service: RealService, log: Path, path: str) -> None:
    """Have one request decided and wait for its line."""
    service.check(question(path=path))
    eventually(lambda: path in lines(log) or None, f"{path} in {log.name}")


def test_after_sighup_lines_go_to_the_new_file(start: StartService, site: Site) -> None:
    service = start()
    log = site.folder / "decisions.jsonl"
    decide(service, log, "/one")
    log.rename(site.folder / "decisions.1")
    service.signal(signal.SIGHUP)
    service.event("reloaded")
    decide(service, log, "/two")
    assert (lines(site.folder / "decisions.1"), lines(log)) == (["/one"], ["/two"])


def test_a_rotation_is_noticed_without_a_signal(start: StartService, site: Site) -> None:
    service = start()
    log = site.folder / "decisions.jsonl"
    decide(service, log, "/one")
    log.rename(site.folder / "decisions.1")

    def new_file() -> bool | None:
        service.check(question(path="/later"))
        return True if log.exists() else None

    eventually(new_file, "the new file")
    assert service.stop() == 0
    assert set(lines(log)) == {"/later"}
    assert lines(site.folder / "decisions.1")[0] == "/one"

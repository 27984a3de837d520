import errno
import hashlib
import io
import json
import os
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extauthz.refresh.disk_cache import MAX_METADATA, DiskCache
from extauthz.refresh.validators import Validators

URL = "http://crl.example.com/ca.crl"
OTHER = "http://crl.example.com/other.crl"
BODY = bytes(range(256)) * 3000
KNOWN = Validators('"v1"', "Mon, 02 Nov 2026 10:00:00 GMT")
AT = datetime(2026, 11, 2, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "fetched"


@pytest.fixture
def cache(directory: Path) -> DiskCache:
    return DiskCache(directory)


def content(cache: DiskCache, url: str = URL) -> bytes | None:
    found = cache.open(url)
    return None if found is None else found.path.read_bytes()


def metadata_file(directory: Path, url: str = URL) -> Path:
    return directory / f"{hashlib.sha256(url.encode()).hexdigest()}.json"


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_what_was_stored_comes_back_whole(cache: DiskCache) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    found = cache.open(URL)
    assert found is not None
    assert found.path.read_bytes() == BODY
    assert (found.validators, found.fetched_at, found.sha256) == (KNOWN, AT, hashlib.sha256(BODY).digest())


def test_it_is_still_there_after_a_restart(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), Validators(), AT)
    found = DiskCache(directory).open(URL)
    assert found is not None
    assert (found.path.read_bytes(), found.validators) == (BODY, Validators())


def test_a_url_that_was_never_stored_is_not_there(cache: DiskCache, caplog: pytest.LogCaptureFixture) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    assert cache.open(OTHER) is None
    assert caplog.records == []


def test_newer_content_takes_the_place_of_older(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    cache.store(OTHER, io.BytesIO(b"other"), KNOWN, AT)
    cache.store(URL, io.BytesIO(b"newer"), Validators('"v2"'), AT + timedelta(hours=1))
    found = cache.open(URL)
    assert found is not None
    assert (found.path.read_bytes(), found.validators) == (b"newer", Validators('"v2"'))
    assert found.fetched_at == AT + timedelta(hours=1)
    assert content(cache, OTHER) == b"other"
    assert len(names(directory)) == 4


def test_the_same_content_again_updates_what_is_said_of_it(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    cache.store(URL, io.BytesIO(BODY), Validators('"v2"'), AT)
    found = cache.open(URL)
    assert found is not None
    assert (found.path.read_bytes(), found.validators) == (BODY, Validators('"v2"'))
    assert len(names(directory)) == 2


def test_only_the_rest_of_a_file_is_stored(cache: DiskCache) -> None:
    source = io.BytesIO(b"headbody")
    source.seek(4)
    cache.store(URL, source, KNOWN, AT)
    assert content(cache) == b"body"


def test_only_the_owner_may_read_it(cache: DiskCache, directory: Path) -> None:
    before = os.umask(0)
    try:
        cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
        DiskCache(directory.with_name("second"))
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    assert stat.S_IMODE(directory.with_name("second").stat().st_mode) == 0o700


def test_names_say_nothing_of_the_url(cache: DiskCache, directory: Path) -> None:
    cache.store("http://x/../../../etc/passwd", io.BytesIO(BODY), KNOWN, AT)
    assert len(names(directory)) == 2
    assert all(set(name) <= set("0123456789abcdef.jsoncrl") for name in names(directory))


# --- directories ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o770])
def test_a_directory_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(PermissionError, match="written by others"):
        DiskCache(tmp_path)


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o750])
def test_a_directory_that_others_may_read_is_accepted(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    DiskCache(tmp_path)


def test_another_users_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    if owner == 0:
        DiskCache(tmp_path)  # root could do as it likes anyway
    else:
        with pytest.raises(PermissionError, match="another user"):
            DiskCache(tmp_path)


def test_another_users_directory_is_refused_to_root_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.stat

    def foreign(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        values = list(real(path, follow_symlinks=follow_symlinks))
        values[4] = 4242
        return os.stat_result(values)

    monkeypatch.setattr(Path, "stat", foreign)
    with pytest.raises(PermissionError, match="another user"):
        DiskCache(tmp_path)


def test_a_link_that_changes_its_mind_leads_nowhere_else(tmp_path: Path) -> None:
    link, checked, other = tmp_path / "link", tmp_path / "checked", tmp_path / "other"
    checked.mkdir(mode=0o700)
    link.symlink_to(checked)
    cache = DiskCache(link)
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    DiskCache(other).store(URL, io.BytesIO(b"an older one"), KNOWN, AT)
    link.unlink()
    link.symlink_to(other)
    found = cache.open(URL)
    assert found is not None
    assert found.path.read_bytes() == BODY


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OSError, match=r"."):
        DiskCache(file)


def test_a_directory_without_a_parent_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DiskCache(tmp_path / "missing" / "fetched")


# --- damage -----------------------------------------------------------------------------------------------------------
def changed(**fields: object) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    return change


def without(field: str) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != field}))

    return change


def body_of(path: Path) -> Path:
    (body,) = path.parent.glob("*.crl")
    return body


def replaced_by_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_bytes(b"[]"),
        lambda path: path.write_bytes(b"[" * (MAX_METADATA - 1)),
        lambda path: path.write_bytes(path.read_bytes() + b" " * MAX_METADATA),
        lambda path: path.write_bytes(path.read_bytes()[:-5]),
        replaced_by_a_directory,
        changed(version=2),
        changed(url=OTHER),
        changed(etag=1),
        changed(last_modified=[]),
        changed(fetched_at="yesterday"),
        changed(fetched_at="2026-11-02T12:00:00"),
        changed(fetched_at=0),
        changed(sha256="../../etc/passwd"),
        changed(sha256="0" * 64),
        changed(sha256=None),
        changed(size=1),
        changed(size="1"),
        without("sha256"),
        without("fetched_at"),
        lambda path: body_of(path).unlink(),
        lambda path: body_of(path).write_bytes(BODY[:-1]),
        lambda path: body_of(path).write_bytes(BODY[:-1] + b"x"),
        lambda path: replaced_by_a_directory(body_of(path)),
    ],
)
def test_a_damaged_pair_counts_as_not_there_and_is_reported(
    cache: DiskCache, directory: Path, damage: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    damage(metadata_file(directory))
    assert cache.open(URL) is None
    assert len(caplog.records) == 1
    assert str(metadata_file(directory)) in caplog.text


def test_validators_that_were_tampered_with_do_not_reach_a_request(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    changed(etag='"x"\r\nHost: evil')(metadata_file(directory))
    found = cache.open(URL)
    assert found is not None
    assert "If-None-Match" not in found.validators.as_headers()


def test_a_damaged_pair_is_mended_by_the_next_store(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    body_of(metadata_file(directory)).write_bytes(b"junk")
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    assert content(cache) == BODY


# --- interrupted ------------------------------------------------------------------------------------------------------
class Breaking(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(1000)


def test_a_source_that_breaks_leaves_the_old_pair_and_no_litter(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    before = names(directory)
    with pytest.raises(OSError, match="Input/output"):
        cache.store(URL, Breaking(b"x" * 5000), KNOWN, AT)
    assert content(cache) == BODY
    assert names(directory) == before


def test_a_full_disk_leaves_the_old_pair_and_is_told(
    cache: DiskCache, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    before = names(directory)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left") as caught:
            cache.store(URL, io.BytesIO(b"newer"), KNOWN, AT)
    assert caught.value.errno == errno.ENOSPC
    assert content(cache) == BODY
    assert names(directory) == before


@pytest.mark.parametrize("step", range(12))
def test_a_crash_at_any_system_call_leaves_the_old_pair_or_the_new(
    cache: DiskCache, directory: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After a crash nothing more runs, so cleaning up fails too."""
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    calls = 0

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls > step:
                raise OSError(errno.EIO, "the machine stopped")
            return real(*given, **options)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "replace", "unlink"):
            patch.setattr(os, name, dying(getattr(os, name)))
        try:
            cache.store(URL, io.BytesIO(b"newer"), Validators('"v2"'), AT)
            survived = True
        except OSError:
            survived = False
    found = DiskCache(directory).open(URL)
    assert found is not None
    assert (found.path.read_bytes(), found.validators) in {(BODY, KNOWN), (b"newer", Validators('"v2"'))}
    assert found.path.read_bytes() == b"newer" or not survived
    cache.store(URL, io.BytesIO(b"newest"), KNOWN, AT)
    cache.prune([URL])
    assert content(cache) == b"newest"
    assert len(names(directory)) == 2


# --- pruning ----------------------------------------------------------------------------------------------------------
def test_what_is_no_longer_configured_is_pruned(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    cache.store(OTHER, io.BytesIO(b"other"), KNOWN, AT)
    cache.prune([OTHER, "http://never.example/"])
    assert cache.open(URL) is None
    assert content(cache, OTHER) == b"other"
    assert len(names(directory)) == 2


def test_what_an_interrupted_store_left_is_pruned(cache: DiskCache, directory: Path) -> None:
    cache.store(URL, io.BytesIO(BODY), KNOWN, AT)
    before = names(directory)
    for name in before:
        (directory / f".{name}.0123456789abcdef").write_bytes(b"half")
    cache.prune([URL])
    assert names(directory) == before


def test_files_of_others_are_left_alone(cache: DiskCache, directory: Path) -> None:
    for name in ("README", "last-seen.json", f"{'a' * 64}.crl", f"{'A' * 64}.json", f"{'a' * 63}.json"):
        (directory / name).write_bytes(b"mine")
    before = names(directory)
    cache.prune([])
    assert names(directory) == before


def test_threads_may_store_and_prune_at_once(cache: DiskCache) -> None:
    urls = [f"http://crl.example.com/{number}" for number in range(4)]
    failed: list[BaseException] = []

    def work(url: str) -> None:
        try:
            for round_ in range(15):
                cache.store(url, io.BytesIO(f"{url} {round_}".encode()), KNOWN, AT)
                cache.prune(urls)
        except BaseException as error:  # noqa: BLE001  (a thread's failure is told by the test's own thread)
            failed.append(error)

    threads = [threading.Thread(target=work, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [content(cache, url) for url in urls] == [f"{url} 14".encode() for url in urls]

"""What one process read is enough for another to build the same, whatever the files hold by then."""

import pickle
from pathlib import Path

import pytest

from extauthz.config.build import load_engine
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.remembered_files import RememberedFiles
from support.config_site import Site


def remembered(folder: Path, **contents: bytes) -> FileReader:
    """Return the reader of a folder that another reader has read."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = FileReader(folder)
    for path in files.list_files("."):
        files.read(path, 100)
    return RememberedFiles(folder / "a", folder, files.listed, files.contents).reader()


def test_an_engine_is_built_from_memory_alone(site: Site) -> None:
    site.write("pki/more.pem", site.pki.issuing.pem)
    built = site.build(revocation="revocation: {crls: [{path: pki/issuing.crl}]}")
    path = built.files.path
    kept: RememberedFiles = pickle.loads(pickle.dumps(built.files))  # noqa: S301  (of this very process)
    for file in (path, *(site.directory / "pki").iterdir()):
        file.unlink()
    again = load_engine(path, kept.reader())
    assert (again.digest, again.config, again.directory) == (built.digest, built.config, built.directory)
    assert [one.sha256 for one in again.anchors] == [one.sha256 for one in built.anchors]


def test_relative_names_start_where_they_did(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write_config()
    monkeypatch.chdir(site.directory)
    built = load_engine(Path("config.yaml"))
    monkeypatch.chdir("/")
    again = load_engine(built.files.path, built.files.reader())
    assert (again.digest, again.directory) == (built.digest, site.directory)


def test_a_directory_lists_what_it_listed(tmp_path: Path) -> None:
    reader = remembered(tmp_path, b=b"2", a=b"1")
    (tmp_path / "c").touch()
    assert [path.name for path in reader.list_files(".")] == ["a", "b"]
    assert reader.read(tmp_path / "a", 1) == b"1"


def test_what_was_not_read_is_refused(tmp_path: Path) -> None:
    reader = remembered(tmp_path, a=b"12")
    (tmp_path / "c").touch()
    with pytest.raises(FileError, match="was not read"):
        reader.list_files("c")
    with pytest.raises(FileError, match="was not read"):
        reader.read(tmp_path / "c", 1)
    with pytest.raises(FileError, match="larger than 1 bytes"):
        reader.read(tmp_path / "a", 1)


def test_what_was_only_looked_at_opens_as_nothing(tmp_path: Path) -> None:
    reader = remembered(tmp_path, a=b"12")
    assert not reader.on_disk
    with reader.open(tmp_path / "a") as known, reader.open(tmp_path / "c") as other:
        assert (known.read(), other.read()) == (b"12", b"")


def test_it_shows_no_content(tmp_path: Path) -> None:
    assert repr(RememberedFiles(Path("c"), tmp_path, {}, {Path("k"): b"secret"})) == "RememberedFiles(c, 1 files)"

"""The same chart gives the same archive, whatever its files' age, owner and order on the disk are."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from chart_archive import pack_chart

FILES = {
    "Chart.yaml": "name: extauthz\n",
    ".helmignore": "# what editors leave\n*.tmp\nci/drafts\nnotes/\n",
    "values.yaml": "replicas: 2\n",
    "templates/deployment.yaml": "kind: Deployment\n",
    "templates/_names.tpl": "{{- /* names */ -}}\n",
    "templates/old.tmp": "",
    "ci/istio-values.yaml": "{}\n",
    "ci/drafts": "",
    "notes/plan.txt": "",
    "files/notes": "a file, and not the folder of that name\n",
}


def chart(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / "extauthz" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name])
    return folder / "extauthz"


def test_neither_order_nor_age_nor_mode_of_the_files_is_in_the_bytes(tmp_path: Path) -> None:
    first = chart(tmp_path / "first", list(FILES))
    second = chart(tmp_path / "second", list(reversed(FILES)))
    for path in second.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    assert pack_chart(first, modified=1_700_000_000) == pack_chart(second, modified=1_700_000_000)


def test_it_holds_every_file_that_is_not_ignored(tmp_path: Path) -> None:
    packed = pack_chart(chart(tmp_path, list(FILES)), modified=1_700_000_000)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = archive.getmembers()
        content = {one.name: archive.extractfile(one).read().decode() for one in members}  # type: ignore[union-attr]
    kept = (
        "Chart.yaml",
        "ci/istio-values.yaml",
        "files/notes",
        "templates/_names.tpl",
        "templates/deployment.yaml",
        "values.yaml",
    )
    assert content == {f"extauthz/{name}": FILES[name] for name in kept}
    assert list(content) == [f"extauthz/{name}" for name in kept]
    assert {(one.mtime, one.mode, one.uid, one.gid, one.uname) for one in members} == {(1_700_000_000, 0o644, 0, 0, "")}


def test_the_time_of_packing_is_not_in_the_archive(tmp_path: Path) -> None:
    packed = pack_chart(chart(tmp_path, ["Chart.yaml"]), modified=1)
    assert packed[3:8] == bytes(5)  # no flags, so no name of a file, and no time
    assert gzip.decompress(packed)


@pytest.mark.parametrize("pattern", ["!keep.yaml", "/top.yaml", "**/deep.yaml"])
def test_a_pattern_that_is_not_understood_is_refused(tmp_path: Path, pattern: str) -> None:
    folder = chart(tmp_path, ["Chart.yaml"])
    (folder / ".helmignore").write_text(f"{pattern}\n")
    with pytest.raises(ValueError, match="is of a form that is not understood here"):
        pack_chart(folder, modified=1)

"""A state directory that the service would refuse is a mistake before it starts, and is not made by looking."""

import os
from pathlib import Path

import pytest

from extauthz.config.private_directory import state_directory_doubts, state_directory_mistakes
from support.config_site import Site

REVOCATION = "revocation: {crls: [{path: pki/issuing.crl}], state_directory: %s}"
PLACE = "5:64: revocation.state_directory"


def found(directory: Path) -> tuple[list[str], list[str]]:
    return list(state_directory_mistakes(directory)), list(state_directory_doubts(directory))


def test_one_that_can_be_made_is_good_and_is_not_made(tmp_path: Path) -> None:
    assert found(tmp_path / "state") == ([], [])
    assert not (tmp_path / "state").exists()


def test_a_private_one_is_good(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "fetched").mkdir(mode=0o700)
    assert found(state) == ([], [])


@pytest.mark.parametrize("mode", [0o720, 0o702])
def test_one_that_others_may_write_is_a_mistake(site: Site, mode: int) -> None:
    (site.directory / "state").mkdir()
    (site.directory / "state").chmod(mode)
    (problem,) = site.problems(revocation=REVOCATION % "state")
    assert problem == f"{PLACE}: 'state' may be written by others; take that away with `chmod go-w`"


@pytest.mark.parametrize("name", ["fetched", "indices"])
def test_so_is_one_with_such_a_directory_inside(site: Site, name: str) -> None:
    (site.directory / "state" / name).mkdir(parents=True)
    (site.directory / "state").chmod(0o700)
    (site.directory / "state" / name).chmod(0o770)
    (problem,) = site.problems(revocation=REVOCATION % "state")
    assert problem.startswith(f"{PLACE}: 'state' is not private: its {name!r} may be written by others")


def test_a_file_is_none(site: Site) -> None:
    (problem,) = site.problems(revocation=REVOCATION % "pki/root.pem")
    assert problem == f"{PLACE}: 'pki/root.pem' is not a directory; name one, or remove it"
    (problem,) = site.problems(revocation=REVOCATION % "pki/root.pem/state")
    assert problem == (
        f"{PLACE}: 'pki/root.pem/state' cannot be made: '{site.directory}/pki/root.pem' is not a directory; name "
        "another place"
    )


def test_a_link_that_leads_nowhere_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to("gone")
    assert found(tmp_path / "state")[0] == [
        "is a symbolic link that leads nowhere; make the directory that it names",
    ]


def test_a_missing_parent_is_a_warning_as_it_may_be_there_where_the_service_runs(site: Site) -> None:
    built = site.build(revocation=REVOCATION % "gone/state")
    (warning,) = [str(one) for one in built.warnings]
    assert warning == (
        f"{site.directory}/config.yaml:{PLACE}: 'gone/state' cannot be made: its parent '{site.directory}/gone' does "
        "not exist here; make it before the service starts"
    )


def test_what_this_user_may_not_write_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    assert found(tmp_path / "state") == (
        [],
        [f"cannot be made: its parent {str(tmp_path)!r} may not be written by this user"],
    )
    (tmp_path / "state").mkdir(mode=0o700)
    assert found(tmp_path / "state") == (
        [],
        ["may not be written by this user; the service refuses it when it runs as this user"],
    )


def test_one_of_another_user_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:  # root may own it; so nobody does here
        os.chown(state, 12345, -1)
    mistakes, (doubt,) = found(state)
    assert mistakes == []
    assert doubt.startswith("belongs to another user")


def test_a_name_that_no_file_has_is_no_crash(tmp_path: Path) -> None:
    assert found(tmp_path / "a\0b")[0] == []

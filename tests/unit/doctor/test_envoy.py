import json
from pathlib import Path

import pytest

from extauthz.doctor.examine import Given
from support.config_site import Site
from support.doctor import Case, check, codes, findings, uncovered, write
from support.doctor_envoy import CASES, fine
from support.doctor_envoy_tls import TLS
from support.doctor_envoy_ways import WAYS
from support.doctor_envoy_written import WRITTEN

ALL = {**CASES, **WAYS, **WRITTEN}


def test_every_code_is_found_by_some_case() -> None:
    assert uncovered([*ALL.values(), *TLS.values()], "envoy_") == set()


def test_nothing_is_found_in_a_good_one(site: Site, tmp_path: Path) -> None:
    path = write(tmp_path / "envoy.json", json.dumps(fine(Path("pki")).bootstrap))
    assert findings(site, Given(envoy=path)) == []


@pytest.mark.parametrize("case", ALL.values(), ids=ALL)
def test_a_change_is_found_or_is_a_near_miss(site: Site, tmp_path: Path, case: Case) -> None:
    parts = fine(Path("pki"))
    case.change(parts)
    check(site, case, Given(envoy=write(tmp_path / "envoy.json", json.dumps(parts.bootstrap))))


def test_both_spellings_of_a_setting_are_the_same(site: Site, tmp_path: Path) -> None:
    parts = fine(Path("pki"))
    parts.authorizer.pop("failure_mode_allow")
    parts.authorizer["failureModeAllow"] = True
    found = findings(site, Given(envoy=write(tmp_path / "envoy.json", json.dumps(parts.bootstrap))))
    assert codes(found) == ["envoy_failure_mode_allow"]
    assert found[0].path.endswith("typed_config.failureModeAllow")

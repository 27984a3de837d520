import json
from pathlib import Path

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.cluster_tls import expected_name
from extauthz.doctor.envoy.read import read_envoy
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.examine import Given
from extauthz.doctor.expectations import Expectations
from support.config_site import Site
from support.doctor import FINE, Case, check, codes, findings, write
from support.doctor_envoy import fine
from support.doctor_envoy_tls import GRPC_TLS, OTHER, TLS, names, tls


@pytest.mark.parametrize("case", TLS.values(), ids=TLS)
def test_tls_to_extauthz_fits_its_listener_or_is_found(site: Site, tmp_path: Path, case: Case) -> None:
    parts = fine(Path("pki"))
    case.change(parts)
    check(site, case, Given(envoy=write(tmp_path / "envoy.json", json.dumps(parts.bootstrap))))


def expecting(tmp_path: Path, *, combined: bool = False, **matcher: str) -> Path:
    parts = fine(Path("pki"))
    common = tls(parts, match_typed_subject_alt_names=names("DNS", **matcher))
    if combined:
        common["combined_validation_context"] = {"default_validation_context": common.pop("validation_context")}
    return write(tmp_path / "envoy.json", json.dumps(parts.bootstrap))


@pytest.mark.parametrize(
    ("name", "finds"), [("a.example", []), ("a.b.example", [OTHER]), ("example", [OTHER]), ("*.example", [])]
)
def test_envoy_takes_a_wildcard_in_the_certificate_for_one_label(
    site: Site, tmp_path: Path, name: str, finds: list[Code]
) -> None:
    server = site.pki.issuing.issue("server", dns=["*.example"])
    site.write("pki/leaf.pem", server.pem)
    site.write("pki/leaf.key", server.key_pem)
    assert codes(findings(site, Given(envoy=expecting(tmp_path, exact=name)), GRPC_TLS)) == finds


def test_a_certificate_without_names_has_none_of_them(site: Site, tmp_path: Path) -> None:
    server = site.pki.issuing.issue("server", no_san=True)
    site.write("pki/leaf.pem", server.pem)
    site.write("pki/leaf.key", server.key_pem)
    (found,) = findings(site, Given(envoy=expecting(tmp_path, exact="server")), GRPC_TLS)
    assert (found.code, found.detail) == (OTHER, "no name in it")


@pytest.mark.parametrize(("dns", "finds"), [(["localhost"], []), (["localhost", "a.example"], [OTHER])])
def test_a_certificate_for_this_machine_alone_stands_in_for_another(
    site: Site, tmp_path: Path, dns: list[str], finds: list[Code]
) -> None:
    server = site.pki.issuing.issue("server", dns=dns, ips=["127.0.0.1", "::1"])
    site.write("pki/leaf.pem", server.pem)
    site.write("pki/leaf.key", server.key_pem)
    assert codes(findings(site, Given(envoy=expecting(tmp_path, exact="extauthz")), GRPC_TLS)) == finds


def test_names_beside_cas_from_elsewhere_are_read(site: Site, tmp_path: Path) -> None:
    envoy = expecting(tmp_path, combined=True, exact="other.example")
    assert codes(findings(site, Given(envoy=envoy), GRPC_TLS)) == [OTHER]


def test_nothing_is_said_of_a_certificate_that_is_not_there_any_more(site: Site, tmp_path: Path) -> None:
    envoy = EnvoyView(read_envoy(expecting(tmp_path, exact="other.example")))
    loaded = site.load(**{**FINE, **GRPC_TLS})
    wants = Expectations(loaded.config, str(loaded.path), loaded.document)
    assert codes(expected_name(envoy, wants)) == [OTHER]
    (site.directory / "pki" / "leaf.pem").unlink()
    assert codes(expected_name(envoy, wants)) == []

"""Scrapers and probes learn how many and why, and never who."""

from pathlib import Path

from support.edge_pki import EdgePki
from support.questions import question, reason
from support.service import RealService
from support.service_site import Site

NAMES = ("Zaphod", "Magrathea", "zaphod.example.net", "secret-place", "spiffe://magrathea")


def test_what_a_client_is_called_and_asks_for_is_in_no_answer_for_scrapers_and_probes(
    tmp_path: Path, pki: EdgePki
) -> None:
    site = Site(tmp_path, pki, "native")
    site.write(
        policies=[{"name": "hosts", "when": {"hosts": ["zaphod.example.net"]}, "require": {"common_name": ["Zaphod"]}}]
    )
    known = pki.issue("Zaphod", organizational_unit="Magrathea")
    other = pki.issue("Zaphod Magrathea", organizational_unit="Magrathea")
    with RealService(site.path) as service:
        asked = [question(leaf, host="zaphod.example.net", path="/secret-place") for leaf in (known, other)]
        assert [reason(service.check(one)) for one in asked] == ["allowed", "common_name_not_allowed"]
        answers = {path: service.get(path).body for path in ("/metrics", "/readyz", "/healthz")}
    assert 'reason="common_name_not_allowed"' in answers["/metrics"]
    told = {path: [name for name in NAMES if name.lower() in body.lower()] for path, body in answers.items()}
    assert told == {"/metrics": [], "/readyz": [], "/healthz": []}

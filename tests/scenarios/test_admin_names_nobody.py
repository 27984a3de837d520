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


def test_what_the_configuration_says_of_clients_is_told_under_no_name_of_a_stranger(
    tmp_path: Path, pki: EdgePki
) -> None:
    """What is permitted, what is refused, and whose CRL is spoilt: each is a sentence with a name in it elsewhere."""
    site = Site(tmp_path, pki, "native")
    beside = pki.authority("Magrathea CA", parent=pki.root)
    contains = {"name": "hosts", "when": {}, "require": {"subject_contains": ["Zaphod"]}}
    site.folder.joinpath("a.crl").write_bytes(beside.crl())
    site.write(policies=[contains], revocation={"crls": [{"path": "a.crl", "required": False}]})
    with RealService(site.path) as service:
        assert service.reload().status == 200
        assert _told(service, site, "evil.example") == []
        assert _told(service, site, "127.0.0.1") == ["Zaphod", "Magrathea", str(site.folder)]
        site.write(policies=[{**contains, "require": {"CN=Trillian,O=Magrathea": 1}}])
        assert service.reload().status == 422
        assert _told(service, site, "evil.example") == []
        assert service.get("/readyz", {"host": "evil.example"}).json()["last_reload"]["problems"] == 1


def _told(service: RealService, site: Site, host: str) -> list[str]:
    """Return which names stand in the answers for scrapers and probes that ask by a name."""
    answers = (service.get(path, {"host": host}) for path in ("/metrics", "/readyz", "/healthz"))
    told = "".join(one.body for one in answers)
    return [name for name in (*NAMES, "Trillian", str(site.folder)) if name.lower() in told.lower()]

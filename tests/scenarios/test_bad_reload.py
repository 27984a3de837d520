"""A configuration that cannot be used changes nothing but what is said about it."""

import json

from support.questions import allowed, policy, question
from support.service import eventually
from support.service_site import Site, StartService

SUCCESSFUL = "extauthz_config_last_reload_successful"


def test_the_last_good_configuration_stays_in_use(start: StartService, site: Site) -> None:
    service = start()
    digest = service.event("ready")["config"]
    loaded_at = service.metric("extauthz_config_last_reload_success_timestamp_seconds")
    site.write(policies=[], nonsense=1)

    reply = service.reload()
    assert reply.status == 422
    report = reply.json()
    assert report["result"] == "failure"
    assert [problem.split(": ")[1] for problem in report["problems"]] == ["policies", "nonsense"]

    assert allowed(service.check(question(site.pki.issue("alice"))))
    assert policy(service.check(question())) == "everybody"
    assert service.metric(SUCCESSFUL) == 0.0
    assert service.metric("extauthz_config_reloads_total", result="failure") == 1.0
    assert service.metric("extauthz_config_info", hash=digest) == 1.0
    assert service.metric("extauthz_config_last_reload_success_timestamp_seconds") == loaded_at
    service.event("reload failed; the configuration in use stays")
    logged = [event["problem"] for event in service.events("configuration problem")]
    assert logged == report["problems"]
    assert service.events("reloaded") == []
    ready = service.get("/readyz")
    assert ready.status == 200
    assert ready.json()["last_reload"] == {**report, "problems": [one.rsplit(": ", 1)[0] for one in report["problems"]]}


def test_the_next_good_file_ends_the_failure(start: StartService, site: Site) -> None:
    service = start()
    good = site.path.read_text()
    site.path.write_text("{")
    eventually(lambda: service.metric(SUCCESSFUL) == 0.0 or None, "the failure")
    site.path.write_text(good)
    eventually(lambda: service.metric(SUCCESSFUL) == 1.0 or None, "the success")
    assert service.get("/readyz").json()["last_reload"]["result"] == "success"


def test_a_file_that_vanishes_keeps_the_old_one(start: StartService, site: Site) -> None:
    service = start()
    site.path.unlink()
    assert service.reload().status == 422
    assert allowed(service.check(question(site.pki.issue("alice"))))


def test_an_unusable_anchor_keeps_the_old_one(start: StartService, site: Site) -> None:
    anchor = site.folder / "anchor.pem"
    anchor.write_bytes(site.pki.root.pem)
    service = start(trust={**json.loads(json.dumps(site.sections["trust"])), "anchors": ["anchor.pem"]})
    anchor.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    reply = service.reload()
    assert reply.status == 422
    assert "trust.anchors[0]" in reply.json()["problems"][0]
    assert allowed(service.check(question(site.pki.issue("alice"))))


def test_a_page_in_a_browser_cannot_reload(start: StartService) -> None:
    service = start()
    assert service.admin("POST", "/-/reload", {"Origin": "https://evil.example"}).status == 403
    assert service.get("/-/reload").status == 405
    assert service.metric("extauthz_config_reloads_total", result="success") == 0.0

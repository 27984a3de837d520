"""SIGHUP, a changed file in each of its forms, and POST /-/reload: all put the new configuration into use."""

import json
import os
import signal
from collections.abc import Callable

import pytest

from support.edge_pki import EdgePki
from support.questions import allowed, policy, question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService

NEW = [{"name": "new", "when": {}, "require": {}}]


def in_use(service: RealService, name: str) -> None:
    """Wait until a policy of this name answers."""
    eventually(
        lambda: policy(service.check(question())) == name or None, f"policy {name!r} in use", show=service.stderr
    )


def test_post_reload_answers_after_the_new_configuration_is_in_use(start: StartService, site: Site) -> None:
    service = start()
    site.write(policies=NEW)
    reply = service.reload()
    assert policy(service.check(question())) == "new"
    assert (reply.status, reply.json()["result"], reply.json()["problems"]) == (200, "success", [])


def test_sighup_reloads(start: StartService, site: Site) -> None:
    service = start()
    site.write(policies=NEW)
    service.signal(signal.SIGHUP)
    in_use(service, "new")


def rename_over(site: Site) -> None:
    site.write(policies=NEW)


def write_in_place(site: Site) -> None:
    site.path.write_text(json.dumps({**site.sections, "policies": NEW}))


@pytest.mark.parametrize("change", [rename_over, write_in_place])
def test_a_changed_configuration_file_reloads(start: StartService, site: Site, change: Callable[[Site], None]) -> None:
    service = start()
    change(site)
    in_use(service, "new")
    assert service.event("reloaded")["trigger"] == "files"


def test_a_swapped_data_link_reloads(start: StartService, site: Site) -> None:
    """As kubelet updates a mounted ConfigMap: a new directory, then one rename of a symlink."""
    volume = site.folder / "volume"
    volume.mkdir()
    real = site.path

    def publish(version: str, **sections: object) -> None:
        site.path = real
        site.write(**sections)
        data = volume / f"..{version}"
        data.mkdir()
        real.replace(data / "config.json")
        (volume / "..data_tmp").symlink_to(data.name)
        os.replace(volume / "..data_tmp", volume / "..data")  # noqa: PTH105  (as kubelet does: rename over the link)

    publish("first")
    (volume / "config.json").symlink_to("..data/config.json")
    site.path = volume / "config.json"
    with RealService(site.path) as service:
        for number in range(3):  # the watch must follow the link each time
            publish(f"version-{number}", policies=[{"name": f"number-{number}", "when": {}, "require": {}}])
            in_use(service, f"number-{number}")


def test_a_changed_trust_anchor_reloads(start: StartService, site: Site, pki: EdgePki) -> None:
    stranger = pki.authority("Stranger")
    client = pki.issue("alice", by=stranger)
    anchor = site.folder / "anchor.pem"
    anchor.write_bytes(pki.root.pem)
    service = start(trust={"anchors": ["anchor.pem"]})
    assert reason(service.check(question(client))) == "untrusted_issuer"
    anchor.write_bytes(stranger.pem)
    eventually(lambda: allowed(service.check(question(client))) or None, "the new anchor in use", show=service.stderr)


def test_a_new_file_in_a_directory_of_crls_reloads(start: StartService, site: Site, pki: EdgePki) -> None:
    client = pki.issue("revoked soon")
    folder = site.folder / "crls"
    folder.mkdir()
    (folder / "root.crl").write_bytes(
        pki.root.crl(this_update=client.cert.not_valid_before_utc, next_update=client.cert.not_valid_after_utc)
    )
    (folder / "issuing-1.crl").write_bytes(pki.crl(number=1))
    service = start(revocation={"crls": [{"path": "crls/"}]})
    assert allowed(service.check(question(client)))
    (folder / "issuing-2.crl").write_bytes(pki.crl(client, number=2))
    eventually(
        lambda: reason(service.check(question(client))) == "revoked" or None, "the new CRL in use", show=service.stderr
    )
    assert service.metric("extauthz_crl_number", crl="crls/issuing-2.crl") == 2.0


def test_a_log_file_that_grows_beside_the_configuration_reloads_nothing(start: StartService, site: Site) -> None:
    service = start()
    for _ in range(50):
        service.check(question())
    eventually(lambda: len(site.decisions()) == 50 or None, "50 lines in the decision log")
    assert service.metric("extauthz_config_reloads_total", result="success") == 0.0


def test_what_a_reload_cannot_change_is_said(start: StartService, site: Site) -> None:
    service = start()
    site.write(listen={"grpc": {"address": "127.0.0.1:1", "reflection": True}, "admin": {"address": "127.0.0.1:0"}})
    service.reload()
    service.event("reloaded")
    said = [event["setting"] for event in service.events("this setting changes only with a restart")]
    assert said == ["listen.grpc.address", "listen.grpc.reflection"]


def test_deny_answer_and_log_settings_follow_the_reload(start: StartService, site: Site) -> None:
    service = start()
    assert service.check(question()).denied_response.status.code == 403
    site.write(
        deny={"status": 404, "body": "text", "expose_reason": True},
        decision_log={"path": str(site.folder / "other.jsonl"), "include": ["kind"]},
        log={"level": "error"},
    )
    service.reload()
    denied = service.check(question()).denied_response
    assert denied.status.code == 404
    assert "reason=no_certificate" in denied.body
    eventually(lambda: (site.folder / "other.jsonl").exists() or None, "the other decision log")
    assert len(site.decisions()) == 1
    assert service.reload().status == 200
    assert service.events("reloaded") == []  # no longer of interest

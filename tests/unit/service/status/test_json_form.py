"""The JSON keeps its names and forms: programs read it."""

import json
from dataclasses import replace

from extauthz.service.status.json_form import json_bytes
from support.statuses import ANCHOR, CRL, CRL_SOURCE, DENIAL, STATUS, status

WHOLE = {
    "format": 1,
    "at": "2026-06-01T12:30:15.250Z",
    "phase": "waiting_for_workers",
    "ready": False,
    "waiting_for_crls": ["waited.crl"],
    "build": {"version": "9.8.7", "python": "3.99.1"},
    "started": "2026-05-29T08:30:15.250Z",
    "uptime_seconds": 273_600,
    "workers": {"serving": 6, "waiting": 41},
    "configuration": {
        "standing": "bad",
        "generation": 17,
        "digest": "c0ffee00c0ff",
        "digests_in_use": ["c0ffee00c0ff", "decafbadbeef"],
        "loaded_at": "2026-06-01T07:30:15.250Z",
        "warnings": ["a permissive choice"],
        "last_reload": {
            "result": "failure",
            "trigger": "sighup",
            "at": "2026-06-01T11:30:15.250Z",
            "problems": ["extauthz.yaml:1:2: bad"],
        },
    },
    "listeners": [
        {"name": "grpc", "address": "127.0.0.1:9191", "speaks": "gRPC, transport native", "tls": True},
        {"name": "admin", "address": "unix:/run/admin.sock", "speaks": "HTTP, for operators", "tls": False},
    ],
    "sources": [{"type": "envoy_peer", "listeners": ["grpc"], "checks": 5150}],
    "checks_without_certificate": 77,
    "samples_unread": 3,
    "anchors": [
        {
            "standing": "good",
            "fingerprint8": "0a1b2c3d",
            "subject": "CN=Root,O=Example",
            "not_after": "2027-07-06T12:30:15.250Z",
            "remaining_seconds": 34_560_000,
        }
    ],
    "crls": {
        "checked": True,
        "problems": ["the state directory cannot be written"],
        "sources": [
            {
                "standing": "attention",
                "source": "http://crl.example/ca.crl",
                "fetched": True,
                "required": False,
                "last_attempt": "2026-06-01T12:30:10.250Z",
                "last_success": "2026-06-01T10:30:15.250Z",
                "rejected": 3,
                "problems": ["status 503", "the CRL of CN=Issuing CA is late"],
                "crls": [
                    {
                        "issuer": "CN=Issuing CA",
                        "number": "1427247692705959881058285969449495136382746624",
                        "delta": False,
                        "entries": 1234,
                        "this_update": "2026-05-31T10:30:15.250Z",
                        "age_seconds": 93_600,
                        "next_update": "2026-06-01T11:30:15.250Z",
                        "remaining_seconds": -3600,
                    }
                ],
            }
        ],
    },
    "policies": [
        {"name": "orders", "configured": True, "hits": 4203, "allowed": 4001, "denied": 202},
        {"name": "old", "configured": False, "hits": 1, "allowed": 1, "denied": 0},
        {"name": "", "configured": False, "hits": 303, "allowed": 0, "denied": 303},
    ],
    "denials": {
        "identities": True,
        "processes_late": 2,
        "processes_ended": 5,
        "latest": [
            {
                "at": "2026-06-01T12:30:14.250Z",
                "reason": "san_not_allowed",
                "policy": "orders",
                "listener": "http",
                "fingerprint8": "feedbee5",
                "subject": "CN=mallory",
                "decision_id": "5da7788aeb6f084df8083e7b7b0716c8",
            }
        ],
    },
}


def test_names_and_forms_stay_as_they_are() -> None:
    assert json.loads(json_bytes(status())) == WHOLE


def test_what_is_not_there_is_null() -> None:
    calm = replace(STATUS.configuration, last_reload=None)
    assert json.loads(json_bytes(status(configuration=calm)))["configuration"]["last_reload"] is None
    denial = replace(DENIAL, fingerprint8=None, subject=None)
    (shown,) = json.loads(json_bytes(status(denials=(denial,))))["denials"]["latest"]
    assert (shown["fingerprint8"], shown["subject"]) == (None, None)


def test_a_crl_that_announces_no_successor_has_no_remaining_time() -> None:
    crl = replace(CRL, number=None, delta=True, next_update=None)
    source = replace(CRL_SOURCE, last_attempt=None, last_success=None, problems=(), crls=(crl,))
    (shown,) = json.loads(json_bytes(status(crl_sources=(source,))))["crls"]["sources"]
    assert (shown["standing"], shown["last_attempt"], shown["last_success"]) == ("good", None, None)
    (only,) = shown["crls"]
    assert (only["number"], only["delta"], only["next_update"], only["remaining_seconds"]) == (None, True, None, None)


def test_it_is_plain_ascii_whatever_names_hold() -> None:
    anchor = replace(ANCHOR, subject="CN=\u00dcnal \u202e </script>")
    document = json_bytes(status(anchors=(anchor,)))
    assert document.isascii()
    assert json.loads(document)["anchors"][0]["subject"] == anchor.subject

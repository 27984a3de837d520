"""The status page as JSON: the same facts as the HTML, under names that stay.

Keys are only ever added. ``format`` changes if that promise has to be broken. Times are UTC with milliseconds; ages and
remaining times are seconds, counted from ``at``, negative for what is over.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from extauthz.service.status.model import Anchor, Configuration, Crl, CrlSource, Denial, Policy, Status

FORMAT: Final = 1


def json_bytes(status: Status) -> bytes:
    """Return the document, in plain ASCII, with a newline at its end."""
    return json.dumps(json_fields(status), indent=2).encode("ascii") + b"\n"


def json_fields(status: Status) -> Mapping[str, object]:
    """Return the document."""
    at = status.at
    return {
        "format": FORMAT,
        "at": _time(at),
        "phase": status.phase,
        "ready": status.ready,
        "waiting_for_crls": status.waiting_for_crls,
        "build": {"version": status.version, "python": status.python},
        "started": _time(status.started),
        "uptime_seconds": _seconds(status.started, at),
        "workers": dict(status.workers),
        "configuration": _configuration(status.configuration),
        "listeners": [
            {"name": one.name, "address": one.address, "speaks": one.speaks, "tls": one.tls} for one in status.listeners
        ],
        "sources": [{"type": one.type, "listeners": one.listeners, "checks": one.checks} for one in status.sources],
        "checks_without_certificate": status.checks_without_certificate,
        "samples_unread": status.samples_unread,
        "anchors": [_anchor(one, at) for one in status.anchors],
        "crls": {
            "checked": status.crl_checking,
            "problems": status.crl_problems,
            "sources": [_crl_source(one, at) for one in status.crl_sources],
        },
        "policies": [_policy(one) for one in status.policies],
        "denials": {
            "identities": status.identities,
            "processes_late": status.denials_late,
            "processes_ended": status.denials_ended,
            "latest": [_denial(one) for one in status.denials],
        },
    }


def _configuration(one: Configuration) -> Mapping[str, object]:
    last = one.last_reload
    return {
        "standing": one.standing.value,
        "generation": one.generation,
        "digest": one.digest,
        "digests_in_use": one.digests_in_use,
        "loaded_at": _time(one.loaded_at),
        "warnings": one.warnings,
        "last_reload": None
        if last is None
        else {"result": last.result, "trigger": last.trigger, "at": _time(last.at), "problems": last.problems},
    }


def _anchor(one: Anchor, at: datetime) -> Mapping[str, object]:
    return {
        "standing": one.standing(at).value,
        "fingerprint8": one.fingerprint8,
        "subject": one.subject,
        "not_after": _time(one.not_after),
        "remaining_seconds": _seconds(at, one.not_after),
    }


def _crl_source(one: CrlSource, at: datetime) -> Mapping[str, object]:
    return {
        "standing": one.standing.value,
        "source": one.label,
        "fetched": one.fetched,
        "required": one.required,
        "last_attempt": _time(one.last_attempt),
        "last_success": _time(one.last_success),
        "rejected": one.rejected,
        "problems": one.problems,
        "crls": [_crl(crl, at) for crl in one.crls],
    }


def _crl(one: Crl, at: datetime) -> Mapping[str, object]:
    return {
        "issuer": one.issuer,
        "number": None if one.number is None else str(one.number),  # of up to 160 bits: more than readers of JSON take
        "delta": one.delta,
        "entries": one.entries,
        "this_update": _time(one.this_update),
        "age_seconds": _seconds(one.this_update, at),
        "next_update": _time(one.next_update),
        "remaining_seconds": None if one.next_update is None else _seconds(at, one.next_update),
    }


def _policy(one: Policy) -> Mapping[str, object]:
    return {
        "name": one.name,
        "configured": one.configured,
        "hits": one.hits,
        "allowed": one.allowed,
        "denied": one.denied,
    }


def _denial(one: Denial) -> Mapping[str, object]:
    return {
        "at": _time(one.at),
        "reason": one.reason,
        "policy": one.policy,
        "listener": one.listener,
        "fingerprint8": one.fingerprint8,
        "subject": one.subject,
        "decision_id": one.decision_id,
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(earlier: datetime, later: datetime) -> int:
    return int((later - earlier).total_seconds())

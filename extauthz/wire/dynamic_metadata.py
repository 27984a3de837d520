"""The dynamic metadata of an answer: why it was given and who asked, for the proxy's log and later filters.

A ``google.protobuf.Struct``, written entry by entry; ``answer_writer`` keeps what is the same in the next answer.
"""

from datetime import datetime

from extauthz.identity.json_form import forwarded_to_json
from extauthz.model.decision import Decision
from extauthz.model.instant import rfc3339
from extauthz.wire.identity_entry import identity_entry
from extauthz.wire.struct_bytes import struct_bytes, text_entry


def metadata_bytes(decision: Decision, decision_id: str, session_expires: str | None = None) -> bytes:
    """Return the serialised Struct.

    ``decision`` is ``allow`` or ``deny``; ``reason``, ``policy`` and ``decision_id`` are text (``policy`` is empty when
    none matched); ``session_expires`` is RFC 3339 and there when it is set (or what is given for it); ``identity`` is
    that of ``to_json`` without what is null or empty, and there when a certificate could be read, or that of
    ``forwarded_to_json``, where a proxy named somebody without one. **On a deny it is a claim, not a fact.** What is
    another for each answer stands first.
    """
    return b"".join(
        (
            _expiry_entry(decision.session_expires, session_expires),
            text_entry("decision_id", decision_id),
            text_entry("decision", "allow" if decision.allowed else "deny"),
            _identity_entry(decision),
            text_entry("policy", decision.policy),
            text_entry("reason", decision.reason.value),
        )
    )


def _expiry_entry(expires: datetime | None, given: str | None) -> bytes:
    """Return the entry in whole seconds, rounded down: a session never says too much."""
    if expires is None:
        return b""
    return text_entry("session_expires", rfc3339(expires) if given is None else given)


def _identity_entry(decision: Decision) -> bytes:
    if decision.forwarded is not None:
        return struct_bytes({"identity": forwarded_to_json(decision.forwarded)})
    return b"" if decision.identity is None else identity_entry(decision.identity)

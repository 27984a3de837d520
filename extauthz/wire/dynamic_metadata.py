"""The dynamic metadata of an answer: why it was given and who asked, for the proxy's log and later filters.

A ``google.protobuf.Struct`` is a map from names to values, and a serialised map is its entries one after the other. So
the entries are serialised apart, and those of constants kept. ``answer_writer`` keeps the rest.
"""

from datetime import UTC, datetime
from functools import lru_cache

from google.protobuf.struct_pb2 import Struct

from extauthz.identity.bounded_form import bounded
from extauthz.identity.json_form import forwarded_to_json, to_json
from extauthz.model.decision import Decision
from extauthz.model.identity import CertIdentity
from extauthz.wire.struct_bytes import struct_bytes

_TEXT_ENTRIES = 1_024
"""Serialised text entries that are kept: of reasons and policies, a few dozen."""


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
            _serialised_text_entry("decision_id", decision_id),
            _text_entry("decision", "allow" if decision.allowed else "deny"),
            _identity_entry(decision),
            _text_entry("policy", decision.policy),
            _text_entry("reason", decision.reason.value),
        )
    )


def _serialised_text_entry(key: str, value: str) -> bytes:
    struct = Struct()
    struct.fields[key].string_value = value
    return struct.SerializeToString()


_text_entry = lru_cache(maxsize=_TEXT_ENTRIES)(_serialised_text_entry)


def _expiry_entry(expires: datetime | None, given: str | None) -> bytes:
    """Return the entry in whole seconds, rounded down: a session never says too much."""
    if expires is None:
        return b""
    if given is None:
        given = expires.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _serialised_text_entry("session_expires", given)


def _identity_entry(decision: Decision) -> bytes:
    if decision.forwarded is not None:
        return struct_bytes({"identity": forwarded_to_json(decision.forwarded)})
    return b"" if decision.identity is None else serialised_identity_entry(decision.identity)


def serialised_identity_entry(identity: CertIdentity) -> bytes:
    """Return the ``identity`` entry of the Struct, serialised from scratch.

    Every request carries it through the proxy's memory, so lists and texts are cut to size; the key ``truncated`` names
    those that were.
    """
    fields, truncated = bounded(to_json(identity))
    fields["truncated"] = truncated
    return struct_bytes({"identity": fields})

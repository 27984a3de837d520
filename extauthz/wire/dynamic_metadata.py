"""The dynamic metadata of an answer: why it was given and who asked, for the proxy's log and later filters.

A ``google.protobuf.Struct`` is a map from names to values, and a serialised map is its entries one after the other. So
the entries are serialised apart: the identity's once for each certificate, that of a constant once in all.
"""

from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from weakref import ReferenceType, ref

from google.protobuf.struct_pb2 import Struct

from extauthz.identity.bounded_form import bounded
from extauthz.identity.json_form import to_json
from extauthz.model.decision import Decision
from extauthz.model.identity import CertIdentity
from extauthz.wire.struct_bytes import struct_bytes

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Of serialised identities that are kept: those of some 10,000 clients, as many as the engine remembers unless told
otherwise. One with many long names takes 40 times the room of a usual one, so the bound is in bytes."""

_TEXT_ENTRIES = 1_024
"""Serialised text entries that are kept. Reasons and policies are a few dozen; a session's end is new every second."""


def metadata_bytes(decision: Decision, decision_id: str) -> bytes:
    """Return the serialised Struct, its keys in alphabetical order.

    ``decision`` is ``allow`` or ``deny``; ``reason``, ``policy`` and ``decision_id`` are text (``policy`` is empty when
    none matched); ``session_expires`` is RFC 3339 and there when it is set; ``identity`` is that of ``to_json`` without
    what is null or empty, and there when a certificate could be read. **On a deny it is a claim, not a fact.**
    """
    identity, expires = decision.identity, decision.session_expires
    return b"".join(
        (
            _text_entry("decision", "allow" if decision.allowed else "deny"),
            _serialised_text_entry("decision_id", decision_id),
            _identity_entries.entry(identity) if identity is not None else b"",
            _text_entry("policy", decision.policy),
            _text_entry("reason", decision.reason.value),
            _expiry_entry(expires.replace(microsecond=0)) if expires is not None else b"",
        )
    )


def _serialised_text_entry(key: str, value: str) -> bytes:
    struct = Struct()
    struct.fields[key].string_value = value
    return struct.SerializeToString()


_text_entry = lru_cache(maxsize=_TEXT_ENTRIES)(_serialised_text_entry)


@lru_cache(maxsize=_TEXT_ENTRIES)
def _expiry_entry(expires: datetime) -> bytes:
    """Return the entry for a whole second, which the caller rounded down: a session never says too much."""
    text = expires.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _serialised_text_entry("session_expires", text)


def serialised_identity_entry(identity: CertIdentity) -> bytes:
    """Return the ``identity`` entry of the Struct, serialised from scratch.

    Every request carries it through the proxy's memory, so lists and texts are cut to size; the key ``truncated`` names
    those that were.
    """
    fields, truncated = bounded(to_json(identity))
    fields["truncated"] = truncated
    return struct_bytes({"identity": fields})


class IdentityEntries:
    """Serialised identities, found by the identity *object*.

    The engine gives the same object for the same certificate as long as it remembers it, and another one after a
    reload, which may read more or less from the same bytes. So the certificate's hash alone is not a key. Nor is
    ``id()``, which a later object can have too; and to compare all fields costs as much as it saves. Here the hash
    finds a place, and the place knows by a weak reference the very object that its bytes were made from.

    When full, the oldest goes. Safe for threads.
    """

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._known: dict[str, tuple[ReferenceType[CertIdentity], bytes]] = {}
        self._lock = Lock()

    def entry(self, identity: CertIdentity) -> bytes:
        """Return what ``serialised_identity_entry`` returns."""
        known = self._known.get(identity.sha256)
        if known is not None and known[0]() is identity:
            return known[1]
        made = serialised_identity_entry(identity)
        with self._lock:
            self._forget(identity.sha256)
            self._known[identity.sha256] = (ref(identity), made)
            self._bytes += len(made)
            while self._bytes > self._max_bytes:
                self._forget(next(iter(self._known)))
        return made

    def _forget(self, sha256: str) -> None:
        known = self._known.pop(sha256, None)
        if known is not None:
            self._bytes -= len(known[1])

    def __len__(self) -> int:
        return len(self._known)


_identity_entries = IdentityEntries()

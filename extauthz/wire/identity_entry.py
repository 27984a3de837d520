"""The identity in the dynamic metadata, written straight from its fields.

What it is to be is ``bounded(to_json(identity))``, and a property holds it to that. But half of the form's fields are
null or empty as a rule, and every certificate that was not seen before pays for the way through them. So what is there
is written here at once, and only an identity that may have to be cut to size goes the long way.
"""

from functools import lru_cache
from operator import attrgetter
from typing import Final

from extauthz.identity.bounded_form import MAX_LIST_ENTRIES, MAX_TEXT_CHARACTERS, bounded
from extauthz.identity.json_form import fasc_n_form, key_form, to_json
from extauthz.model.identity import CertIdentity, PublicKeyInfo
from extauthz.model.instant import rfc3339
from extauthz.wire.struct_bytes import (
    entry,
    list_entry,
    struct_entry,
    struct_item,
    text_entries,
    text_entry,
    text_items,
)

_TEXTS: Final = {
    "subject": "subject_dn",
    "issuer": "issuer_dn",
    "common_name": "common_name",
    "serial_number": "serial_number",
    "sha256": "sha256",
    "thumbprint_s256": "thumbprint_s256",
    "spki_sha256": "spki_sha256",
    "authority_key_id": "authority_key_id",
    "subject_key_id": "subject_key_id",
    "kind": "kind.value",
    "card_uuid": "card_uuid",
    "edipi": "edipi",
    "spiffe_id": "spiffe_id",
    "ms_sid": "ms_sid",
}
"""Key of the form -> where it stands in the identity."""
_LISTS: Final = ("organizations", "organizational_units", "key_usage", "extended_key_usage", "policy_oids", "warnings")
"""Of texts; keys of the form, and where they stand."""
_NAMES: Final = {"dns": "dns_names", "email": "emails", "uri": "uris", "ip": "ip_addresses", "upn": "upns"}
"""Type of a subjectAltName -> key of the form under which all of this type are."""
_texts_of: Final = attrgetter(*_TEXTS.values())
_lists_of: Final = attrgetter(*_LISTS)
_IS_CA: Final = {is_ca: entry("is_ca", is_ca) for is_ca in (False, True)}
_KEPT_KEYS: Final = 256
"""Kinds of public key that are kept. A dozen are in use."""


def identity_entry(identity: CertIdentity) -> bytes:
    """Return the ``identity`` entry of the metadata's Struct.

    Every request carries it through the proxy's memory, so lists and texts are cut to size; the key ``truncated`` names
    those that were.
    """
    longest = max(map(len, (identity.sans, *_lists_of(identity))))
    if longest <= MAX_LIST_ENTRIES and len(entries := _entries(identity)) <= MAX_TEXT_CHARACTERS:
        return struct_entry("identity", entries)  # so small that no text in it is too long
    fields, truncated = bounded(to_json(identity))
    return entry("identity", {**fields, "truncated": truncated})


def _entries(identity: CertIdentity) -> bytes:
    """Return an entry for everything that is there, whole."""
    entries = [text_entries(zip(_TEXTS, _texts_of(identity), strict=True))]
    for key, texts in zip(_LISTS, _lists_of(identity), strict=True):
        if texts and (items := text_items(texts)):
            entries.append(list_entry(key, items))
    if identity.sans:
        entries.append(_names(identity))
    entries.append(text_entry("not_before", rfc3339(identity.not_before)))
    entries.append(text_entry("not_after", rfc3339(identity.not_after)))
    entries.append(_public_key(identity.key))
    entries.append(_IS_CA[identity.is_ca])
    if identity.fasc_n is not None:
        entries.append(entry("fasc_n", fasc_n_form(identity.fasc_n)))
    if identity.piv_interim is not None:
        entries.append(entry("piv_interim", identity.piv_interim))
    return b"".join(entries)


def _names(identity: CertIdentity) -> bytes:
    """Return the entries of the subject's further names: all of them, and those of each common type."""
    names = []
    by_type: dict[str, list[str]] = {}
    for san in identity.sans:
        kind, value = san.type, san.value
        names.append(struct_item(text_entry("type", kind) + (text_entry("value", value) if value else b"")))
        if kind in _NAMES:
            by_type.setdefault(kind, []).append(value)
    entries = [list_entry("sans", b"".join(names))]
    for kind, values in by_type.items():
        if items := text_items(values):
            entries.append(list_entry(_NAMES[kind], items))
    return b"".join(entries)


@lru_cache(maxsize=_KEPT_KEYS)
def _public_key(key: PublicKeyInfo) -> bytes:
    return entry("key", key_form(key))

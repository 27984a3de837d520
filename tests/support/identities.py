"""A ``CertIdentity`` made by hand, for rules and headers that need no certificate."""

from datetime import timedelta

from extauthz.model.identity import CertIdentity, FascN, PublicKeyInfo, SubjectAltName
from support.certificates import NOW


def sans(*texts: str) -> tuple[SubjectAltName, ...]:
    """``dns:a.example`` and the like as entries."""
    return tuple(SubjectAltName(*text.split(":", 1)) for text in texts)


def fasc_n(**changes: object) -> FascN:
    """Return the number of a card of agency 4700 with some fields changed."""
    fields: dict[str, object] = {
        "agency_code": "4700",
        "system_code": "0257",
        "credential_number": "000046",
        "credential_series": "1",
        "individual_credential_issue": "1",
        "person_identifier": "0257000046",
        "organizational_category": "1",
        "organizational_identifier": "9999",
        "person_association": "1",
        "valid": True,
    }
    return FascN(**{**fields, **changes})  # type: ignore[arg-type]  # the fields are checked by the rules


def identity(**changes: object) -> CertIdentity:
    """Return an ordinary identity (alice of Example's Ops) with some fields changed."""
    fields: dict[str, object] = {
        "subject_dn": "CN=alice,OU=Ops,O=Example",
        "issuer_dn": "CN=Issuing CA,O=Example",
        "common_name": "alice",
        "common_names": ("alice",),
        "organizations": ("Example",),
        "organizational_units": ("Ops",),
        "serial_number": "0a1b",
        "not_before": NOW - timedelta(days=30),
        "not_after": NOW + timedelta(days=335),
        "sans": sans("dns:client.example"),
        "sha256": "ab" * 32,
        "thumbprint_s256": "q" * 43,
        "spki_sha256": "q" * 43 + "=",
        "key": PublicKeyInfo("ec", 256, "secp256r1"),
        "key_usage": ("digitalSignature",),
        "extended_key_usage": ("clientAuth",),
        "policy_oids": (),
        "is_ca": False,
        "authority_key_id": None,
        "subject_key_id": None,
    }
    return CertIdentity(**{**fields, **changes})  # type: ignore[arg-type]  # the fields are checked by the rules

"""``CertIdentity`` as JSON: the form of ``inspect --json``, the decision log and dynamic metadata."""

from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity, FascN, PublicKeyInfo
from extauthz.model.instant import rfc3339


def forwarded_to_json(forwarded: ForwardedIdentity) -> dict[str, object]:
    """Return an identity without certificate: its name, and who said so. Nothing of it is verified, so nothing more."""
    return {"spiffe_id": forwarded.spiffe_id, "forwarded_by": list(forwarded.by)}


def to_json(identity: CertIdentity) -> dict[str, object]:
    """Return plain JSON values under a fixed set of keys: what is not there is null or an empty list, never absent."""
    return {
        "subject": identity.subject_dn,
        "issuer": identity.issuer_dn,
        "common_name": identity.common_name,
        "organizations": list(identity.organizations),
        "organizational_units": list(identity.organizational_units),
        "serial_number": identity.serial_number,
        "not_before": rfc3339(identity.not_before),
        "not_after": rfc3339(identity.not_after),
        "sans": [{"type": san.type, "value": san.value} for san in identity.sans],
        "dns_names": list(identity.dns_names),
        "emails": list(identity.emails),
        "uris": list(identity.uris),
        "ip_addresses": list(identity.ip_addresses),
        "upns": list(identity.upns),
        "sha256": identity.sha256,
        "thumbprint_s256": identity.thumbprint_s256,
        "spki_sha256": identity.spki_sha256,
        "key": key_form(identity.key),
        "key_usage": list(identity.key_usage),
        "extended_key_usage": list(identity.extended_key_usage),
        "policy_oids": list(identity.policy_oids),
        "is_ca": identity.is_ca,
        "authority_key_id": identity.authority_key_id,
        "subject_key_id": identity.subject_key_id,
        "kind": identity.kind.value,
        "fasc_n": None if identity.fasc_n is None else fasc_n_form(identity.fasc_n),
        "piv_interim": identity.piv_interim,
        "card_uuid": identity.card_uuid,
        "edipi": identity.edipi,
        "spiffe_id": identity.spiffe_id,
        "ms_sid": identity.ms_sid,
        "warnings": list(identity.warnings),
    }


def key_form(key: PublicKeyInfo) -> dict[str, object]:
    """Return the form of a public key; what does not apply to its type is absent."""
    form: dict[str, object] = {"type": key.type}
    if key.bits is not None:
        form["bits"] = key.bits
    if key.curve is not None:
        form["curve"] = key.curve
    return form


def fasc_n_form(number: FascN) -> dict[str, object]:
    """Return the form of a FASC-N, field by field."""
    return {
        "agency_code": number.agency_code,
        "system_code": number.system_code,
        "credential_number": number.credential_number,
        "credential_series": number.credential_series,
        "individual_credential_issue": number.individual_credential_issue,
        "person_identifier": number.person_identifier,
        "organizational_category": number.organizational_category,
        "organizational_identifier": number.organizational_identifier,
        "person_association": number.person_association,
        "valid": number.valid,
    }

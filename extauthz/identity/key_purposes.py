"""Names of key usages and extended key usages."""

from typing import Final

from cryptography import x509

EXTENDED_KEY_USAGES: Final[dict[str, str]] = {
    "2.5.29.37.0": "anyExtendedKeyUsage",
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "1.3.6.1.5.5.7.3.17": "ipsecIKE",
    "1.3.6.1.5.5.7.3.21": "secureShellClient",
    "1.3.6.1.5.5.7.3.22": "secureShellServer",
    "1.3.6.1.5.2.3.4": "pkinitKPClientAuth",
    "1.3.6.1.5.2.3.5": "pkinitKPKdc",
    "1.3.6.1.4.1.311.20.2.2": "smartcardLogon",
    "2.16.840.1.101.3.6.7": "id-PIV-content-signing",
    "2.16.840.1.101.3.6.8": "id-PIV-cardAuth",
    "2.16.840.1.101.3.8.7": "id-fpki-pivi-content-signing",
}
"""Dotted OID -> the name by which this project calls it, in ``CertIdentity``, rules and ``inspect``."""


def key_usage_names(usage: x509.KeyUsage) -> tuple[str, ...]:
    """Return the RFC 5280 §4.2.1.3 names of the bits that are set, in bit order."""
    agreement = usage.key_agreement
    bits = (
        ("digitalSignature", usage.digital_signature),
        ("contentCommitment", usage.content_commitment),
        ("keyEncipherment", usage.key_encipherment),
        ("dataEncipherment", usage.data_encipherment),
        ("keyAgreement", agreement),
        ("keyCertSign", usage.key_cert_sign),
        ("cRLSign", usage.crl_sign),
        # The library raises when these two are asked for without keyAgreement, where they have no meaning.
        ("encipherOnly", agreement and usage.encipher_only),
        ("decipherOnly", agreement and usage.decipher_only),
    )
    return tuple([name for name, is_set in bits if is_set])


def extended_key_usage_names(usage: x509.ExtendedKeyUsage) -> tuple[str, ...]:
    """Return the purposes in the certificate's order: names where known, else dotted OIDs."""
    dotted = [oid.dotted_string for oid in usage]
    return tuple([EXTENDED_KEY_USAGES.get(oid, oid) for oid in dotted])

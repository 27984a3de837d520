"""Who signed a CRL: the certificates whose key verifies it and may (RFC 5280 §5.1.1.3, §6.3.3 (f), (g)).

A CA keeps its name when it changes its key, a key may be in several certificates, and CRLs may have a signer of their
own. So every certificate with the CRL issuer's name is tried, and all that fit are named; the caller chooses among
them by their paths.

Not verified here: whether the signers are themselves valid, unrevoked and below the right anchor.
"""

from collections.abc import Iterable
from typing import Final

from cryptography import x509

from extauthz.identity.certificate import Certificate
from extauthz.model.quoted import quoted
from extauthz.trust.crl.head import OpenCrl
from extauthz.trust.signatures import signature_verifies
from extauthz.trust.x509_extension import extension_value

ACCEPTED_HASHES: Final = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})
"""Under anything weaker, two CRLs with one signature can be made."""


def find_signers(opened: OpenCrl, data: memoryview, issuers: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Return the certificates that signed the CRL in ``data``; CrlError when there is none.

    Those that the authority key identifier names come first, then in the order given; each stands once.
    """
    head = opened.head
    named = list({one.sha256: one for one in issuers if one.subject_key == head.issuer_key}.values())
    dn = quoted(head.issuer_dn)
    if not named:
        raise head.refusal(f"no configured certificate has the name of the CRL's issuer, {dn}")
    hash_algorithm = _hash_name(opened.x509)
    if hash_algorithm is not None and hash_algorithm not in ACCEPTED_HASHES:
        raise head.refusal(f"the CRL of {dn} is signed with {hash_algorithm}, which is too weak to be accepted")
    named.sort(key=lambda one: one.subject_key_id != head.authority_key_id)
    tbs = data[opened.structure.tbs_start : opened.structure.tbs_end]
    verified: dict[bytes, bool] = {}
    for one in named:
        if one.spki_sha256 not in verified:
            verified[one.spki_sha256] = signature_verifies(opened.x509, tbs, one.x509)
    signers = [one for one in named if verified[one.spki_sha256]]
    if not signers:
        raise head.refusal(f"no configured certificate of {dn} has the key that signed the CRL")
    allowed = tuple(one for one in signers if _may_sign_crls(one))
    if not allowed:
        raise head.refusal(f"the keyUsage of {dn} does not allow it to sign CRLs (cRLSign is missing)")
    return allowed


def _may_sign_crls(certificate: Certificate) -> bool:
    usage = extension_value(certificate.x509.extensions, x509.KeyUsage)
    return usage is None or usage.crl_sign


def _hash_name(crl: x509.CertificateRevocationList) -> str | None:
    """Name the hash of the signature algorithm; None without one (EdDSA), or when the library does not know it."""
    try:
        algorithm = crl.signature_hash_algorithm
    # The library raises UnsupportedAlgorithm or ValueError for what it does not know: no key verifies that then.
    except Exception:  # noqa: BLE001
        return None
    return algorithm.name if algorithm is not None else None

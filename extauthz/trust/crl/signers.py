"""Who signed a CRL: the certificates whose key verifies it and may (RFC 5280 §5.1.1.3, §6.3.3 (f), (g)).

A CA keeps its name when it changes its key, a key may be in several certificates, and CRLs may have a signer of their
own. So every certificate with the CRL issuer's name is tried, and all that fit are named; the caller chooses among
them by their paths.

Not verified here: whether the signers are themselves valid, unrevoked and below the right anchor.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import SignatureAlgorithmOID

from extauthz.identity.certificate import Certificate
from extauthz.identity.quiet import extensions_of
from extauthz.model.quoted import quoted
from extauthz.trust.crl.head import OpenCrl
from extauthz.trust.signatures import signature_verifies
from extauthz.trust.x509_extension import extension_value

ACCEPTED_HASHES: Final = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})
"""Under anything weaker, two CRLs with one signature can be made."""
SHOWN_KEY_ID_BYTES: Final = 32
"""Of a key identifier in a sentence: SHA-1 has 20 bytes, SHA-256 32; a CRL has room for thousands."""

_WITHOUT_HASH: Final = (SignatureAlgorithmOID.ED25519, SignatureAlgorithmOID.ED448)


def find_signers(opened: OpenCrl, data: memoryview, issuers: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Return the certificates that signed the CRL in ``data``; CrlError when there is none.

    Those that the authority key identifier names come first, then in the order given; each stands once.
    """
    head = opened.head
    named = list({one.sha256: one for one in issuers if one.subject_key == head.issuer_key}.values())
    dn = quoted(head.issuer_dn)
    if not named:
        raise head.refusal(f"no certificate at hand has the name of the CRL's issuer, {dn}")
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
        raise head.refusal(_why_not_signed(opened, dn, named))
    allowed = tuple(one for one in signers if _may_sign_crls(one))
    if not allowed:
        raise head.refusal(f"the keyUsage of {dn} does not allow it to sign CRLs (cRLSign is missing)")
    return allowed


def _why_not_signed(opened: OpenCrl, dn: str, named: Sequence[Certificate]) -> str:
    """Say what is wrong with a signature that no key of the CRL issuer's name verifies: the CRL, or the keys.

    The CRL's authority key identifier tells the two apart. It decides nothing but these words.
    """
    if not _is_supported(opened.x509):
        return f"the CRL of {dn} is signed with {opened.head.signature_algorithm}, an algorithm that is not supported"
    signing = opened.head.authority_key_id
    known = list(dict.fromkeys(one.subject_key_id for one in named if one.subject_key_id))
    if signing in known:
        return f"the signature does not verify with the key of {dn}: the CRL is damaged or forged"
    if not signing or not known:
        return f"the signature of the CRL of {dn} verifies with the key of no certificate of that name"
    keys = " and ".join(map(_shown, known))
    return (
        f"the CRL of {dn} says that it was signed with the key {_shown(signing)}; certificates of that name have {keys}"
    )


def _shown(key_id: bytes) -> str:
    return key_id[:SHOWN_KEY_ID_BYTES].hex() + ("…" if len(key_id) > SHOWN_KEY_ID_BYTES else "")


def _is_supported(crl: x509.CertificateRevocationList) -> bool:
    """Say whether there are keys whose signatures in this algorithm can be verified here."""
    if crl.signature_algorithm_oid in _WITHOUT_HASH:
        return True
    try:
        parameters = crl.signature_algorithm_parameters
    # As in `_hash_name`.
    except Exception:  # noqa: BLE001
        return False
    return isinstance(parameters, padding.PSS | padding.PKCS1v15 | ec.ECDSA) and _hash_name(crl) is not None


def _may_sign_crls(certificate: Certificate) -> bool:
    usage = extension_value(extensions_of(certificate.x509), x509.KeyUsage)
    return usage is None or usage.crl_sign


def _hash_name(crl: x509.CertificateRevocationList) -> str | None:
    """Name the hash of the signature algorithm; None without one (EdDSA), or when the library does not know it."""
    try:
        algorithm = crl.signature_hash_algorithm
    # The library raises UnsupportedAlgorithm or ValueError for what it does not know: no key verifies that then.
    except Exception:  # noqa: BLE001
        return None
    return algorithm.name if algorithm is not None else None

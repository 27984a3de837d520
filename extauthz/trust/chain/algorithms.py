"""Which signature algorithms and keys are strong enough to be relied on.

Signatures: RSA (PKCS #1 v1.5, PSS) and ECDSA over SHA-2 of 256 bits and more or SHA-3, Ed25519, Ed448. Keys of CAs: RSA
of 2048 bits and more, P-256, P-384, P-521, Ed25519, Ed448. The key of a leaf only proved, to the proxy, that the client
holds it: it may be of any kind, but not too short. The signature of an anchor is not looked at: nobody relies on it.
"""

from dataclasses import dataclass
from typing import Final, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from extauthz.model.reason import Reason
from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link

SOUND_HASHES: Final = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})
"""Under anything weaker, two certificates with one signature can be made."""
CA_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
EDWARDS_KEYS: Final = frozenset({"ed25519", "ed448"})
VERIFIABLE_KEYS: Final = EDWARDS_KEYS | {"rsa", "ec"}
"""What ``trust.signatures`` verifies with."""
MIN_CURVE_BITS: Final = 224
"""112 bits of security, as RSA of 2048 bits has (NIST SP 800-57 part 1, table 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmPolicy:
    """What is accepted beside the sound algorithms.

    ``unsafe_sha1``: signatures over SHA-1, of which two certificates with one signature can be made.
    ``min_rsa_bits``: the least modulus of an RSA (or, for leaves, DSA) key that signs or is certified.
    """

    unsafe_sha1: bool = False
    min_rsa_bits: int = 2048


def signature_flaw(link: Link, policy: AlgorithmPolicy) -> Flaw | None:
    """Say why the signature on this certificate could be forged."""
    try:
        algorithm = link.certificate.x509.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):  # ValueError: parameters that cannot be read
        return Flaw(link, "it is signed with an algorithm that is not known", Reason.SIGNATURE_TOO_WEAK)
    if algorithm is None:  # Ed25519 and Ed448 hash for themselves
        return None
    if algorithm.name in SOUND_HASHES or (policy.unsafe_sha1 and algorithm.name == "sha1"):
        return None
    return Flaw(
        link, f"it is signed with {algorithm.name}, which is too weak to be accepted", Reason.SIGNATURE_TOO_WEAK
    )


def ca_key_flaw(link: Link, policy: AlgorithmPolicy) -> Flaw | None:
    """Say why signatures made with this CA's key could be forged."""
    key = link.certificate.identity.key
    if key.type == "rsa" and key.bits is not None:
        return _length_flaw(link, key.bits, policy)
    if key.type in EDWARDS_KEYS or key.curve in CA_CURVES:
        return None
    return Flaw(
        link, f"its key ({key.curve or key.type}) is of a kind that is not accepted for a CA", Reason.KEY_TOO_WEAK
    )


def leaf_key_flaw(link: Link, policy: AlgorithmPolicy) -> Flaw | None:
    """Say why somebody else could hold this key too."""
    key = link.certificate.identity.key
    if key.bits is not None:
        return _length_flaw(link, key.bits, policy)
    if key.curve is None or key.curve in CA_CURVES:
        return None
    bits = cast("ec.EllipticCurvePublicKey", link.certificate.x509.public_key()).key_size
    if bits >= MIN_CURVE_BITS:
        return None
    return Flaw(link, f"its curve {key.curve} has {bits} bits, less than {MIN_CURVE_BITS}", Reason.KEY_TOO_WEAK)


def _length_flaw(link: Link, bits: int, policy: AlgorithmPolicy) -> Flaw | None:
    if bits >= policy.min_rsa_bits:
        return None
    kind = link.certificate.identity.key.type.upper()
    return Flaw(link, f"its {kind} key has {bits} bits, less than {policy.min_rsa_bits}", Reason.KEY_TOO_WEAK)

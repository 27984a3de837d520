"""A certificate signed with SHA-1, which the library no longer makes."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from support import pki

SHA1_WITH_RSA = pki.der.sequence(pki.der.oid("1.2.840.113549.1.1.5"), b"\5\0")
SHA1 = pki.der.sequence(pki.der.oid("1.3.14.3.2.26"), b"\5\0")


@pytest.fixture
def issue_with_sha1() -> Callable[[pki.Authority], pki.Leaf]:
    """RSASSA-PKCS1-v1_5 by hand (RFC 8017 §8.2.1), over what an RSA authority would have signed."""

    def issue(ca: pki.Authority) -> pki.Leaf:
        assert isinstance(ca.key, rsa.RSAPrivateKey)
        leaf = ca.issue("alice", inner_algorithm=SHA1_WITH_RSA, outer_algorithm=SHA1_WITH_RSA)
        tbs = leaf.cert.tbs_certificate_bytes
        digest = hashlib.sha1(tbs, usedforsecurity=False).digest()
        info = pki.der.sequence(SHA1, pki.der.octets(digest))
        size = ca.key.key_size // 8
        block = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        numbers = ca.key.private_numbers()
        signature = pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(size)
        return pki.Leaf(pki.der.sequence(tbs, SHA1_WITH_RSA, pki.der.bits(signature)), leaf.key, leaf.serial, ca)

    return issue

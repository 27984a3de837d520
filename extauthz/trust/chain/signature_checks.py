"""Checking signatures within a budget, each only once.

Whoever presents certificates chooses what is to be checked. Work is counted in what each check costs and not in
checks: a key of RSA-8192 or P-384 takes ten times as long as one of RSA-2048. The costs are fixed numbers, so that the
same question gets the same answer on every machine.
"""

from collections.abc import Callable
from typing import Final

from extauthz.model.identity import PublicKeyInfo
from extauthz.trust.chain.link import Link
from extauthz.trust.signatures import is_signed_by

MAX_COST: Final = 2_500
"""Microseconds for one question. A usual chain of three costs 50 to 120, the longest path that is followed (nine
signatures) 630 with RSA-4096 and 540 with P-256, and one of six signatures where every key is P-384, 2,400."""
_EC_COSTS: Final = {"secp256r1": 60}
"""Microseconds for one signature (measured; OpenSSL's other curves are not optimised)."""
_OTHER_EC_COST: Final = 400
_OTHER_COSTS: Final = {"ed25519": 85, "ed448": 170}
_RSA_COST: Final = 10
_RSA_2048_COST: Final = 15
"""Beside ``_RSA_COST``, and in proportion to the square of the modulus: 63 for 4096 bits, 240 for 8192 (measured)."""
_UNUSABLE_COST: Final = 5
"""A key of a kind that no signature is verified with."""


class SignatureChecks:
    """The signatures that are checked for one question.

    Certificates with one name and one key (renewed or cross-certified CAs) share a check: what one signed, all did.
    """

    __slots__ = ("_is_known", "_known", "exhausted", "left")

    def __init__(
        self, budget: int = MAX_COST, is_known: Callable[[bytes, bytes], bool] = lambda _child, _key: False
    ) -> None:
        """Begin with a budget in microseconds.

        ``is_known`` says whether a signature has been verified before (SHA-256 of the certificate and of the key's
        SubjectPublicKeyInfo). Such a one takes as much from the budget as any, so that nobody's answer depends on who
        came before.
        """
        self.left = budget
        self.exhausted = False
        """A check was asked for that was not done."""
        self._is_known = is_known
        self._known: dict[tuple[bytes, bytes], bool] = {}

    def is_signed_by(self, child: Link, issuer: Link) -> bool:
        """Say whether the issuer's key verifies the child's signature. False too when the budget does not suffice."""
        pair = (child.sha256, issuer.certificate.spki_sha256)
        known = self._known.get(pair)
        if known is not None:
            return known
        cost = cost_of(issuer.certificate.identity.key)
        if cost > self.left:
            self.exhausted = True
            return False
        self.left -= cost
        verified = self._is_known(*pair) or is_signed_by(child.certificate, issuer.certificate)
        self._known[pair] = verified
        return verified


def cost_of(key: PublicKeyInfo) -> int:
    """Return about how many microseconds it takes to verify a signature with this key."""
    if key.type == "rsa" and key.bits is not None:
        return _RSA_COST + _RSA_2048_COST * key.bits * key.bits // (2048 * 2048)
    if key.curve is not None:
        return _EC_COSTS.get(key.curve, _OTHER_EC_COST)
    return _OTHER_COSTS.get(key.type, _UNUSABLE_COST)

"""The usage that every policy asks for without being told: the certificate is one for a TLS client.

RFC 5280 §4.2.1.3 and §4.2.1.12: where a certificate names purposes, it must be used for one of them only. Without this
rule any server certificate of the same CA would do as a client's. Certificates that name none pass, but for those of
CAs: their keys are for signing certificates, unless they say otherwise.
"""

from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import shown
from extauthz.policy.rules.device import DEVICE_KINDS

CLIENT_PURPOSES = frozenset({"clientAuth", "anyExtendedKeyUsage", "smartcardLogon", "pkinitKPClientAuth"})
"""Any of them: smart cards name their own purposes."""
CARD_PURPOSE = "id-PIV-cardAuth"
"""The only purpose of a Card Authentication certificate. It is one for a client where the certificate is of such a kind
(which ``DeviceRule`` lets in only where it was asked for), and nowhere else."""
DIGITAL_SIGNATURE = "digitalSignature"
CLIENT_KEY_USAGES = frozenset({DIGITAL_SIGNATURE, "keyAgreement"})
"""What a TLS client does with its key: signs the handshake, or (before TLS 1.3) agrees on a secret."""


@dataclass(frozen=True, slots=True)
class ClientUsageRule:
    """Key usage and, unless the policy names purposes itself, extended key usage allow a TLS client."""

    check_purposes: bool = True
    key: str = "client_usage"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with what was found."""
        if identity.is_ca and DIGITAL_SIGNATURE not in identity.key_usage:
            detail = "it is a CA's, and its key usage does not allow it to sign anything but certificates and CRLs"
            return Fail(Reason.KEY_USAGE_NOT_ALLOWED, detail)
        if identity.key_usage and CLIENT_KEY_USAGES.isdisjoint(identity.key_usage):
            detail = f"its key usage is {shown(identity.key_usage)}, not one of a TLS client"
            return Fail(Reason.KEY_USAGE_NOT_ALLOWED, detail)
        purposes = identity.extended_key_usage
        if self.check_purposes and purposes and not _is_client(identity):
            detail = f"its extended key usage is {shown(purposes)}, not one of a TLS client"
            return Fail(Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED, detail)
        return Pass(f"key usage {shown(identity.key_usage)}, extended key usage {shown(purposes)}")


def _is_client(identity: CertIdentity) -> bool:
    purposes = identity.extended_key_usage
    if CLIENT_PURPOSES.isdisjoint(purposes):
        return identity.kind in DEVICE_KINDS and CARD_PURPOSE in purposes
    return True

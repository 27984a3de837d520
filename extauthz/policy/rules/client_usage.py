"""The usage that every policy asks for without being told: the certificate is one for a TLS client.

RFC 5280 §4.2.1.3 and §4.2.1.12: where a certificate names purposes, it must be used for one of them only. Without this
rule any server certificate of the same CA would do as a client's. Certificates that name none pass.
"""

from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import shown

CLIENT_PURPOSES = frozenset(
    {"clientAuth", "anyExtendedKeyUsage", "smartcardLogon", "pkinitKPClientAuth", "id-PIV-cardAuth"}
)
"""Any of them: smart cards name their own purposes, and a PIV Card Authentication certificate nothing but its own."""
CLIENT_KEY_USAGES = frozenset({"digitalSignature", "keyAgreement"})
"""What a TLS client does with its key: signs the handshake, or (before TLS 1.3) agrees on a secret."""


@dataclass(frozen=True, slots=True)
class ClientUsageRule:
    """Key usage and, unless the policy names purposes itself, extended key usage allow a TLS client."""

    check_purposes: bool = True
    key: str = "client_usage"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with what was found."""
        if identity.key_usage and CLIENT_KEY_USAGES.isdisjoint(identity.key_usage):
            detail = f"its key usage is {shown(identity.key_usage)}, not one of a TLS client"
            return Fail(Reason.KEY_USAGE_NOT_ALLOWED, detail)
        purposes = identity.extended_key_usage
        if self.check_purposes and purposes and CLIENT_PURPOSES.isdisjoint(purposes):
            detail = f"its extended key usage is {shown(purposes)}, not one of a TLS client"
            return Fail(Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED, detail)
        return Pass(f"key usage {shown(identity.key_usage)}, extended key usage {shown(purposes)}")

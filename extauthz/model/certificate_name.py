"""How a detail names a certificate: by its subject, or by its first other name where the subject is empty."""

from extauthz.model.identity import CertIdentity
from extauthz.model.quoted import quoted


def certificate_name(identity: CertIdentity) -> str:
    """Return the subject's DN, such as ``'CN=alice'``; else a name as ``'uri:spiffe://…'``; else the serial number.

    It is quoted and short, as everything from outside in a detail.
    """
    others = [*map(str, identity.sans[:1]), f"serial number {identity.serial_number}"]
    return quoted(identity.subject_dn or others[0])

"""What a certificate must be to sign others (RFC 5280 §4.2.1, §6.1.4 (k) to (n)).

    version             3
    subject             not be empty (§4.1.2.6)
    basicConstraints    be there, with cA
    keyUsage            allow keyCertSign, when it is there
    extendedKeyUsage    allow the purpose that the leaf is used for, when it is there

The same is asked of an anchor, although the RFC asks only for its name and key: an operator who configures a server's
certificate by mistake should not have made it a CA.

The RFC gives no meaning to extendedKeyUsage in a CA certificate; CAs and programs use it as a limit, and so it is read
here. What counts is what the leaf is used for: as a client, so the CA must have clientAuth or any. A leaf that has
purposes, but neither clientAuth nor any, and is one of a smart card (card authentication, smart card logon) may as
well come from a CA that is limited to that very purpose. A leaf that has clientAuth too may not: the CA was not
allowed to give it.
"""

from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link

CARD_AUTHENTICATION: Final = "2.16.840.1.101.3.6.8"
"""id-PIV-cardAuth (FIPS 201-3)."""
SMART_CARD_LOGON: Final = ExtendedKeyUsageOID.SMARTCARD_LOGON.dotted_string
CLIENT: Final = frozenset(
    {ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string}
)


def purposes_asked(leaf: Link) -> frozenset[str]:
    """Return the purposes of which a CA above the leaf must have one, if it has any."""
    purposes = leaf.facts.purposes
    if purposes is None or not CLIENT.isdisjoint(purposes):
        return CLIENT
    return CLIENT | (purposes & {CARD_AUTHENTICATION, SMART_CARD_LOGON})


def authority_flaw(link: Link, purposes: frozenset[str] | None) -> Flaw | None:
    """Say why a certificate is not a CA. ``purposes``: of which it must have one; None to ask for none."""
    facts = link.facts
    if link.certificate.x509.version is not x509.Version.v3:
        return Flaw(link, "it is not an X.509 version 3 certificate")
    if not link.subject_key:
        return Flaw(link, "it has no subject, which a CA must have")
    if not facts.is_ca:
        return Flaw(link, "it is not a CA (basicConstraints)")
    if not facts.may_sign_certificates:
        return Flaw(link, "its keyUsage does not allow it to sign certificates")
    if purposes is not None and facts.purposes is not None and purposes.isdisjoint(facts.purposes):
        return Flaw(link, "its extendedKeyUsage does not allow it to issue client certificates")
    return None

"""The names of one certificate, as name constraints see them."""

from dataclasses import dataclass
from operator import attrgetter

from cryptography import x509
from cryptography.x509.oid import NameOID

from extauthz.identity.certificate import Certificate
from extauthz.identity.quiet import extensions_of, quietly
from extauthz.trust.chain.constraints.directory import RdnKeys, rdn_keys
from extauthz.trust.x509_extension import extension_value

_subject = attrgetter("subject")


@dataclass(frozen=True, slots=True)
class ConstrainedNames:
    """What is held to constraints."""

    texts: tuple[tuple[str, str], ...]
    """(form, value) of each subjectAltName entry but directory names; forms as in ``SubjectAltName.type``.

    RFC 5280 §4.2.1.10 applies constraints on rfc822Name to an emailAddress in the subject where there is no rfc822Name.
    It always stands here: a policy may look at the subject whatever else the certificate has.
    """
    directory: tuple[tuple[str, RdnKeys], ...]
    """(text, RDNs) of the subject, unless it is empty, and of each directoryName."""


def constrained_names(certificate: Certificate) -> ConstrainedNames:
    """Collect the names of a certificate."""
    identity = certificate.identity
    subject: x509.Name = quietly(_subject, certificate.x509)
    texts = [(san.type, san.value) for san in identity.sans if san.type != "dirname"]
    texts += [("email", str(one.value)) for one in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    directory = [(identity.subject_dn, rdn_keys(subject))] if subject.rdns else []
    alternatives = extension_value(extensions_of(certificate.x509), x509.SubjectAlternativeName)
    if alternatives is not None:
        values = alternatives.get_values_for_type(x509.DirectoryName)
        # The texts are in the same order: ``read_general_names`` keeps it.
        directory += zip(identity.san_values("dirname"), map(rdn_keys, values), strict=True)
    return ConstrainedNames(tuple(texts), tuple(directory))

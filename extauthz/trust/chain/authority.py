"""What a certificate must be to sign others, given to the library's path verifier (RFC 5280 §4.2.1, §6.1).

The verifier itself checks names, signatures, validity, path length and name constraints. Its rules for extensions are
replaced here: its own client profile refuses certificates that are in daily use (without subjectAltName, or with the
critical extendedKeyUsage of a PIV card), and its permissive one forgets keyUsage.

A leaf may have any extensions that somebody processes: what it may be *used* for is a rule of the policy. A CA
certificate, an anchor included, must

    basicConstraints    be there, with cA
    keyUsage            allow keyCertSign, when it is there
    extendedKeyUsage    allow clientAuth or any, when it is there: a CA for servers cannot make clients
    nameConstraints     hold no directoryName, which the verifier cannot compare with subjects: it would refuse a
                        critical one outright, for all paths, and pass over one that is not critical

Each check returns what is wrong, so that ``chain_failure`` can say it of a path that was refused.
"""

from collections.abc import Callable
from itertools import chain
from operator import attrgetter
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy

from extauthz.identity.quiet import quietly
from extauthz.trust.x509_extension import extension_value

_PURPOSES = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
_subject = attrgetter("subject")
_Value = TypeVar("_Value", bound=x509.ExtensionType)


def basic_constraints_problem(value: x509.BasicConstraints | None) -> str | None:
    """Say why this does not make a CA."""
    return None if value is not None and value.ca else "it is not a CA (basicConstraints)"


def key_usage_problem(value: x509.KeyUsage | None) -> str | None:
    """Say why a key with this usage may not sign certificates."""
    return None if value is None or value.key_cert_sign else "its keyUsage does not allow it to sign certificates"


def extended_key_usage_problem(value: x509.ExtendedKeyUsage | None) -> str | None:
    """Say why a CA with these purposes may not issue client certificates."""
    if value is None or not _PURPOSES.isdisjoint(value):
        return None
    return "its extendedKeyUsage does not allow it to issue client certificates"


def name_constraints_problem(value: x509.NameConstraints | None) -> str | None:
    """Say why these constraints cannot be held."""
    if value is None:
        return None
    subtrees = chain(value.permitted_subtrees or (), value.excluded_subtrees or ())
    if any(isinstance(one, x509.DirectoryName) for one in subtrees):
        return "it constrains directory names, which is not supported"
    return None


def email_problem(leaf: x509.Certificate, authority: x509.Certificate) -> str | None:
    """Say why an e-mail address in the leaf's subject is not held to the authority's name constraints.

    RFC 5280 §4.2.1.10 applies rfc822Name constraints to an emailAddress in the subject when subjectAltName has none.
    The verifier looks only at subjectAltName.
    """
    constraints = extension_value(authority.extensions, x509.NameConstraints)
    if constraints is None:
        return None
    subtrees = chain(constraints.permitted_subtrees or (), constraints.excluded_subtrees or ())
    if not any(isinstance(one, x509.RFC822Name) for one in subtrees):
        return None
    names = extension_value(leaf.extensions, x509.SubjectAlternativeName)
    if names is not None and names.get_values_for_type(x509.RFC822Name):
        return None
    if not quietly(_subject, leaf).get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        return None
    return "the e-mail address in its subject cannot be held to the name constraints above it"


def leaf_policy() -> ExtensionPolicy:
    """Return the extension rules for leaves."""
    return ExtensionPolicy.permit_all()


def ca_policy() -> ExtensionPolicy:
    """Return the extension rules for everything above the leaf."""
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _callback(basic_constraints_problem))
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _callback(key_usage_problem))
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _callback(extended_key_usage_problem))
        .may_be_present(x509.NameConstraints, Criticality.AGNOSTIC, _callback(name_constraints_problem))
    )


def _callback(
    problem_of: Callable[[_Value | None], str | None],
) -> Callable[[Policy, x509.Certificate, _Value | None], None]:
    def refuse(_policy: Policy, _certificate: x509.Certificate, value: _Value | None) -> None:
        if (problem := problem_of(value)) is not None:
            raise ValueError(problem)

    return refuse

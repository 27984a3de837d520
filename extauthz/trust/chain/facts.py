"""What a certificate's extensions say about the paths that it stands in, read once (RFC 5280 §4.2.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509

from extauthz.identity.certificate import Certificate
from extauthz.trust.chain.constraints.constraint_set import ConstraintSet, read_constraints
from extauthz.trust.chain.policy_mappings import read_policy_mappings

_POLICY_MAPPINGS: Final = "2.5.29.33"


@dataclass(slots=True)
class PathFacts:
    """Extensions in a form that rules can use; absent ones leave their default. Not changed after reading."""

    is_ca: bool = False
    path_length: int | None = None
    may_sign_certificates: bool = True
    """keyUsage has keyCertSign, or is absent."""
    purposes: frozenset[str] | None = None
    """extendedKeyUsage, dotted; None without the extension, which allows every purpose."""
    constraints: ConstraintSet | None = None
    policies: frozenset[str] | None = None
    """certificatePolicies, dotted; None without the extension."""
    mappings: tuple[tuple[str, str], ...] = ()
    """(issuerDomainPolicy, subjectDomainPolicy)."""
    explicit_policy_after: int | None = None
    """requireExplicitPolicy of policyConstraints."""
    no_mapping_after: int | None = None
    """inhibitPolicyMapping of policyConstraints."""
    no_any_policy_after: int | None = None
    """inhibitAnyPolicy."""
    unreadable: str | None = None
    """Which extension cannot be read, and why; then the certificate can stand in no path."""


def read_facts(certificate: Certificate) -> PathFacts:
    """Read the extensions of a certificate that was parsed. Never raises."""
    facts = PathFacts()
    for value in certificate.extensions:
        if (reader := _READERS.get(type(value))) is not None:
            reader(value, certificate, facts)
    return facts


def _basic_constraints(value: x509.BasicConstraints, _certificate: Certificate, facts: PathFacts) -> None:
    facts.is_ca, facts.path_length = value.ca, value.path_length


def _key_usage(value: x509.KeyUsage, _certificate: Certificate, facts: PathFacts) -> None:
    facts.may_sign_certificates = value.key_cert_sign


def _extended_key_usage(value: x509.ExtendedKeyUsage, _certificate: Certificate, facts: PathFacts) -> None:
    facts.purposes = frozenset([one.dotted_string for one in value])


def _name_constraints(value: x509.NameConstraints, certificate: Certificate, facts: PathFacts) -> None:
    if not certificate.identity.is_ca:  # no names below it, and anybody can make a leaf with thousands of constraints
        return
    facts.constraints = read_constraints(value)
    # What the library reads and writes back is what was there, unless it passed over a field.
    if value.public_bytes() not in certificate.der:
        facts.unreadable = "its nameConstraints have minimum or maximum fields, which are not supported"


def _policies(_value: x509.CertificatePolicies, certificate: Certificate, facts: PathFacts) -> None:
    facts.policies = frozenset(certificate.identity.policy_oids)


def _policy_constraints(value: x509.PolicyConstraints, _certificate: Certificate, facts: PathFacts) -> None:
    facts.explicit_policy_after = value.require_explicit_policy
    facts.no_mapping_after = value.inhibit_policy_mapping


def _inhibit_any_policy(value: x509.InhibitAnyPolicy, _certificate: Certificate, facts: PathFacts) -> None:
    facts.no_any_policy_after = value.skip_certs


def _unrecognized(value: x509.UnrecognizedExtension, _certificate: Certificate, facts: PathFacts) -> None:
    if value.oid.dotted_string == _POLICY_MAPPINGS:
        try:
            facts.mappings = read_policy_mappings(value.value)
        except ValueError as error:
            facts.unreadable = f"its policyMappings cannot be read: {error}"


_READERS: Final[dict[type[x509.ExtensionType], Callable[[Any, Certificate, PathFacts], None]]] = {
    x509.BasicConstraints: _basic_constraints,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: _extended_key_usage,
    x509.NameConstraints: _name_constraints,
    x509.CertificatePolicies: _policies,
    x509.PolicyConstraints: _policy_constraints,
    x509.InhibitAnyPolicy: _inhibit_any_policy,
    x509.UnrecognizedExtension: _unrecognized,
}
"""By exact type, since ``isinstance`` of abstract base classes is slow."""

"""Why a path to an anchor was refused, in words an operator can act on.

The path verifier says yes or no; its messages name neither the certificate nor, mostly, the cause. So after a refusal
the certificates are walked once more: is there a path of names and signatures at all (then a link of it is unfit), or
is there none (then the issuer is not trusted)? Nothing here can turn a refusal into an acceptance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.identity.quiet import quietly
from extauthz.model.outcome import Fail
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.trust.chain.authority import (
    basic_constraints_problem,
    extended_key_usage_problem,
    key_usage_problem,
    name_constraints_problem,
)
from extauthz.trust.chain.candidates import by_subject
from extauthz.trust.signatures import is_signed_by
from extauthz.trust.x509_extension import extension_value

MAX_SIGNATURE_CHECKS = 12
"""For one search and its explanation together, as far as the certificates are presented ones: whoever is refused has
chosen them. A chain of usual length needs two to four; candidates of one name are hostile or very many."""
MAX_LINKS = 12
"""Certificates in a path that is explained: more than the verifier follows, so that it can be told."""

VERIFIER_EXTENSIONS = frozenset(
    one.dotted_string
    for one in (
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.NameConstraints.oid,
        x509.SubjectAlternativeName.oid,
        x509.AuthorityKeyIdentifier.oid,
        x509.SubjectKeyIdentifier.oid,
        x509.AuthorityInformationAccess.oid,
    )
)
"""The extensions that may be critical: those that the path verifier processes."""
SIGNATURE_HASHES = frozenset({"sha256", "sha384", "sha512"})
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
MIN_RSA_BITS = 2048
MAX_SERIAL_BITS = 21 * 8

_issuer = attrgetter("issuer")
_subject = attrgetter("subject")


@dataclass(slots=True)
class _Search:
    """One walk from a leaf towards the anchors, by name and signature."""

    by_subject: Mapping[NameKey, list[Certificate]]
    anchors: frozenset[bytes]
    seen: set[bytes]
    """SHA-256 of the certificates that were tried: each is tried only once in a walk."""
    checks_left: int
    furthest: tuple[Certificate, ...] = ()
    forged: bool = False
    """Somebody has the name of the issuer that ``furthest`` lacks, and did not sign."""

    def paths(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        """Yield the paths that continue this one to an anchor."""
        if len(path) > len(self.furthest):
            self.furthest = path
            self.forged = False
        last = path[-1]
        candidates = self.by_subject.get(last.issuer_key, [])
        for issuer in sorted(candidates, key=lambda one: one.subject_key_id != last.authority_key_id):
            if issuer.sha256 in self.seen or len(path) == MAX_LINKS or self.checks_left == 0:
                continue
            self.checks_left -= 1
            if not is_signed_by(last.x509, issuer.x509):
                self.forged |= path == self.furthest
                continue
            if issuer.sha256 in self.anchors:
                yield (*path, issuer)
            else:
                self.seen.add(issuer.sha256)
                yield from self.paths((*path, issuer))


def explain(
    leaf: Certificate,
    anchors: Iterable[Certificate],
    candidates: Iterable[Certificate],
    now: datetime,
    refusal: str,
    *,
    spent: int = 0,
) -> Fail:
    """Say why the verifier refused: ``UNTRUSTED_ISSUER`` without a path, else ``CHAIN_INVALID`` with the unfit link.

    ``candidates``: every certificate that may stand above the leaf, the anchors included. ``refusal`` is what the
    verifier said, for the rare case that nothing else explains it. ``spent``: the signatures that it may have checked
    for the client's sake, which are left out of ``MAX_SIGNATURE_CHECKS`` here.
    """
    checks = MAX_SIGNATURE_CHECKS - spent
    search = _Search(by_subject(candidates), frozenset(one.sha256 for one in anchors), {leaf.sha256}, checks)
    first_path: tuple[Certificate, ...] | None = None
    for path in search.paths((leaf,)):
        problem = _problem(path, now)
        if problem is not None:
            return Fail(Reason.CHAIN_INVALID, problem)
        first_path = first_path or path
    if first_path is not None:
        return Fail(Reason.CHAIN_INVALID, f"{_text(first_path)}: refused by the path verifier: {refusal}")
    return Fail(Reason.UNTRUSTED_ISSUER, _no_path(search))


def _no_path(search: _Search) -> str:
    if search.checks_left == 0:
        return f"no path to an anchor was found within {MAX_SIGNATURE_CHECKS} signature checks"
    last = search.furthest[-1]
    subject, issuer = quoted(last.identity.subject_dn), quoted(last.identity.issuer_dn)
    if search.forged:
        return f"{subject} is not signed by the certificate that has its issuer's name, {issuer}"
    if last.issuer_key in search.by_subject:
        return f"the chain goes round in circles, or on and on, at {subject} (issuer {issuer})"
    return f"the issuer of {subject}, {issuer}, is neither configured nor presented"


def _text(path: tuple[Certificate, ...]) -> str:
    return " < ".join(quoted(one.identity.subject_dn) for one in path)


def _problem(path: tuple[Certificate, ...], now: datetime) -> str | None:
    """Return the first thing wrong with a path, from the leaf upwards."""
    for position, certificate in enumerate(path):
        issuer = path[position + 1] if position + 1 < len(path) else None
        problem = (
            validity_problem(certificate, now)
            or _form_problem(certificate)
            or (_authority_problem(certificate, position - 1) if position else None)
            or (_signature_problem(certificate, issuer) if issuer is not None else None)
        )
        if problem is not None:
            return f"{quoted(certificate.identity.subject_dn)}: {problem} (path {_text(path)})"
    return None


def validity_problem(certificate: Certificate, now: datetime) -> str | None:
    """Say whether a certificate is outside its validity; both ends belong to it (RFC 5280 §4.1.2.5)."""
    if now < certificate.identity.not_before:
        return f"not valid before {certificate.identity.not_before.isoformat()}"
    if now > certificate.identity.not_after:
        return f"expired {certificate.identity.not_after.isoformat()}"
    return None


def _form_problem(certificate: Certificate) -> str | None:
    """Say what the verifier refuses in any certificate of a path."""
    if certificate.x509.version is not x509.Version.v3:
        return "it is not an X.509 version 3 certificate"
    if certificate.serial < 0 or certificate.serial.bit_length() > MAX_SERIAL_BITS:
        return "its serial number is negative or too long"
    for extension in certificate.x509.extensions:
        if extension.critical and extension.oid.dotted_string not in VERIFIER_EXTENSIONS:
            return f"its critical extension {extension.oid.dotted_string} is not supported"
    return None


def _authority_problem(certificate: Certificate, intermediates_below: int) -> str | None:
    """Say why a certificate may not stand above this many intermediates and a leaf."""
    extensions = certificate.x509.extensions
    basic = extension_value(extensions, x509.BasicConstraints)
    problem = (
        basic_constraints_problem(basic)
        or key_usage_problem(extension_value(extensions, x509.KeyUsage))
        or extended_key_usage_problem(extension_value(extensions, x509.ExtendedKeyUsage))
        or name_constraints_problem(extension_value(extensions, x509.NameConstraints))
    )
    if problem is not None:
        return problem
    allowed = basic.path_length if basic is not None else None
    if allowed is not None and intermediates_below > allowed:
        return f"its path length allows {allowed} certificates between it and the leaf, not {intermediates_below}"
    return _key_problem(certificate)


def _key_problem(certificate: Certificate) -> str | None:
    """Say why a CA's key is too weak. Keys of other types show in the signatures they make."""
    match certificate.x509.public_key():
        case rsa.RSAPublicKey(key_size=bits) if bits < MIN_RSA_BITS:
            return f"its RSA key has {bits} bits, less than {MIN_RSA_BITS}"
        case ec.EllipticCurvePublicKey(curve=curve) if curve.name not in CURVES:
            return f"its curve {curve.name} is not supported"
    return None


def _signature_problem(certificate: Certificate, issuer: Certificate) -> str | None:
    """Say what the verifier refuses in a signature that verifies."""
    algorithm = certificate.x509.signature_hash_algorithm
    if algorithm is None or algorithm.name not in SIGNATURE_HASHES:
        return f"it is signed with {algorithm.name if algorithm else 'EdDSA'}, which is not accepted"
    if quietly(_issuer, certificate.x509).public_bytes() != quietly(_subject, issuer.x509).public_bytes():
        return "its issuer's name is encoded differently from that certificate's subject"
    return None

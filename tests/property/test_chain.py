"""Path validation against the library's own verifier, and against certificates that were spoilt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainResult, ChainVerifier
from support import pki
from support.chains import cert

NOW, DAY = pki.NOW, pki.DAY
CONSTRAINTS = (
    None,
    x509.NameConstraints([x509.DNSName("example")], None),
    x509.NameConstraints(None, [x509.DNSName("bad.example")]),
    x509.NameConstraints([x509.RFC822Name("example.com")], [x509.DNSName("worse.example")]),
    x509.NameConstraints([x509.UniformResourceIdentifier("good.example")], None),
)
"""Of forms that the library compares too."""
USAGES: tuple[bool | Sequence[str], ...] = (True, True, True, False, ("cRLSign",), ("keyCertSign",))
PURPOSES = ((), (), (pki.CLIENT_AUTH,), (pki.SERVER_AUTH,), ("2.5.29.37.0",))


@dataclass(frozen=True, repr=False)
class World:
    """A small PKI: roots, CAs of few names that certify one another, leaves."""

    roots: Sequence[pki.Authority]
    cas: Sequence[pki.Authority]
    leaf: pki.Leaf
    now: datetime

    def __repr__(self) -> str:
        """Show the certificates in words, for a failure that is reported."""
        certificates = [one.cert for one in (*self.cas, self.leaf)]
        return "\n".join(f"{one.subject} by {one.issuer}: {[*one.extensions]}" for one in certificates)


NAMES = ("A", "B", "C")
ROOTS = tuple(pki.make_ca(f"Root {number}") for number in range(2))
KEYS = {name: tuple(pki.make_ca(name).key for _ in range(2)) for name in NAMES}
days = st.integers(1, 4)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Every CA has one of few names and one of two keys of that name; each is signed by a root or one before it."""
    cas: list[pki.Authority] = []
    for _ in range(draw(st.integers(0, 5))):
        name = draw(st.sampled_from(NAMES))
        is_ca = draw(st.sampled_from((True, True, True, True, False)))
        options = pki.Options(
            key=draw(st.sampled_from(KEYS[name])),
            path_length=draw(st.sampled_from((None, None, 0, 1))) if is_ca else None,
            not_before=NOW - draw(days) * DAY,
            not_after=NOW + draw(days) * DAY,
            key_usage=draw(st.sampled_from(USAGES)),
            eku=draw(st.sampled_from(PURPOSES)),
            ca=is_ca,
            key_ids=draw(st.booleans()),
            extra_extensions=[(one, True)] if (one := draw(st.sampled_from(CONSTRAINTS))) is not None else [],
        )
        cas.append(pki.make_ca(name, parent=draw(st.sampled_from([*ROOTS, *cas])), **options))
    leaf = draw(st.sampled_from([*ROOTS, *cas])).issue(
        "alice",
        dns=draw(
            st.sampled_from((["good.example"], ["bad.example"], ["a.worse.example", "good.example"], ["other.com"]))
        ),
        emails=draw(st.sampled_from(([], ["a@example.com"], ["a@example.org"]))),
        uris=draw(st.sampled_from(([], ["spiffe://good.example/a"], ["https://bad.example/"]))),
        not_before=NOW - draw(days) * DAY,
        not_after=NOW + draw(days) * DAY,
    )
    return World(draw(st.sampled_from((ROOTS, ROOTS[:1]))), cas, leaf, NOW + draw(st.integers(-5, 5)) * DAY / 2)


def _is_authority(_policy: verification.Policy, _one: x509.Certificate, value: x509.BasicConstraints | None) -> None:
    if value is None or not value.ca:
        raise ValueError("no CA")


def _signs(_policy: verification.Policy, _one: x509.Certificate, value: x509.KeyUsage | None) -> None:
    if value is not None and not value.key_cert_sign:
        raise ValueError("signs no certificates")


def _for_clients(_policy: verification.Policy, _one: x509.Certificate, value: x509.ExtendedKeyUsage | None) -> None:
    purposes = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if value is not None and purposes.isdisjoint(value):
        raise ValueError("not for clients")


AGNOSTIC = verification.Criticality.AGNOSTIC
FOR_CAS = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, AGNOSTIC, _is_authority)
    .may_be_present(x509.KeyUsage, AGNOSTIC, _signs)
    .may_be_present(x509.ExtendedKeyUsage, AGNOSTIC, _for_clients)
)


def library_accepts(world: World) -> bool:
    """Ask ``cryptography``, with its own rules for CAs replaced by those that are meant to be the same here."""
    builder = verification.PolicyBuilder().store(verification.Store([one.cert for one in world.roots])).time(world.now)
    builder = builder.max_chain_depth(8)
    builder = builder.extension_policies(ca_policy=FOR_CAS, ee_policy=verification.ExtensionPolicy.permit_all())
    try:
        builder.build_client_verifier().verify(world.leaf.cert, [one.cert for one in world.cas])
    except verification.VerificationError:
        return False
    return True


def has_self_issued(certificates: Sequence[x509.Certificate]) -> bool:
    """Say whether the library is stricter: it counts them under a path length, and constrains their names."""
    return any(one.subject == one.issuer for one in certificates)


def library_reads_its_constraints(world: World) -> bool:
    """Say whether there is no URI, for which it knows no constraints."""
    names = world.leaf.cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return not names.get_values_for_type(x509.UniformResourceIdentifier)


@given(worlds(), st.booleans())
def test_what_is_accepted_the_library_accepts_too(world: World, presented: bool) -> None:
    cas = [cert(one) for one in world.cas]
    verifier = ChainVerifier([cert(one) for one in world.roots], () if presented else cas)
    result = verifier.verify(cert(world.leaf), [one.der for one in world.cas] if presented else (), world.now)
    accepted = isinstance(result.outcome, Pass)
    assert accepted is bool(result.path)
    if has_self_issued([one.cert for one in world.cas]) or not library_reads_its_constraints(world):
        return
    assert accepted is library_accepts(world), result.outcome


@given(worlds())
def test_it_does_not_matter_who_brings_the_certificates(world: World) -> None:
    roots, cas, leaf = [cert(one) for one in world.roots], [cert(one) for one in world.cas], cert(world.leaf)
    configured = ChainVerifier(roots, cas).verify(leaf, (), world.now)
    presented = ChainVerifier(roots).verify(leaf, [one.der for one in world.cas], world.now)
    assert type(configured.outcome) is type(presented.outcome)
    assert {one.sha256 for one in configured.path} == {one.sha256 for one in presented.path} or configured.others


@given(worlds())
def test_every_path_that_is_told_is_one(world: World) -> None:
    roots, cas = [cert(one) for one in world.roots], [cert(one) for one in world.cas]
    result = ChainVerifier(roots, cas).verify(cert(world.leaf), (), world.now)
    for path in (result.path, *result.others) if result.path else ():
        for child, issuer in pairwise(path):
            child.x509.verify_directly_issued_by(issuer.x509)
        assert path[0].der == world.leaf.der
        assert path[-1].der in {one.der for one in world.roots}
        assert all(one.identity.not_before <= world.now <= one.identity.not_after for one in path)
        assert len({one.sha256 for one in path}) == len(path)


ANSWERS = {
    Reason.UNTRUSTED_ISSUER,
    Reason.CHAIN_INVALID,
    Reason.SIGNATURE_TOO_WEAK,
    Reason.KEY_TOO_WEAK,
    Reason.TRUST_DOMAIN_MISMATCH,
}


changes = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1_000), st.integers(0, 255)), max_size=4)
"""Which certificate, which of its bytes, and what becomes of it."""


@given(worlds(), changes)
def test_spoilt_chains_are_answered(world: World, changed: list[tuple[int, int, int]]) -> None:
    ders = [bytearray(one.der) for one in (world.leaf, *world.cas)]
    for which, at, octet in changed:
        der = ders[which % len(ders)]
        der[at % len(der)] = octet
    try:
        leaf = parse_certificate(bytes(ders[0]))
    except DecodeError:
        leaf = cert(world.leaf)
    verifier = ChainVerifier([cert(one) for one in world.roots])
    result = verifier.verify(leaf, [bytes(one) for one in ders[1:]], world.now)
    assert result.window.holds_at(world.now)
    if isinstance(result.outcome, Fail):
        assert result.outcome.reason in ANSWERS
        assert result.path == ()


@given(worlds(), worlds())
@settings(deadline=None)
def test_the_short_cut_says_what_the_search_says(world: World, other: World) -> None:
    roots, cas = [cert(one) for one in world.roots], [cert(one) for one in world.cas]
    asked, searching = ChainVerifier(roots, cas), ChainVerifier(roots, cas)
    searching._paths_above.find = lambda *_: None  # type: ignore[method-assign]  # there is no short cut
    leaves = [world.leaf, other.leaf, *[one.issue("bob", dns=["good.example"]) for one in world.cas[-2:]]]
    for now in (world.now, other.now, world.now):
        for leaf in leaves:
            same_answer(asked.verify(cert(leaf), (), now), searching.verify(cert(leaf), (), now))


@given(worlds(), worlds())
@settings(deadline=None)
def test_who_came_before_changes_nothing(world: World, other: World) -> None:
    roots, presented = [cert(one) for one in world.roots], [one.der for one in world.cas]
    asked = ChainVerifier(roots)
    leaves = [world.leaf, other.leaf, *[one.issue("bob", dns=["good.example"]) for one in world.cas[-2:]]]
    for now in (world.now, other.now, world.now):
        for leaf in leaves:
            nobody_before = ChainVerifier(roots)
            same_answer(asked.verify(cert(leaf), presented, now), nobody_before.verify(cert(leaf), presented, now))


def same_answer(one: ChainResult, other: ChainResult) -> None:
    assert (one.outcome, one.window) == (other.outcome, other.window)
    assert [[each.der for each in path] for path in (one.path, *one.others)] == [
        [each.der for each in path] for path in (other.path, *other.others)
    ]

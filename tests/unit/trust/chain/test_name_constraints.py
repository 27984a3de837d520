"""Every certificate of a path is held to the name constraints above it, form by form."""

from ipaddress import ip_network

import pytest
from cryptography import x509

from support import pki
from support.chains import passes, unfit, verify

ROOT = pki.make_ca("Root")
OUTSIDE = "is not within the name constraints of 'CN=CA,O=Example'"
EXCLUDED = "is excluded by the name constraints of 'CN=CA,O=Example'"
UNPROCESSED = "cannot be held to the name constraints of 'CN=CA,O=Example'"


def constrained(
    permitted: list[x509.GeneralName] | None, excluded: list[x509.GeneralName] | None = None, *, critical: bool = True
) -> pki.Authority:
    return pki.make_ca("CA", parent=ROOT, extra_extensions=[(x509.NameConstraints(permitted, excluded), critical)])


def subject(*, email: str) -> pki.Options:
    return pki.Options(subject=x509.Name([x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, email)]))


SMTP_UTF8 = pki.extensions.other_name("1.3.6.1.5.5.7.8.9", pki.der.utf8("é@example.com"))
FORMS = [
    (x509.DNSName("example.com"), pki.Options(dns=["a.example.com"]), pki.Options(dns=["a.example.org"])),
    (x509.RFC822Name("example.com"), pki.Options(emails=["a@example.com"]), pki.Options(emails=["a@example.org"])),
    (
        x509.UniformResourceIdentifier("example.com"),
        pki.Options(uris=["spiffe://example.com/a"]),
        pki.Options(uris=["spiffe://example.org/a"]),
    ),
    (x509.IPAddress(ip_network("10.0.0.0/8")), pki.Options(ips=["10.1.2.3"]), pki.Options(ips=["192.0.2.1"])),
    (
        x509.DirectoryName(pki.name(unit="Ops")),
        pki.Options(organizational_unit="Ops", directory=[pki.name("x", unit="ops")]),
        pki.Options(organizational_unit="Ops", directory=[pki.name("x")]),
    ),
]


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize(("constraint", "inside", "outside"), FORMS)
def test_names_of_every_form_are_held_to_permitted_subtrees(
    constraint: x509.GeneralName, inside: pki.Options, outside: pki.Options, critical: bool
) -> None:
    ca = constrained([constraint], critical=critical)
    assert passes(verify(ca.issue("alice", **inside), anchors=(ROOT,), presented=(ca,)), "alice", "CA", "Root")
    result = verify(ca.issue("alice", **outside), anchors=(ROOT,), presented=(ca,))
    assert OUTSIDE in result.outcome.detail
    assert result.path == ()


@pytest.mark.parametrize(("constraint", "inside", "outside"), FORMS)
def test_names_of_every_form_are_held_to_excluded_subtrees(
    constraint: x509.GeneralName, inside: pki.Options, outside: pki.Options
) -> None:
    ca = constrained(None, [constraint])
    result = verify(ca.issue("alice", **inside), anchors=(ROOT,), presented=(ca,))
    assert EXCLUDED in result.outcome.detail
    assert result.path == ()
    if not isinstance(constraint, x509.DirectoryName):  # there, the subject is within
        assert passes(verify(ca.issue("alice", **outside), anchors=(ROOT,), presented=(ca,)), "alice", "CA", "Root")


def test_a_constraint_of_one_form_says_nothing_about_another() -> None:
    ca = constrained([x509.RFC822Name("example.com")], [x509.UniformResourceIdentifier("example.com")])
    assert passes(verify(ca.issue("alice", dns=["a.example"]), anchors=(ROOT,), presented=(ca,)), "alice", "CA", "Root")


def test_a_name_must_be_within_what_every_ca_permits() -> None:
    upper = constrained([x509.DNSName("example.com"), x509.DNSName("example.org")])
    permitted = x509.NameConstraints([x509.DNSName("example.com"), x509.DNSName("example.net")], None)
    lower = pki.make_ca("Lower", parent=upper, extra_extensions=[(permitted, True)])
    for name, fine in (("a.example.com", True), ("a.example.org", False), ("a.example.net", False)):
        result = verify(lower.issue("alice", dns=[name]), anchors=(ROOT,), presented=(upper, lower))
        assert bool(result.path) is fine


def test_the_name_of_a_ca_below_counts_too() -> None:
    ca = constrained([x509.DirectoryName(pki.name(unit="Ops"))])
    below = pki.make_ca("Below", parent=ca)
    leaf = below.issue("alice", organizational_unit="Ops")
    result = verify(leaf, anchors=(ROOT,), presented=(ca, below))
    assert unfit(result, "Below", f"its directory name 'CN=Below,O=Example' {OUTSIDE}")


def test_a_self_issued_ca_may_have_a_name_that_it_may_not_certify() -> None:
    ca = constrained([x509.DNSName("example.com")], [x509.DirectoryName(pki.name("CA"))])
    rekeyed = pki.make_ca("CA", parent=ca)
    leaf = rekeyed.issue("alice", dns=["a.example.com"])
    assert passes(verify(leaf, anchors=(ROOT,), presented=(ca, rekeyed)), "alice", "CA", "CA", "Root")
    result = verify(rekeyed.issue("CA"), anchors=(ROOT,), presented=(ca, rekeyed))
    assert unfit(result, "CA", "its dns name 'client.example'")


def test_the_constraints_of_an_anchor_count() -> None:
    root = pki.make_ca("CA", extra_extensions=[(x509.NameConstraints([x509.DNSName("example.com")], None), True)])
    assert unfit(verify(root.issue("alice"), anchors=(root,)), "alice", f"its dns name 'client.example' {OUTSIDE}")


def test_an_empty_subject_is_within_any_directory() -> None:
    ca = constrained([x509.DirectoryName(pki.name(unit="Ops"))])
    leaf = ca.issue(None, subject=x509.Name([]), san_critical=True)
    assert len(verify(leaf, anchors=(ROOT,), presented=(ca,)).path) == 3


def test_an_email_address_in_the_subject_is_held_to_the_constraints() -> None:
    ca = constrained([x509.RFC822Name("example.com")])
    for options, fine in (
        (pki.Options(no_san=True, **subject(email="alice@example.com")), True),
        (pki.Options(no_san=True, **subject(email="alice@example.org")), False),
        (pki.Options(no_san=True, **subject(email="alice")), False),
        (pki.Options(dns=["a.example"], **subject(email="alice@example.org")), False),
        (pki.Options(emails=["alice@example.com"], **subject(email="alice@example.org")), False),
    ):
        assert bool(verify(ca.issue(None, **options), anchors=(ROOT,), presented=(ca,)).path) is fine
    free = constrained([x509.DNSName("example.com")])
    leaf = free.issue(None, dns=["a.example.com"], subject=subject(email="alice@example.org")["subject"])
    assert verify(leaf, anchors=(ROOT,), presented=(free,)).path != ()


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("side", ["permitted", "excluded"])
@pytest.mark.parametrize(
    ("constraint", "leaf", "form"),
    [
        (x509.OtherName(x509.ObjectIdentifier(pki.UPN_OID), b"\x0c\x02@a"), pki.Options(upns=["a@b"]), "upn"),
        (
            x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\5\0"),
            pki.Options(other_sans=[pki.extensions.other_name("1.2.3", b"\5\0")]),
            "othername:1.2.3",
        ),
        (
            x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
            pki.Options(other_sans=[pki.der.context(8, b"\x2a\x03", constructed=False)]),
            "rid",
        ),
        (x509.DNSName._init_without_validation("é"), pki.Options(dns=["a.example"]), "dns"),
        (x509.UniformResourceIdentifier("https://a.example/"), pki.Options(uris=["https://a.example/"]), "uri"),
        (x509.RFC822Name("example.com"), pki.Options(other_sans=[SMTP_UTF8]), "othername:1.3.6.1.5.5.7.8.9"),
    ],
)
def test_a_name_that_cannot_be_held_to_a_constraint_is_refused(
    constraint: x509.GeneralName, leaf: pki.Options, form: str, side: str, critical: bool
) -> None:
    ca = constrained(*(([constraint], None) if side == "permitted" else (None, [constraint])), critical=critical)
    result = verify(ca.issue("alice", **leaf), anchors=(ROOT,), presented=(ca,))
    assert unfit(result, "alice", f"its {form} name '")
    assert UNPROCESSED in result.outcome.detail
    other = ca.issue("alice", ips=["10.0.0.1"])
    assert passes(verify(other, anchors=(ROOT,), presented=(ca,)), "alice", "CA", "Root")


def test_thousands_of_names_and_constraints_take_little_time() -> None:
    constraints = [x509.DNSName(f"n{number}.example") for number in range(400)]
    ca = constrained([*constraints], [x509.DNSName(f"x{number}.example") for number in range(200)])
    leaf = ca.issue("alice", dns=[f"a.n{number % 400}.example" for number in range(1_000)])
    assert passes(verify(leaf, anchors=(ROOT,), intermediates=(ca,)), "alice", "CA", "Root")


def test_the_constraints_of_a_leaf_constrain_nothing() -> None:
    subtree = x509.NameConstraints([x509.DNSName("example.com")], None)
    leaf = ROOT.issue("alice", dns=["a.example"], extra_extensions=[(subtree, False)])
    assert passes(verify(leaf, anchors=(ROOT,)), "alice", "Root")

"""Certificate policies: nothing is asked unless a CA, or the leaf, requires one that all CAs above it allow."""

from collections.abc import Iterable

import pytest
from cryptography import x509

from extauthz.trust.chain.policies import ANY_POLICY, policy_flaw
from support import der, pki
from support.chains import links, passes, unfit, verify

A, B, C = "1.2.3.1", "1.2.3.2", "1.2.3.3"
ALLOWED = "it has no certificate policy that all CAs above it allow, and one of them requires one"
REQUIRED = "it requires a certificate policy that all CAs above it allow, and has none"


def require_explicit(after: int) -> tuple[x509.ExtensionType, bool]:
    return x509.PolicyConstraints(after, None), True


def explicit_and_no_mapping(after: int) -> tuple[x509.ExtensionType, bool]:
    return x509.PolicyConstraints(0, after), True


def inhibit_any(after: int) -> tuple[x509.ExtensionType, bool]:
    return x509.InhibitAnyPolicy(after), True


def mappings(*pairs: tuple[str, str]) -> bytes:
    encoded = [der.sequence(der.oid(issuer), der.oid(subject)) for issuer, subject in pairs]
    return der.extension("2.5.29.33", der.sequence(*encoded), critical=True)


Step = tuple[tuple[str, ...], tuple[pki.ExtensionSpec, ...]]
"""Policies and further extensions of one certificate."""


def step(*policies: str, also: Iterable[pki.ExtensionSpec] = ()) -> Step:
    return policies, tuple(also)


def path(*steps: Step, root: Step = ((), ()), same_name: Iterable[int] = ()) -> list[pki.Leaf]:
    """Make a path, leaf first, of steps downwards from below the root; ``same_name``: which CAs are self-issued."""
    made: list[pki.Authority] = [pki.make_ca("Root", policies=root[0], extra_extensions=root[1])]
    for number, (policies, also) in enumerate(steps[:-1]):
        common_name = made[-1].cert.subject.rdns[-1].rfc4514_string()[3:] if number in same_name else f"CA {number}"
        made.append(pki.make_ca(common_name, parent=made[-1], policies=policies, extra_extensions=also))
    policies, also = steps[-1]
    leaf = made[-1].issue("alice", policies=policies, extra_extensions=also)
    return [leaf, *reversed(made)]


ANY_STEP = step(ANY_POLICY)
EXPLICIT = step(ANY_POLICY, also=[require_explicit(0)])


@pytest.mark.parametrize(
    "steps",
    [
        [step(A), step(B)],
        [step(), step(A)],
        [step(A), step()],
        [step(A, also=[require_explicit(3)]), step(B)],
        [step(A, B, also=[require_explicit(0)]), step(B, C)],
        [EXPLICIT, step(A)],
        [EXPLICIT, ANY_STEP],
        [step(A, also=[require_explicit(0)]), ANY_STEP],
        [step(A, also=[require_explicit(0), mappings((A, B))]), step(B)],
        [step(A, also=[require_explicit(0), mappings((A, B), (A, C))]), step(C)],
        [step(ANY_POLICY, also=[require_explicit(0), mappings((A, B))]), step(B)],
        [step(A, also=[require_explicit(0), mappings((A, B))]), step(B, also=[mappings((B, C))]), step(C)],
        [step(A, also=[require_explicit(0), mappings((A, B))]), ANY_STEP, step(B)],
        [step(A, also=[explicit_and_no_mapping(1)]), step(A, also=[mappings((A, B))]), step(B)],
        [step(A, also=[require_explicit(0), inhibit_any(1)]), ANY_STEP, step(A)],
        [step(A, also=[require_explicit(0), inhibit_any(0)]), step(A)],
        [step(A, also=[inhibit_any(0)]), ANY_STEP],
    ],
)
def test_policies_that_are_allowed(steps: list[Step]) -> None:
    made = path(*steps)
    assert len(verify(made[0], anchors=made[-1:], presented=made[1:-1]).path) == len(made)


@pytest.mark.parametrize(
    ("steps", "at", "problem"),
    [
        ([step(A, also=[require_explicit(0)]), step(B)], 0, ALLOWED),
        ([step(A, also=[require_explicit(0)]), step()], 0, ALLOWED),
        ([step(A, also=[require_explicit(0)]), step(), step(A)], 1, ALLOWED),
        ([step(A, also=[require_explicit(1)]), step(A), step(B)], 0, ALLOWED),
        ([step(A, also=[require_explicit(1)]), step(B)], 0, REQUIRED),
        ([step(), step(A, also=[require_explicit(0)])], 0, REQUIRED),
        ([step(A, also=[require_explicit(0), mappings((A, B))]), step(A)], 0, ALLOWED),
        (
            [step(A, also=[explicit_and_no_mapping(0)]), step(A, also=[mappings((A, B))]), step(B)],
            0,
            ALLOWED,
        ),
        ([step(A, also=[require_explicit(0), inhibit_any(0)]), ANY_STEP], 0, ALLOWED),
        ([step(A, also=[require_explicit(0), inhibit_any(1)]), step(A), ANY_STEP], 0, ALLOWED),
        ([step(A, also=[require_explicit(0), mappings((C, B))]), step(B)], 0, ALLOWED),
        ([step(A, also=[mappings((ANY_POLICY, B))]), step(B)], 1, "its policyMappings map anyPolicy"),
        ([step(A, also=[mappings((A, ANY_POLICY))]), step(B)], 1, "its policyMappings map anyPolicy"),
    ],
)
def test_policies_that_are_not_allowed(steps: list[Step], at: int, problem: str) -> None:
    made = links(*path(*steps))
    flaw = policy_flaw(made)
    assert flaw is not None
    assert (flaw.text, made.index(flaw.link)) == (problem, at)


def test_self_issued_cas_do_not_count_down() -> None:
    assert policy_flaw(links(*path(step(A, also=[require_explicit(2)]), step(A), step(B), same_name=[1]))) is None
    assert policy_flaw(links(*path(step(A, also=[require_explicit(2)]), step(A), step(B), step(B)))) is not None
    steps = [step(A, also=[require_explicit(0), inhibit_any(0)]), ANY_STEP, step(A)]
    assert policy_flaw(links(*path(*steps, same_name=[1]))) is None
    assert policy_flaw(links(*path(*steps))) is not None


@pytest.mark.parametrize(
    ("root", "steps", "fine"),
    [
        (step(also=[require_explicit(0)]), [step(A), step(B)], False),
        (step(also=[require_explicit(0)]), [step(A), step(A)], True),
        (step(also=[inhibit_any(0), require_explicit(0)]), [ANY_STEP, step(A)], False),
        (step(A, also=[require_explicit(0)]), [step(A), step(A)], True),
        (step(A, also=[require_explicit(0)]), [step(B), step(B)], False),
        (step(A, also=[require_explicit(0), mappings((A, B))]), [step(B), step(B)], True),
        (step(A), [step(B), step(B)], True),
    ],
)
def test_what_an_anchor_says_about_policies_counts(root: Step, steps: list[Step], fine: bool) -> None:
    assert (policy_flaw(links(*path(*steps, root=root))) is None) is fine


def test_an_unfit_path_is_told() -> None:
    leaf, ca, root = path(step(A, also=[require_explicit(0)]), step(B))
    assert unfit(verify(leaf, anchors=(root,), presented=(ca,)), "alice", ALLOWED)


def test_policies_that_would_double_with_every_certificate_take_no_time() -> None:
    """RFC 9618 §1: with a tree, every certificate that maps two policies to each other's two doubles the nodes."""
    crossed = mappings((A, A), (A, B), (B, A), (B, B))
    steps = [step(A, B, also=[crossed, require_explicit(0)])] * 8
    made = path(*steps, step(A))
    assert passes(verify(made[0], anchors=made[-1:], intermediates=made[1:-1]), *names(made))


def names(made: Iterable[pki.Leaf]) -> list[str]:
    return [one.cert.subject.rdns[-1].rfc4514_string()[3:] for one in made]

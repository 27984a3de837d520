"""``trust``: what the file may say of anchors, keys and signatures."""

import pytest
from pydantic import ValidationError

from extauthz.config.schema.trust import MOST_RSA_BITS, TiedAnchor, Trust


def test_an_anchor_is_a_path_or_has_trust_domains() -> None:
    tied = {"path": "spire.pem", "trust_domains": ["prod.example.org"]}
    trust = Trust.model_validate({"anchors": ["root.pem", {"path": "other.pem"}, tied]})
    assert trust.anchors is not None
    assert trust.anchors[0] == "root.pem"
    assert trust.tied_anchors == (TiedAnchor(path="spire.pem", trust_domains=("prod.example.org",)),)


def test_without_anchors_none_is_tied() -> None:
    assert Trust.model_validate({"chain": "unsafe_none"}).tied_anchors == ()


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        ("Prod.example", "write its name alone in lower case"),
        ("prod.example/web", "write its name alone in lower case"),
        ("prod.example:8443", "is no SPIFFE trust domain"),
        ("spiffe://prod.example", "is no SPIFFE trust domain"),
        ("prod example", "write its name, such as prod.example.org"),
        ("x" * 256, "longer than 255 characters"),
    ],
)
def test_a_trust_domain_is_its_name_alone(domain: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Trust.model_validate({"anchors": [{"path": "a.pem", "trust_domains": [domain]}]})


@pytest.mark.parametrize("chain", ["issuer_name", "unsafe_none"])
@pytest.mark.parametrize("tie", [{"trust_domains": ["prod.example"]}, {"dod": True}])
def test_tied_anchors_need_a_verified_chain(chain: str, tie: dict[str, object]) -> None:
    anchors = [{"path": "a.pem", **tie}]
    with pytest.raises(ValidationError, match="`trust_domains` and `dod` of anchors need `chain: verify`"):
        Trust.model_validate({"anchors": anchors, "chain": chain})
    assert Trust.model_validate({"anchors": [{"path": "a.pem"}], "chain": chain}).chain == chain


@pytest.mark.parametrize(
    ("settings", "bits"),
    [
        ({}, 2048),
        ({"min_rsa_bits": 3072}, 3072),
        ({"min_rsa_bits": MOST_RSA_BITS}, MOST_RSA_BITS),
        ({"unsafe_rsa_1024": True}, 1024),
        ({"unsafe_rsa_1024": False, "min_rsa_bits": 4096}, 4096),
    ],
)
def test_one_of_two_settings_says_how_long_rsa_keys_must_be(settings: dict[str, object], bits: int) -> None:
    assert Trust.model_validate(settings).least_rsa_bits == bits


@pytest.mark.parametrize("bits", [2047, MOST_RSA_BITS + 1])
def test_a_bound_on_rsa_keys_that_is_none_is_refused(bits: int) -> None:
    with pytest.raises(ValidationError):
        Trust.model_validate({"min_rsa_bits": bits})


def test_two_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="contradict each other"):
        Trust.model_validate({"min_rsa_bits": 2048, "unsafe_rsa_1024": True})

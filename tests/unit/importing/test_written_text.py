"""The text of an import: comments that nothing can break out of, and policies that mean what they say."""

import pytest

from extauthz.config.yaml_document import read_document
from extauthz.importing.written import PolicyNames, WrittenConfig, WrittenPolicy, file_name
from extauthz.importing.written_text import configuration_text

ODD = "x\npolicies: []\r\u2028\u0085# \x1b[2J\u202e end"


def config(**changes: object) -> WrittenConfig:
    policy = WrittenPolicy(name="a", when={}, require={})
    return WrittenConfig(**{"comments": ("first",), "anchors": ("ca.pem",), "policies": (policy,), **changes})  # type: ignore[arg-type]


def value(text: str) -> object:
    document, mistakes = read_document(text.encode())
    assert mistakes == ()
    assert document is not None
    return document.value


@pytest.mark.parametrize(
    "written",
    [
        config(comments=(ODD,)),
        config(anchor_comments=(ODD,)),
        config(crl_comments=(ODD,)),
        config(policies=(WrittenPolicy(name="a", when={}, require={}, comments=(ODD,)),)),
    ],
)
def test_a_comment_stays_a_comment_whatever_is_in_it(written: WrittenConfig) -> None:
    assert value(configuration_text(written)) == value(configuration_text(config()))


@pytest.mark.parametrize("kind", ["refusals", "closed"])
def test_the_reasons_of_a_refusal_stay_comments_too(kind: str) -> None:
    reason = (ODD,) if kind == "refusals" else ODD
    policy = WrittenPolicy(name="a", when={}, require={}, **{kind: reason})  # type: ignore[arg-type]
    assert value(configuration_text(config(policies=(policy,))))["policies"] == [  # type: ignore[index]
        {"name": "a", "when": {}, "require": {"san_present": True, "not": {"san_present": True}}}
    ]


@pytest.mark.parametrize(
    "text", ["re:a{1,2}", "*.x", "a: b", "# x", "true", "1e3", "'", '"', "- x", "ü", " x ", "re:\\\\.", "x" * 500]
)
def test_patterns_come_through_as_they_are(text: str) -> None:
    policy = WrittenPolicy(name="a", when={}, require={"organization": ["O", "re:x"], "subject_contains": [text]})
    got = value(configuration_text(config(policies=(policy,))))
    assert got["policies"][0]["require"]["subject_contains"] == [text]  # type: ignore[index]


def test_a_policy_that_could_not_be_loaded_is_a_defect_and_never_written() -> None:
    with pytest.raises(ValueError, match="san"):
        configuration_text(config(policies=(WrittenPolicy(name="a", when={}, require={"san": {}}),)))


def test_the_same_configuration_gives_the_same_text() -> None:
    assert configuration_text(config()) == configuration_text(config())
    assert configuration_text(config()).startswith("# first\nversion: 1\n")


def test_names_are_names_of_policies_and_each_is_given_once() -> None:
    names = PolicyNames()
    given = [names.name([text]) for text in ("a.example", "A_example", "a-example", "*.x", "***", "ü", "", "y" * 200)]
    assert given == ["a-example", "a_example", "a-example-2", "any-x", "anyany", "imported", "imported-2", "y" * 50]


def test_files_to_write_have_names_that_stay_in_their_directory() -> None:
    assert file_name(("../../etc", "x y"), "ca.pem") == "etc-x-y-ca.pem"
    assert file_name(("..",), "ca.pem") == "imported-ca.pem"

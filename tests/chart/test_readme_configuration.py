"""What the chart's README says of values in its text: keys of policies, and examples that the chart takes."""

import dataclasses
import re
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from extauthz.config.schema.require import Require
from extauthz.config.schema.when import When
from support.chart_readme_blocks import TITLES, Block, blocks, section, steps, text, yaml_blocks
from support.chart_values import minimal
from support.chart_walkthrough import RELEASE, Walkthrough
from support.helm import CHART, NAMESPACE, SITUATIONS, render

ROW: Final = re.compile(r"^\| (`[a-z_`, ]+`) \| [^|]+ \| `((?:when|require): [^`]+)` \|$", re.MULTILINE)
ROWS: Final = ROW.findall(section("Configuration"))


PARTS_OF_A_POLICY: Final = {"when": When.model_validate, "require": Require.model_validate}


def read(written: str) -> Any:  # noqa: ANN401  (values are what YAML can say)
    return YAML(typ="safe").load(written)


def test_the_table_has_every_key_of_a_policy_and_no_other() -> None:
    keys = [key for row, _ in ROWS for key in re.findall(r"`([a-z_]+)`", row)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {field.alias or name for one in (When, Require) for name, field in one.model_fields.items()}


@pytest.mark.parametrize(("row", "example"), ROWS)
def test_each_example_is_of_its_row_and_the_program_takes_it(row: str, example: str) -> None:
    (part,) = read(example).items()
    assert {f"`{key}`" for key in part[1]} <= set(row.split(", "))
    PARTS_OF_A_POLICY[part[0]](part[1])
    policy = {"name": "one", "when": {}, "require": {}, part[0]: part[1]}
    assert render(values=minimal(config={"policies": [policy]})).config["policies"] == [policy]


def test_the_rules_for_some_hosts_of_istio_are_those_that_the_chart_takes() -> None:
    (written,) = re.findall(r"`(\[\{to: .*\])`", section(TITLES["istio"]))
    values = {"istio": {"authorizationPolicy": {"rules": read(written)}}}
    made = render(files=[CHART / "ci" / "istio-values.yaml"], values=values)
    assert made.one("AuthorizationPolicy")["spec"]["rules"] == read(written)


def files_with(name: str) -> set[str]:
    return {block.file for block in yaml_blocks() if name in block.text}


def told(first: str, last: str) -> set[str]:
    """Return the files that are named between two phrases."""
    return set(re.findall(r"`([a-z-]+\.yaml)`", text().partition(first)[2].partition(last)[0]))


def test_the_page_says_where_release_and_namespace_are_part_of_a_name() -> None:
    theirs = rf"extauthz(-headless)?\.{RELEASE}\.svc|name: extauthz, namespace: {RELEASE}\b"
    assert {one.file for one in yaml_blocks() if re.search(theirs, one.text)} == told("edge.svc`:", "and in the values")
    assert files_with("cluster.local") == told("cluster's domain is not", "and give the certificate")
    sentence = re.sub(r"\s+", " ", text())
    assert "A release `authz` in a namespace `edge` is `authz-extauthz.edge.svc`" in sentence
    assert (
        f"extauthz.{NAMESPACE}.svc"
        in render(files=[CHART / "ci" / "ingress-values.yaml"]).one("Certificate")["spec"]["dnsNames"]
    )


WORDS: Final = {"storefront": "partners-edge", "catalog": "orders", "web.example.com": "api.acme.test"}
PARTS: Final = re.compile(r"[a-z.-]*(?:storefront|catalog)[a-z.-]*")
TOGETHER: Final = {
    "storefront",
    "catalog",
    "catalog.storefront.svc.cluster.local",
    "catalog-envoy",
    "catalog.envoys.example",
    "catalog.yaml",
    "extauthz-storefront",
}
"""Words of the page that one of these is, or is a part of."""


def changed(block: Block) -> Block:
    def other(written: str) -> str:
        for word, name in WORDS.items():
            written = written.replace(word, name)
        return written

    return dataclasses.replace(block, text=other(block.text), file=other(block.file))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_names_of_the_page_can_be_searched_and_replaced(situation: str) -> None:
    """Namespace, application and host have words of their own, which nothing else has."""
    walk = Walkthrough(situation, [changed(one) for one in steps(situation)])
    assert (walk.missing, walk.too_early, walk.unused) == ([], [], [])


def test_no_other_word_of_a_block_has_such_a_name_in_it() -> None:
    assert {word for block in blocks(text()) for word in PARTS.findall(block.text)} == TOGETHER

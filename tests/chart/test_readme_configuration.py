"""What the chart's README says of values in its text: keys of policies, and examples that the chart takes."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from extauthz.config.schema.require import Require
from extauthz.config.schema.when import When
from support.chart_readme_blocks import TITLES, Block, blocks, section, steps, text, yaml_blocks
from support.chart_values import minimal
from support.chart_walkthrough import RELEASE, SPACE, Walkthrough, installed
from support.helm import CHART, SITUATIONS, render

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


def test_the_page_says_where_the_domain_of_the_cluster_is_part_of_a_name() -> None:
    assert files_with("cluster.local") == told("cluster's domain is not", "the certificate the other name")


WORDS: Final = {
    "storefront": "partners-edge",
    "catalog": "orders",
    "web.example.com": "api.acme.test",
    SPACE: "guard-system",
}
PARTS: Final = re.compile(rf"[a-z.-]*(?:storefront|catalog|{SPACE})[a-z.-]*")
TOGETHER: Final = {
    "storefront",
    "catalog",
    "catalog.storefront.svc.cluster.local",
    "catalog-envoy",
    "catalog.envoys.example",
    "catalog.yaml",
    "extauthz-storefront",
    SPACE,
    f"extauthz.{SPACE}.svc",
    f"extauthz.{SPACE}.svc.cluster.local",
    f"extauthz-headless.{SPACE}.svc",
}
"""Words of the page that one of these is, or is a part of."""


Change = Callable[[str], str]


def words(written: str) -> str:
    """Search and replace, as the page says."""
    for word, name in WORDS.items():
        written = written.replace(word, name)
    return written


def release(written: str) -> str:
    """Change the release's own name behind the words that the page names."""
    (listed,) = re.findall(r"changed only behind these words: (.*?)\.\n", text(), re.DOTALL)
    before = "|".join(re.escape(one) for one in sorted(re.findall(r"`([^`]+)`", listed), key=len, reverse=True))
    return re.sub(rf"({before})( ?){RELEASE}\b", r"\1\2guard", written)


def both(written: str) -> str:
    return release(words(written))


def changed(situation: str, change: Change) -> list[Block]:
    return [dataclasses.replace(one, text=change(one.text), file=change(one.file)) for one in steps(situation)]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_names_of_the_page_can_be_searched_and_replaced(situation: str) -> None:
    """Both namespaces, application and host have words of their own, which nothing else has."""
    walk = Walkthrough(situation, changed(situation, words))
    assert (walk.missing, walk.too_early, walk.unused) == ([], [], [])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_another_release_keeps_every_name_by_the_value_that_the_page_says(situation: str) -> None:
    value = "fullnameOverride: extauthz"
    assert f"write `{value}` into the values" in text()
    walk = Walkthrough(situation, changed(situation, both), read(value))
    assert (walk.missing, walk.too_early, walk.unused, walk.installations) == ([], [], [], 1)


def test_without_that_value_a_release_of_another_name_has_other_names() -> None:
    assert {"guard-extauthz"} == {
        one["metadata"]["name"] for one in installed("istio", release="guard") if one["kind"] == "Deployment"
    }


@pytest.mark.parametrize("change", [str, words, both])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_commands_and_addresses_name_what_the_chart_makes(situation: str, change: Change) -> None:
    """What a walk does not look at: names in commands, in an Envoy's configuration, in the mesh's."""
    page = change("".join(one.text for one in blocks(text()) if one.language == "console"))
    ((name, namespace),) = set(re.findall(r"helm upgrade --install (\S+) charts/extauthz --namespace (\S+)", page))
    made = installed(situation, release=name, namespace=namespace, values={"fullnameOverride": "extauthz"})
    there = {(one["kind"], one["metadata"]["name"]) for one in made}
    assert {("Deployment", one) for one in re.findall(rf"{namespace} .*deployment/(\S+)", page)} <= there
    assert {("Pod", one) for one in re.findall(r"logs (\S+-test) ", page)} <= there
    services = set(re.findall(rf"([a-z-]+)\.{namespace}\.svc", "".join(one.text for one in changed(situation, change))))
    assert {("Service", one) for one in services} <= there
    (workload,) = [one for one in made if one["kind"] == "Deployment"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    assert set(re.findall(r"(app\.kubernetes\.io/instance=[a-z-]+)", page)) == {
        f"app.kubernetes.io/instance={labels['app.kubernetes.io/instance']}"
    }
    assert {*re.findall(r"helm (?:test|template|history|rollback|upgrade) (\S+) ", page)} - {"--install"} == {name}


def test_no_other_word_of_a_block_has_such_a_name_in_it() -> None:
    assert {word for block in blocks(text()) for word in PARTS.findall(block.text)} == TOGETHER

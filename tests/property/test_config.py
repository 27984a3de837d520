"""Whatever stands in a configuration file, loading it gives a configuration or ConfigError, never anything else."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.config.build import load_engine
from extauthz.config.key_path import dotted
from extauthz.config.schema.duration import format_duration, parse_duration
from extauthz.config.yaml_document import read_document
from extauthz.model.errors import ConfigError
from support.config_site import SECTIONS, Site

VALID = """\
version: 1
sources: [{type: envoy_peer}, {type: xfcc, element: {from_right: 2}, by: ["spiffe://a/b"]}]
trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem], clock_skew: 1s}
policies:
  - name: other
    when: {hosts: ["*.a"], paths: [/x/**], context: {k: v}}
    require: {any_of: [{san: {dns: [a]}}, {not: {kind: [spiffe]}}], key: [{type: rsa, min_bits: 2048}]}
  - {name: all, when: {}, require: {}}
listen: {grpc: {address: "127.0.0.1:0", max_connection_age: 5m, tls: {cert: pki/leaf.pem, key: pki/leaf.key}}}
revocation: {crls: [{path: pki/issuing.crl}], revoked: [{issuer: "CN=a", serial: "0a"}], grace: 2h}
pins: {spki_sha256: [{pin: A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0=, expires: 2027-01-31}]}
headers: {emit: [cn], map: {x-user: common_name}}
deny: {status: 404, expose_reason: true}
decision_log: {allow_sample: 0.5, include: [subject]}
"""
TOKENS = re.findall(r"[A-Za-z0-9_./*%-]+|\s+|.", VALID)
SPLICES = st.one_of(
    st.sampled_from(TOKENS),
    st.sampled_from(
        [
            "null",
            "[]",
            "{}",
            "true",
            "1",
            "1.5",
            "-",
            "&a",
            "*a",
            "!!str",
            "<<",
            "---",
            "|",
            "'",
            '"',
            "?",
            ":",
            ">",
            "%",
            "@",
            "`",
        ]
    ),
    st.text(max_size=8),
)


@pytest.fixture(scope="module")
def module_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def test_what_is_spliced_is_valid_to_begin_with(module_site: Site) -> None:
    assert load_engine(module_site.write("config.yaml", VALID)).engine.policy_names == ("other", "all")


def load_or_refuse(site: Site, content: bytes) -> None:
    path = site.write("config.yaml", content)
    try:
        load_engine(path)
    except ConfigError as error:
        check_problems(error, path, content)


def check_problems(error: ConfigError, path: Path, content: bytes) -> None:
    lines = len(re.split(rb"\r\n|\r|\n", content))
    assert error.problems
    assert list(error.problems) == sorted(set(error.problems))
    for problem in error.problems:
        assert problem.file == str(path)
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        assert problem.message
        assert "\n" not in str(problem)


@given(edits=st.lists(st.tuples(st.integers(0, len(TOKENS) - 1), st.integers(0, 3), SPLICES), min_size=1, max_size=4))
def test_spliced_configuration_loads_or_raises_config_error(
    module_site: Site, edits: list[tuple[int, int, str]]
) -> None:
    tokens = list(TOKENS)
    for at, removed, inserted in edits:
        tokens[at : at + removed] = [inserted]
    load_or_refuse(module_site, "".join(tokens).encode("utf-8", "surrogatepass"))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted(set(re.findall(r"([a-z_0-9]+):", VALID)) | {"not", "san_present", "xfcc", "sources", "chain"})


@given(
    section=st.sampled_from(["trust", "sources", "policies", "revocation", "pins", "headers", "listen", "deny"]),
    value=st.recursive(
        JSON_VALUES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
        max_leaves=12,
    ),
)
def test_any_value_in_a_section_loads_or_raises_config_error(module_site: Site, section: str, value: object) -> None:
    text = "\n".join({**SECTIONS, section: f"{section}: {as_yaml(value)}"}.values())
    load_or_refuse(module_site, text.encode("utf-8", "surrogatepass"))


def as_yaml(value: object) -> str:
    """Write a value in flow style, its texts in single quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{as_yaml(key)}: {as_yaml(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_yaml, value)) + "]"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case _:
            return str(value)


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_give_a_mistake(content: bytes) -> None:
    document, mistakes = read_document(content)
    assert document is not None or mistakes
    assert all(one.message and one.place.line >= 1 and one.place.column >= 1 for one in mistakes)


@given(value=st.dictionaries(st.text(max_size=5), JSON_VALUES))
def test_every_value_of_a_document_has_a_place(value: dict[str, object]) -> None:
    document, mistakes = read_document(as_yaml(value).encode("utf-8", "surrogatepass"))
    if document is None or mistakes:
        return
    pending: list[tuple[tuple[str | int, ...], object]] = [((), document.value)]
    while pending:
        path, inner = pending.pop()
        assert path in document.values, dotted(path)
        if isinstance(inner, dict):
            assert all((*path, key) in document.keys for key in inner)
            pending.extend(((*path, key), below) for key, below in inner.items())
        elif isinstance(inner, list):
            pending.extend(((*path, index), below) for index, below in enumerate(inner))


@given(milliseconds=st.integers(0, 10**13))
def test_duration_written_is_the_duration_read(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(duration)) == duration

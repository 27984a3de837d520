import os
import threading
from pathlib import Path

import pytest

from extauthz.config.load import load
from extauthz.model.errors import ConfigError
from support import pki
from support.config_site import SECTIONS, Site

ASSORTED_MISTAKES = """\
version: 1
sources:
  - type: envoy_peer
  - type: header
trust:
  anchrs: [pki/root.pem]
  anchors: [pki/root.pem]
  intermediates: pki/issuing.pem
  clock_skew: 30
revocation:
  crls: [{path: pki/issuing.pem}, {path: pki/gone.crl}]
  crls: [{path: pki/issuing.crl}]
policies:
  - name: first
    when: {hosts: []}
    require:
      common_name: ["a*"]
      pins: {spki_sha256: ["not a pin"]}
"""

SOURCE_TYPES = "envoy_peer, xfcc, nginx, base64_der, rfc9440, aws_alb"


def test_assorted_mistakes_give_one_line_each_sorted_by_place(site: Site) -> None:
    assert site.problems_of(site.write("config.yaml", ASSORTED_MISTAKES)) == [
        f"4:11: sources[1].type: must be one of {SOURCE_TYPES}, not the string 'header'",
        "6:3: trust.anchrs: unknown key; did you mean `anchors`?",
        "8:18: trust.intermediates: must be a list of strings, not the string 'pki/issuing.pem'",
        '9:15: trust.clock_skew: must be a duration with its unit, such as "90s", "2h30m" or "500ms"',
        "11:42: revocation.crls[1].path: 'pki/gone.crl' does not exist",
        "12:3: revocation.crls: duplicate key; the first one is at 11:3; keep one of them",
        "15:19: policies[0].when.hosts: must not be an empty list; write at least one item, or leave the key out",
        (
            "17:21: policies[0].require.common_name[0]: '*' has no meaning in 'a*', which has no segments; use a 're:' "
            "pattern"
        ),
        (
            "18:28: policies[0].require.pins.spki_sha256[0]: 'not a pin' is no pin of a key (a SHA-256 pin in hex "
            "holds only the digits 0-9 and a-f, and colons between pairs of them); write 44 characters of base64, the "
            "`=` at the end included, or 64 hex digits"
        ),
    ]


def test_the_same_file_read_again_has_the_same_mistakes(site: Site) -> None:
    """What was parsed is kept, so nothing may have been taken out of it."""
    path = site.write("config.yaml", ASSORTED_MISTAKES)
    first = site.problems_of(path)
    assert len(first) > 1
    assert site.problems_of(path) == first


def test_files_are_checked_although_whole_sections_are_missing_or_broken(site: Site) -> None:
    text = "revocation: {crls: [{path: gone.crl}]}\ntrust: {anchors: [gone.pem]}\npolicies: 5\n"
    assert site.problems_of(site.write("config.yaml", text)) == [
        "1:1: sources: is missing; it must be a list of mappings (only with `listen.http` may it be left out)",
        "1:1: version: is missing; it must be 1",
        "1:28: revocation.crls[0].path: 'gone.crl' does not exist",
        "2:19: trust.anchors[0]: 'gone.pem' does not exist",
        "3:11: policies: must be a list of mappings, not the number 5",
    ]


def test_places_stay_right_where_items_of_a_list_were_taken_out(site: Site) -> None:
    assert site.problems(trust="trust: {anchors: [5, gone.pem, [], pki/root.pem, pki/leaf.key]}") == [
        "3:19: trust.anchors[0]: must be a string, not the number 5; write it in quotes",
        "3:22: trust.anchors[1]: 'gone.pem' does not exist",
        "3:32: trust.anchors[2]: must be a string, not a list",
        "3:50: trust.anchors[4]: 'pki/leaf.key' holds a private key where only certificates belong; keep it elsewhere",
    ]


def test_yaml_mistakes_come_with_those_of_schema_and_files(site: Site) -> None:
    assert site.problems(trust="trust: {anchors: [&a gone.pem, *a], chain: x}", y="y: !t 1") == [
        "3:19: trust.anchors[0]: 'gone.pem' does not exist",
        "3:19: trust.anchors[0]: the anchor `&a` is not allowed; remove it",
        "3:32: trust.anchors[1]: an alias is not allowed; write the value out here",
        "3:44: trust.chain: must be one of verify, issuer_name, unsafe_none, not the string 'x'",
        (
            "5:1: y: unknown key; known here are version, listen, workers, shutdown, sources, trust, identity, "
            "revocation, pins, token_binding, policies, unsafe_path_parameters, cache, headers, deny, "
            "decision_log, log"
        ),
        "5:4: y: the tag `!t` is not allowed; remove it",
    ]


@pytest.mark.parametrize("text", ["[]", "5", "a", "null"])
def test_the_whole_file_is_a_mapping(site: Site, text: str) -> None:
    (problem,) = site.problems_of(site.write("config.yaml", text))
    assert problem.startswith("1:1: must be a mapping, not ")


def test_unreadable_yaml_is_one_problem(site: Site) -> None:
    (problem,) = site.problems(policies="policies: [")
    assert problem.startswith("5:1: this is not valid YAML: ")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.yaml", "the configuration file does not exist"),
        ("pki", "the configuration file is a directory; name one file"),
        ("large.yaml", "the configuration file is larger than 1048576 bytes, the most that is read"),
    ],
)
def test_configuration_that_cannot_be_read_is_a_problem_without_a_place(site: Site, name: str, message: str) -> None:
    site.write("large.yaml", "#" * (1 << 20) + "\n")
    path = site.directory / name
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {message}"


def test_json_is_loaded(site: Site) -> None:
    text = (
        '{"version": 1, "sources": [{"type": "envoy_peer"}], "trust": {"anchors": ["pki/root.pem"]},\n'
        '\t"policies": [{"name": "a", "when": {}, "require": {}}]}'
    )
    assert load(site.write("config.json", text)).config.policies[0].name == "a"


def test_relative_names_start_at_the_file_wherever_the_process_is(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = site.write_config()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    loaded = load(Path(os.path.relpath(path)))
    assert loaded.directory.samefile(site.directory)
    assert all(one.is_absolute() for one in loaded.watched)


def test_everything_named_is_watched_the_file_first(site: Site) -> None:
    loaded = site.load(x="revocation: {crls: [{path: pki/issuing.crl}]}")
    assert loaded.watched == tuple(
        site.directory / name for name in ("config.yaml", "pki/root.pem", "pki/issuing.pem", "pki/issuing.crl")
    )


def test_digest_is_that_of_configuration_and_authorities(site: Site) -> None:
    first = site.load().digest
    assert len(first) == 64
    assert site.load().digest == first
    assert site.load(x="# a comment").digest != first
    site.write("pki/issuing.pem", site.pki.root.pem)
    assert site.load().digest != first


def test_digest_is_the_same_for_other_crls_and_in_another_place(site: Site, tmp_path: Path) -> None:
    revocation = "revocation: {crls: [{path: pki/issuing.crl}]}"
    first = site.load(x=revocation).digest
    site.write("pki/issuing.crl", site.pki.issuing.crl(number=2))
    assert site.load(x=revocation).digest == first
    (tmp_path / "other").mkdir()
    other = Site(tmp_path / "other")
    assert other.load(x=revocation).digest == first


def test_an_anchor_that_becomes_an_intermediate_changes_the_digest(site: Site) -> None:
    text = (
        "version: 1\nsources: [{type: envoy_peer}]\ntrust: {anchors: [a], intermediates: [b]}\n" + SECTIONS["policies"]
    )
    path = site.write("config.yaml", text)
    site.write("a", site.pki.root.pem + site.pki.issuing.pem)
    site.write("b", pki.make_ca("Third").pem)
    first = load(path).digest
    site.write("b", site.pki.issuing.pem + (site.directory / "b").read_bytes())
    site.write("a", site.pki.root.pem)
    assert load(path).digest != first


def test_loading_works_in_several_threads_at_once(site: Site) -> None:
    path = site.write_config()
    bad = site.write("bad.yaml", ASSORTED_MISTAKES)
    found: list[object] = []

    def work() -> None:
        found.append(load(path).digest)
        with pytest.raises(ConfigError) as caught:
            load(bad)
        found.append(len(caught.value.problems))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == sorted([load(path).digest, "9"] * 4)

"""Bootstraps, configuration dumps, files of listeners and secrets: the same validation, wherever it stands."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from extauthz.importing.foreign import UnreadableError
from extauthz.importing.remark import Weight
from support import pki
from support.imported import TLS, envoy_bootstrap, filter_chain, gate, remarks, run_import

ROOT = pki.make_ca("Root")
ALICE = ROOT.issue("alice", uris=["urn:a"])
CONTEXT = {
    "trusted_ca": {"filename": "ca.pem"},
    "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "urn:a"}}],
}
NAMES = {"match_typed_subject_alt_names": CONTEXT["match_typed_subject_alt_names"]}
TYPE = "type.googleapis.com/envoy."
LISTENER = {"@type": f"{TYPE}config.listener.v3.Listener", "name": "l", "filter_chains": [filter_chain(CONTEXT)]}
SECRET = {
    "@type": f"{TYPE}extensions.transport_sockets.tls.v3.Secret",
    "name": "ca",
    "validation_context": CONTEXT,
}
BOOTSTRAP = {"static_resources": {"listeners": [LISTENER]}}


def sds(**common: object) -> dict[str, object]:
    socket = {"name": "tls", "typed_config": {"@type": TLS, "common_tls_context": common}}
    return envoy_bootstrap({"transport_socket": socket})


BY_NAME = sds(validation_context_sds_secret_config={"name": "ca", "sds_config": {"path": "sds.yaml"}})
QUIC = f"{TYPE}extensions.transport_sockets.quic.v3.QuicDownstreamTransport"
COMMON = {"common_tls_context": {"validation_context": CONTEXT}}


def dump(section: str, **content: object) -> dict[str, object]:
    return {"@type": f"{TYPE}admin.v3.{section}ConfigDump", **content}


STATIC = dump("Listeners", static_listeners=[{"listener": LISTENER}])
DYNAMIC = dump("Listeners", dynamic_listeners=[{"name": "l", "active_state": {"listener": LISTENER}}])
INPUTS: dict[str, list[object]] = {
    "bootstrap": [BOOTSTRAP],
    "camel case": [{"staticResources": {"listeners": [{"name": "l", "filterChains": [filter_chain(CONTEXT)]}]}}],
    "listener": [LISTENER],
    "lds": [{"resources": [LISTENER]}],
    "dump, static": [{"configs": [STATIC]}],
    "dump, dynamic": [{"configs": [DYNAMIC]}],
    "dump of one resource": [{"configs": [{"name": "l", "active_state": {"listener": LISTENER}}]}],
    "dump, bootstrap": [{"configs": [dump("Bootstrap", bootstrap=BOOTSTRAP)]}],
    "dump, both": [{"configs": [dump("Bootstrap", bootstrap=BOOTSTRAP), STATIC]}],
    "sds": [BY_NAME, {"resources": [SECRET]}],
    "secret": [BY_NAME, SECRET],
    "static secret": [BY_NAME, {"static_resources": {"secrets": [SECRET]}}],
    "dump, secrets": [
        BY_NAME,
        {"configs": [dump("Secrets", dynamic_active_secrets=[{"name": "ca", "secret": SECRET}])]},
    ],
    "dump, static secrets": [
        BY_NAME,
        {"configs": [dump("Secrets", static_secrets=[{"name": "ca", "secret": SECRET}])]},
    ],
    "combined": [
        sds(
            combined_validation_context={
                "default_validation_context": NAMES,
                "validation_context_sds_secret_config": {"name": "ca"},
            }
        ),
        {**SECRET, "validation_context": {"trusted_ca": {"filename": "ca.pem"}}},
    ],
    "quic": [
        envoy_bootstrap(
            {"transport_socket": {"name": "quic", "typed_config": {"@type": QUIC, "downstream_tls_context": COMMON}}}
        )
    ],
    "v2": [envoy_bootstrap({"tls_context": COMMON})],
}


@pytest.mark.parametrize("inputs", INPUTS.values(), ids=INPUTS.keys())
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_the_validation_is_found(inputs: list[object], form: str, tmp_path: Path) -> None:
    texts = [json.dumps(one) if form == "json" else _yaml(tmp_path, one) for one in inputs]
    result = run_import("envoy", *texts)
    assert result.is_complete
    assert len(result.config.policies) == 1
    made = gate(tmp_path, result, {"ca.pem": ROOT.pem})
    assert made.allows(ALICE)
    assert made.reason(ROOT.issue("bob")) == "san_not_allowed"


def test_documents_of_one_file_belong_together(tmp_path: Path) -> None:
    text = "---\n".join(_yaml(tmp_path, one) for one in INPUTS["sds"])
    assert run_import("envoy", text).is_complete


def test_lists_of_both_contexts_count_and_the_later_value_wins(tmp_path: Path) -> None:
    combined = {
        "default_validation_context": {
            "trusted_ca": {"filename": "default.pem"},
            "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "urn:b"}}],
        },
        "validation_context_sds_secret_config": {"name": "ca"},
    }
    made = gate(
        tmp_path,
        run_import("envoy", json.dumps(sds(combined_validation_context=combined)), json.dumps(SECRET)),
        {"ca.pem": ROOT.pem},
    )
    assert made.allows(ALICE)
    assert made.allows(ROOT.issue("bob", uris=["urn:b"]))


@pytest.mark.parametrize(
    ("common", "why"),
    [
        ({"validation_context_sds_secret_config": {"name": "elsewhere"}}, "the secret 'elsewhere' comes by SDS"),
        ({"combined_validation_context": {"validation_context_sds_secret_config": {"name": "x"}}}, "comes by SDS"),
        ({"validation_context_certificate_provider_instance": {}, "validation_context": CONTEXT}, "looked into"),
        ({"validationContextCertificateProvider": {"name": "x"}}, "looked into"),
    ],
)
def test_a_validation_that_cannot_be_seen_denies(common: dict[str, object], why: str, tmp_path: Path) -> None:
    result = run_import("envoy", json.dumps(sds(**common)))
    assert [why in one.message for one in remarks(result, Weight.DENIED)] == [True]
    files = dict.fromkeys(result.config.anchors, ROOT.pem)
    made = gate(tmp_path, result, files)
    assert not made.allows(ALICE)
    assert not made.allows(None)


@pytest.mark.parametrize(
    "socket",
    [
        {"name": "envoy.transport_sockets.starttls", "typed_config": {"@type": "type.googleapis.com/x.StartTlsConfig"}},
        {"name": "unknown"},
    ],
)
def test_an_unknown_transport_socket_denies(socket: Mapping[str, object], tmp_path: Path) -> None:
    result = run_import("envoy", json.dumps(envoy_bootstrap({"transport_socket": socket})))
    assert ["is none that is known here" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    assert not gate(tmp_path, result, {"public-ca.pem": ROOT.pem}).allows(ALICE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "there is no listener in input-0"),
        ("a: 1\n---\nb: 2\n", "there is no listener in input-0"),
        ("", "the input is empty"),
        (json.dumps(envoy_bootstrap(filter_chain(None))), "nothing to import"),
        (
            json.dumps(
                envoy_bootstrap({"transport_socket": {"name": "raw", "typed_config": {"@type": "x.RawBuffer"}}})
            ),
            "nothing to import",
        ),
    ],
)
def test_an_input_that_asks_for_nothing_is_refused(text: str, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        run_import("envoy", text)


def test_remarks_name_line_and_path_in_yaml_and_the_path_in_json(tmp_path: Path) -> None:
    context = {**CONTEXT, "allow_expired_certificate": True}
    made = envoy_bootstrap(filter_chain(context))
    path = (
        "static_resources.listeners[0].filter_chains[0].transport_socket.typed_config.common_tls_context."
        "validation_context.allow_expired_certificate"
    )
    text = _yaml(tmp_path, made)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "allow_expired" in one)
    (remark,) = run_import("envoy", text).remarks
    assert remark.place.startswith(f"input-0:{line}:")
    assert remark.place.endswith(f": {path}")
    (remark,) = run_import("envoy", json.dumps(made)).remarks
    assert remark.place == f"input-0: {path}"


def _yaml(directory: Path, value: object) -> str:
    path = directory / "dumped.yaml"
    yaml = YAML()
    yaml.width = 1 << 16
    yaml.dump(json.loads(json.dumps(value)), path)
    return path.read_text()

"""Imports of anything at all: a configuration that loads, or one sentence; never another exception."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from extauthz.config.schema.config import Config
from extauthz.config.yaml_document import read_document
from extauthz.importing.envoy import import_envoy
from extauthz.importing.foreign import UnreadableError, read_foreign
from extauthz.importing.ingress_nginx import import_ingress_nginx
from extauthz.importing.written_text import configuration_text
from support.imported import TLS, filter_chain

TEXTS = st.sampled_from(
    ["", "a", "a.example", "*.example", "on", "true", "\n", "\x00", "\ud800", "re:(", "x" * 300, "ns/name", "\u202e"]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)


def values(keys: list[str]) -> st.SearchStrategy[object]:
    """Return any JSON whose keys are these."""
    return st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(keys), inner, max_size=4)),
        max_leaves=12,
    )


CONTEXT_KEYS = [
    "trusted_ca", "filename", "inline_string", "inline_bytes", "crl", "match_typed_subject_alt_names", "san_type",
    "matcher", "exact", "prefix", "safe_regex", "regex", "ignore_case", "oid", "verify_certificate_hash",
    "verify_certificate_spki", "verify_subject_alt_name", "match_subject_alt_names", "trust_chain_verification",
    "max_verify_depth", "allow_expired_certificate", "only_verify_leaf_cert_crl", "environment_variable", "other",
]  # fmt: skip
LISTENER_KEYS = [
    "listeners", "filter_chains", "filter_chain_match", "server_names", "transport_socket", "typed_config", "name",
    "common_tls_context", "combined_validation_context", "default_validation_context", "validation_context",
    "validation_context_sds_secret_config", "default_filter_chain", "@type", "destination_port", "secrets",
]  # fmt: skip
INGRESS_KEYS = [
    "kind", "metadata", "spec", "rules", "host", "http", "paths", "path", "pathType", "annotations", "namespace",
    "name", "defaultBackend", "items", "data", "ca.crt", "ca.crl",
]  # fmt: skip
ANNOTATIONS = [
    "auth-tls-secret", "auth-tls-verify-client", "auth-tls-verify-depth", "auth-tls-match-cn", "auth-url", "canary",
    "server-alias", "use-regex", "auth-tls-error-page", "auth-response-headers", "satisfy",
]  # fmt: skip


def loads(text: str) -> None:
    document, mistakes = read_document(text.encode())
    assert document is not None
    assert mistakes == ()
    Config.model_validate(document.value)


@given(st.lists(TEXTS, min_size=4, max_size=4), st.sampled_from(["exact", "prefix", "contains", "safe_regex"]))
def test_any_text_in_its_place_is_imported(texts: list[str], kind: str) -> None:
    name, path, text, server_name = texts
    context = {
        "trusted_ca": {"filename": path},
        "crl": {"filename": path},
        "match_typed_subject_alt_names": [
            {"san_type": san_type, "matcher": {kind: {"regex": text} if kind == "safe_regex" else text}}
            for san_type in ("URI", "DNS", "EMAIL", "IP_ADDRESS")
        ],
        "verify_certificate_hash": [text],
    }
    listeners = [
        {"name": name, "filter_chains": [filter_chain(context, server_name)]},
        {"name": f"{name}2", "filter_chains": [filter_chain({"trusted_ca": {"filename": path}})]},
    ]
    made = import_envoy(read_foreign(json.dumps({"static_resources": {"listeners": listeners}}).encode(), "f"))
    assert made.config.policies
    loads(configuration_text(made.config))


@given(values(CONTEXT_KEYS), values(LISTENER_KEYS), st.lists(TEXTS, max_size=2))
@settings(max_examples=300)
def test_any_envoy_configuration_is_imported_or_refused(context: object, other: object, names: list[str]) -> None:
    chains = [filter_chain({"a": 1}, *names), filter_chain({"trusted_ca": {"filename": "ca.pem"}}), other]
    chains[0]["transport_socket"] = {  # type: ignore[index]
        "typed_config": {"@type": TLS, "common_tls_context": {"validation_context": context}}
    }
    text = json.dumps({"static_resources": {"listeners": [{"filter_chains": chains}, other], "secrets": other}})
    loads(configuration_text(import_envoy(read_foreign(text.encode(), "f")).config))


@given(st.dictionaries(st.sampled_from(ANNOTATIONS), SCALARS), values(INGRESS_KEYS), TEXTS, values(INGRESS_KEYS))
@settings(max_examples=300)
def test_any_ingress_is_imported_or_refused(
    annotations: dict[str, object], paths: object, host: str, other: object
) -> None:
    annotations = {"auth-tls-secret": "ns/name", **annotations}
    prefixed = {f"nginx.ingress.kubernetes.io/{key}": value for key, value in annotations.items()}
    rules = [{"host": host, "http": {"paths": paths}}, other]
    ingress = {"kind": "Ingress", "metadata": {"annotations": prefixed}, "spec": {"rules": rules}}
    text = json.dumps({"kind": "List", "items": [ingress, other, {"kind": "Secret", "data": other}]})
    try:
        made = import_ingress_nginx(read_foreign(text.encode(), "f"))
    except UnreadableError:
        return
    loads(configuration_text(made.config))


@given(values([*LISTENER_KEYS, *CONTEXT_KEYS, *INGRESS_KEYS, "static_resources", "configs", "resources"]))
@settings(max_examples=300)
def test_any_document_is_imported_or_refused(value: object) -> None:
    for run in (import_envoy, import_ingress_nginx):
        with contextlib.suppress(UnreadableError):
            loads(configuration_text(run(read_foreign(json.dumps(value).encode(), "f")).config))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        assert all(node.place.startswith("f:") for node in read_foreign(content, "f"))

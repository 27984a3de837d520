"""The forms in which Envoy's resources arrive."""

import json
from pathlib import Path

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from support.config_site import Site
from support.doctor import Json, codes, findings, write
from support.doctor_envoy import CONTEXT, Parts, fine
from support.envoy_bootstrap import per_route
from support.envoy_json import TYPE

DUMP = "type.googleapis.com/envoy.admin.v3."


def found_in(site: Site, tmp_path: Path, whole: object, sections: dict[str, str] | None = None) -> list[Code]:
    path = write(tmp_path / "envoy.json", json.dumps(whole))
    return codes(findings(site, Given(envoy=path), sections))


def dump(parts: Parts, **more: Json) -> Json:
    """Return a dump in which everything came from a control plane."""
    static = parts.bootstrap["static_resources"]
    return {
        "configs": [
            {"@type": f"{DUMP}BootstrapConfigDump", "bootstrap": {}},
            {
                "@type": f"{DUMP}ListenersConfigDump",
                "dynamic_listeners": [{"active_state": {"listener": one}} for one in static["listeners"]],
            },
            {
                "@type": f"{DUMP}ClustersConfigDump",
                "dynamic_active_clusters": [{"cluster": one} for one in static["clusters"]],
            },
            *({"@type": DUMP + name, **section} for name, section in more.items()),
        ]
    }


@pytest.fixture
def parts() -> Parts:
    return fine(Path("pki"))


def test_resources_of_a_control_plane_are_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    assert found_in(site, tmp_path, dump(parts)) == []
    parts.authorizer["failure_mode_allow"] = True
    assert found_in(site, tmp_path, dump(parts)) == [Code.ENVOY_FAILURE_MODE_ALLOW]


def test_a_listener_that_warms_up_is_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    parts.authorizer["failure_mode_allow"] = True
    text = json.dumps(dump(parts)).replace("active_state", "warming_state")
    assert found_in(site, tmp_path, json.loads(text)) == [Code.ENVOY_FAILURE_MODE_ALLOW]


def test_routes_of_a_control_plane_are_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    routes = parts.manager.pop("route_config")
    parts.manager["rds"] = {"route_config_name": "all"}
    routes["virtual_hosts"][0]["routes"][0]["typed_per_filter_config"] = per_route(disabled=True)
    whole = dump(parts, RoutesConfigDump={"dynamic_route_configs": [{"route_config": {**routes, "name": "all"}}]})
    assert found_in(site, tmp_path, whole) == [Code.ENVOY_ROUTE_DISABLED]


def test_no_more_is_said_about_routes_than_that_they_are_not_there(site: Site, tmp_path: Path, parts: Parts) -> None:
    parts.manager.pop("route_config")
    parts.manager["rds"] = {"route_config_name": "all"}
    assert found_in(site, tmp_path, dump(parts), CONTEXT) == [Code.ENVOY_NOT_IN_FILE]


def test_filters_of_a_control_plane_are_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    one = parts.filters[0]
    one["typed_config"]["failure_mode_allow"] = True
    parts.filters[0] = {"name": one["name"], "config_discovery": {"config_source": {"ads": {}}}}
    whole = dump(parts, EcdsConfigDump={"ecds_filters": [{"ecds_filter": one}]})
    assert found_in(site, tmp_path, whole) == [Code.ENVOY_FAILURE_MODE_ALLOW]


def test_a_configuration_that_travels_as_plain_json_is_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    config = parts.authorizer
    value = {key: one for key, one in config.items() if key != "@type"}
    parts.filters[0]["typed_config"] = {
        "@type": "type.googleapis.com/xds.type.v3.TypedStruct",
        "type_url": config["@type"],
        "value": {**value, "failure_mode_allow": True},
    }
    assert found_in(site, tmp_path, parts.bootstrap) == [Code.ENVOY_FAILURE_MODE_ALLOW]


def test_the_tls_of_quic_is_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    tls = parts.tls
    parts.chain["transport_socket"]["typed_config"] = {
        "@type": f"{TYPE}extensions.transport_sockets.quic.v3.QuicDownstreamTransport",
        "downstream_tls_context": tls,
    }
    assert found_in(site, tmp_path, parts.bootstrap) == []


@pytest.mark.parametrize("setting", ["combined_validation_context", "validation_context_sds_secret_config"])
def test_a_validation_context_from_elsewhere_counts(site: Site, tmp_path: Path, parts: Parts, setting: str) -> None:
    parts.common_tls[setting] = {"default_validation_context": parts.common_tls.pop("validation_context")}
    assert found_in(site, tmp_path, parts.bootstrap) == []


def test_the_default_chain_is_examined_too(site: Site, tmp_path: Path, parts: Parts) -> None:
    listener = parts.listeners[0]
    parts.authorizer["failure_mode_allow"] = True
    (listener["default_filter_chain"],) = listener.pop("filter_chains")
    assert found_in(site, tmp_path, parts.bootstrap) == [Code.ENVOY_FAILURE_MODE_ALLOW]


def test_numbers_instead_of_names_are_read(site: Site, tmp_path: Path, parts: Parts) -> None:
    parts.manager["forward_client_cert_details"] = 4
    assert found_in(site, tmp_path, parts.bootstrap) == [Code.ENVOY_XFCC_ALWAYS_FORWARDED]
    parts.manager["forward_client_cert_details"] = 3
    assert found_in(site, tmp_path, parts.bootstrap) == []


def test_an_expression_that_is_none_matches_nothing(site: Site, tmp_path: Path, parts: Parts) -> None:
    parts.authorizer["disallowed_headers"] = {"patterns": [{"safe_regex": {"regex": "("}}]}
    assert found_in(site, tmp_path, parts.bootstrap) == []


def test_an_authorizer_that_is_no_cluster_of_envoys_needs_none(site: Site, tmp_path: Path, parts: Parts) -> None:
    parts.authorizer["grpc_service"].pop("envoy_grpc")
    parts.authorizer["grpc_service"]["google_grpc"] = {"target_uri": "127.0.0.1:9191", "stat_prefix": "x"}
    assert found_in(site, tmp_path, parts.bootstrap) == []


@pytest.mark.parametrize(
    ("whole", "why"),
    [
        ({"a": 1}, "is no Envoy configuration"),
        ([], "is no Envoy configuration"),
        ({"configs": [{"@type": f"{DUMP}ClustersConfigDump"}]}, "has no listeners"),
    ],
)
def test_what_is_no_configuration_is_refused(site: Site, tmp_path: Path, whole: object, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        found_in(site, tmp_path, whole)

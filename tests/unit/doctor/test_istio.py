import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from support.config_site import Site
from support.doctor import Case, check, codes, findings, uncovered, write
from support.doctor_istio import (
    BOTH,
    CONTEXT,
    HTTP,
    LAST,
    NAMES_ONLY,
    PATHS,
    PEER,
    SECOND,
    SNI,
    SOME,
    XFCC,
    Files,
    annotated,
    another_policy,
    case,
    cluster_tls,
    frontend,
    http_provider,
    labels,
    over_http,
    per_port,
    rules,
    targets,
    to_some,
    tried_out,
    without_authorizer,
)
from support.doctor_istio_gateways import GATEWAYS, by_reference
from support.doctor_istio_sidecars import GATEWAYS_OWN, SIDECARS, letting_in

CASES: Final[dict[str, Case]] = {
    "no rules": case(lambda it: it.policy["spec"].pop("rules"), Code.ISTIO_POLICY_WITHOUT_RULES, text="[1].spec.rules"),
    "a list of no rules": case(rules, Code.ISTIO_POLICY_WITHOUT_RULES),
    "a rule that is none": case(lambda it: rules(it, None), Code.ISTIO_POLICY_WITHOUT_RULES),
    "a rule for some hosts": case(
        lambda it: rules(it, to_some(hosts=["a.example"], paths=["/*"])),
        Code.ISTIO_POLICY_PARTIAL,
        text="(limited by hosts)",
    ),
    "a rule for the same host with ports": case(
        lambda it: rules(it, to_some(hosts=["a.example", "a.example:*"])),
        Code.ISTIO_POLICY_PARTIAL,
        text="(limited by hosts)",
    ),
    "a rule for some paths": case(
        lambda it: rules(it, to_some(notPaths=["/healthz"])), Code.ISTIO_POLICY_PARTIAL, text="(limited by notPaths)"
    ),
    "rules for some methods": case(
        lambda it: rules(it, to_some(methods=["GET"]), to_some(methods=["PUT"])), Code.ISTIO_POLICY_PARTIAL
    ),
    "a rule for some sources": case(lambda it: rules(it, SOME), Code.ISTIO_POLICY_PARTIAL, text="notIpBlocks"),
    "a rule with a condition": case(
        lambda it: rules(it, {"when": [{"key": "request.headers[a]", "values": ["b"]}]}),
        Code.ISTIO_POLICY_PARTIAL,
        text="request.headers[a]",
    ),
    "a rule for every path": case(lambda it: rules(it, to_some(paths=["/*"]))),
    "a rule for every host and method": case(lambda it: rules(it, to_some(hosts=["*"], methods=["a", "*"]))),
    "a rule for this or everything": case(
        lambda it: rules(it, {"to": [{"operation": {"hosts": ["a"]}}, {"operation": {"paths": ["*"]}}]})
    ),
    "a rule for some and one for everything": case(lambda it: rules(it, SOME, {})),
    "a rule for some beside a policy for everything": case(another_policy),
    "a rule for some beside a policy for every workload": case(
        lambda it: another_policy(it, selector={}), Code.ISTIO_POLICY_NOT_ON_GATEWAY
    ),
    "a rule for some beside a policy for another workload": case(
        lambda it: another_policy(it, selector={"matchLabels": {"app": "istio-ingressgateway"}}),
        Code.ISTIO_POLICY_PARTIAL,
    ),
    "a rule for some beside a policy in another namespace": case(
        lambda it: another_policy(it, namespace="other"), Code.ISTIO_POLICY_PARTIAL
    ),
    "a rule for some beside a policy that is tried out": case(
        lambda it: another_policy(it, tried=True),
        Code.ISTIO_POLICY_DRY_RUN,
        Code.ISTIO_POLICY_PARTIAL,
    ),
    "tried out": case(lambda it: tried_out(it.policy), Code.ISTIO_POLICY_DRY_RUN, text="annotations"),
    "not tried out": case(lambda it: tried_out(it.policy, "false")),
    "fails open": case(lambda it: it.provider.update(failOpen=True), Code.ISTIO_FAIL_OPEN),
    "fails open in other words": case(lambda it: it.provider.update(failOpen="yes"), Code.ISTIO_FAIL_OPEN),
    "no timeout": case(lambda it: it.provider.pop("timeout"), Code.ISTIO_TIMEOUT_UNSET),
    "timeout of 5 s": case(lambda it: it.provider.update(timeout="5s")),
    "timeout of more than 5 s": case(lambda it: it.provider.update(timeout="5.1s"), Code.ISTIO_TIMEOUT_TOO_LARGE),
    "no status on error": case(lambda it: it.provider.pop("statusOnError"), Code.ISTIO_STATUS_ON_ERROR_HIDES),
    "status on error as of a denial": case(
        lambda it: it.provider.update(statusOnError="403"), Code.ISTIO_STATUS_ON_ERROR_HIDES
    ),
    "another status on error": case(lambda it: it.provider.update(statusOnError="500")),
    "route cache cleared": case(lambda it: it.provider.update(clearRouteCache=True), Code.ISTIO_ROUTE_CACHE_CLEARED),
    "over HTTP": case(lambda it: over_http(it, copied=["X-Client-Cert-*"]), Code.ISTIO_HTTP_PROVIDER, sections=HTTP),
    "over HTTP without the certificate": case(
        lambda it: over_http(it, sent=False, copied=["*"]),
        Code.ISTIO_HTTP_PROVIDER,
        sections=HTTP,
        text="does not send x-forwarded-client-cert",
    ),
    "over HTTP without an identity header": case(
        lambda it: over_http(it, copied=["*-subject"]),
        Code.ISTIO_HTTP_PROVIDER,
        Code.ISTIO_IDENTITY_NOT_COPIED,
        sections=HTTP,
        text="(x-client-cert-cn)",
    ),
    "over HTTP without a listener": case(
        lambda it: over_http(it, copied=["x-client-cert-subject", "x-client-cert-cn"]),
        Code.CONFIG_HTTP_NOT_LISTENING,
        Code.ISTIO_HTTP_PROVIDER,
    ),
    "over gRPC without a listener": case(lambda _it: None, Code.CONFIG_GRPC_NOT_LISTENING, sections=HTTP),
    "peer certificate read": case(lambda _it: None, Code.ISTIO_PEER_NEVER_SENT, sections=PEER),
    "peer certificate read beside XFCC": case(lambda _it: None, sections=BOTH),
    "server name matched on": case(lambda _it: None, Code.ISTIO_CONDITION_NEVER_SENT, sections=SNI),
    "context matched on": case(lambda _it: None, Code.ISTIO_CONDITION_NEVER_SENT, sections=CONTEXT),
    "paths matched on": case(lambda _it: None, sections=PATHS),
    "provider unknown": case(
        lambda it: it.policy["spec"]["provider"].update(name="other"),
        Code.ISTIO_PROVIDER_UNKNOWN,
        Code.ISTIO_PROVIDER_UNUSED,
        text="(other)",
    ),
    "provider of a mesh that is not given": case(lambda it: setattr(it, "mesh", None), Code.ISTIO_DOES_NOT_ASK),
    "provider that is no authorizer": case(without_authorizer, Code.ISTIO_DOES_NOT_ASK),
    "provider that no policy leaves the decision to": case(
        lambda it: it.policy["spec"].update(action="ALLOW"), Code.ISTIO_POLICY_MISSING, text="envoyExtAuthzGrpc"
    ),
    "policies not given": case(lambda it: setattr(it, "policy", None), Code.ISTIO_POLICY_MISSING, text="(extauthz)"),
    "provider unused beside another": case(
        lambda it: it.mesh["extensionProviders"].append({"name": "b", "envoyExtAuthzGrpc": it.provider}),
        Code.ISTIO_PROVIDER_UNUSED,
        text="(b)",
    ),
    "another port": case(
        lambda it: it.provider.update(port=9192),
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        text="asks extauthz.extauthz.svc.cluster.local:9192, and this is 127.0.0.1:9191)",
    ),
    "a port that is none": case(lambda it: it.provider.update(port="grpc")),
    "over HTTP at the port of gRPC": case(
        lambda it: (over_http(it, copied=["x-client-cert-*"]), http_provider(it).update(port=9191)),
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        Code.ISTIO_HTTP_PROVIDER,
        sections={**HTTP, **XFCC},
        text="; 9191 is the port of listen.grpc)",
    ),
    "on every workload": case(lambda it: it.policy["spec"].pop("selector"), Code.ISTIO_POLICY_NOT_ON_GATEWAY),
    "on a workload whose gateway is read": case(
        lambda it: labels(it, app="shop").more.append(letting_in(GATEWAYS_OWN)), sections=SECOND
    ),
    "on another workload": case(
        lambda it: labels(it, app="shop"), Code.ISTIO_GATEWAY_OPEN, Code.ISTIO_POLICY_NOT_ON_GATEWAY
    ),
    "on a workload that calls itself a gateway": case(lambda it: labels(it, gateway=False, app="my-gateway")),
    "on a workload of an unknown gateway": case(
        lambda it: labels(it, gateway=False, app="shop"), Code.ISTIO_POLICY_NOT_ON_GATEWAY
    ),
    "on a gateway by reference": case(by_reference),
    "on a service by reference": case(
        lambda it: targets(it, "Service"),
        Code.ISTIO_GATEWAY_OPEN,
        Code.ISTIO_POLICY_NOT_ON_GATEWAY,
        text="on a Service",
    ),
    "always forwarded": case(
        lambda it: it.topology.update(forwardClientCertDetails="ALWAYS_FORWARD_ONLY"), Code.ISTIO_XFCC_FORWARDED
    ),
    "forwarded": case(
        lambda it: it.topology.update(forwardClientCertDetails="FORWARD_ONLY"), Code.ISTIO_XFCC_FORWARDED
    ),
    "forwarded by a workload": case(lambda it: annotated(it, "FORWARD_ONLY"), Code.ISTIO_XFCC_FORWARDED),
    "set by a workload": case(lambda it: annotated(it, "SANITIZE_SET")),
    "appended": case(
        lambda it: it.topology.update(forwardClientCertDetails="APPEND_FORWARD"), Code.ISTIO_XFCC_APPENDED
    ),
    "appended and the last read": case(
        lambda it: it.topology.update(forwardClientCertDetails="APPEND_FORWARD"), sections=LAST
    ),
    "sanitized": case(lambda it: it.topology.update(forwardClientCertDetails="SANITIZE"), Code.ISTIO_XFCC_SANITIZED),
    "the gateway's default": case(lambda it: it.mesh.pop("defaultConfig")),
    "certificate not requested": case(
        lambda it: it.gateway["spec"]["servers"][0]["tls"].update(mode="SIMPLE"),
        Code.ISTIO_CERTIFICATE_NOT_REQUESTED,
    ),
    "certificate optional": case(lambda it: it.gateway["spec"]["servers"][0]["tls"].update(mode="OPTIONAL_MUTUAL")),
    "certificate not requested by a cluster gateway": case(cluster_tls, Code.ISTIO_CERTIFICATE_NOT_REQUESTED),
    "certificate requested by a listener": case(
        lambda it: cluster_tls(it, frontendValidation={"caCertificateRefs": [{}]})
    ),
    "certificate requested by all": case(frontend),
    "certificate requested by port": case(lambda it: per_port(it, 443)),
    "certificate requested by another port": case(lambda it: per_port(it, 8443), Code.ISTIO_CERTIFICATE_NOT_REQUESTED),
    "passed through": case(lambda it: it.listener["tls"].update(mode="Passthrough", options={})),
    "untrusted accepted": case(
        lambda it: frontend(it, "AllowInsecureFallback"),
        Code.CONFIG_CHAIN_NOT_VERIFIED,
        Code.ISTIO_UNTRUSTED_ACCEPTED,
        sections=NAMES_ONLY,
    ),
    "untrusted accepted by port": case(
        lambda it: per_port(it, 443, "AllowInsecureFallback"),
        Code.CONFIG_CHAIN_NOT_VERIFIED,
        Code.ISTIO_UNTRUSTED_ACCEPTED,
        sections=NAMES_ONLY,
    ),
    "untrusted accepted and verified here": case(lambda it: frontend(it, "AllowInsecureFallback")),
}


ALL: Final = {**CASES, **GATEWAYS, **SIDECARS}


def test_every_code_is_found_by_some_case() -> None:
    assert uncovered(ALL.values(), "istio_") == set()


def test_nothing_is_found_in_a_good_one(site: Site, tmp_path: Path) -> None:
    assert findings(site, Given(istio=[write(tmp_path / "mesh.yaml", Files().text())]), XFCC) == []


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_a_change_is_found_or_is_a_near_miss(site: Site, tmp_path: Path, one: Case) -> None:
    files = Files()
    one.change(files)
    check(site, one, Given(istio=[write(tmp_path / "mesh.yaml", files.text())]))


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda mesh: {"kind": "ConfigMap", "data": {"mesh": json.dumps(mesh)}},
        lambda mesh: {"kind": "IstioOperator", "spec": {"meshConfig": mesh}},
        lambda mesh: {"meshConfig": mesh},
        lambda mesh: {"kind": "List", "items": [{"kind": "IstioOperator", "spec": {"meshConfig": mesh}}]},
    ],
    ids=["ConfigMap", "IstioOperator", "values", "List"],
)
def test_a_mesh_is_found_wherever_it_stands(site: Site, tmp_path: Path, wrapped: Callable[[object], object]) -> None:
    files = Files()
    files.provider["failOpen"] = True
    path = write(tmp_path / "mesh.yaml", json.dumps(wrapped(files.mesh)))
    policy = write(tmp_path / "policy.yaml", json.dumps(files.policy))
    (found,) = findings(site, Given(istio=[path, policy]), XFCC)
    assert found.code == Code.ISTIO_FAIL_OPEN
    assert found.path.endswith("extensionProviders[0].envoyExtAuthzGrpc.failOpen")


def test_files_are_read_together(site: Site, tmp_path: Path) -> None:
    files = Files()
    files.policy["spec"]["provider"]["name"] = "other"
    mesh = write(tmp_path / "mesh.yaml", json.dumps(files.mesh))
    policy = write(tmp_path / "policy.yaml", json.dumps(files.policy))
    found = findings(site, Given(istio=[mesh, policy]), XFCC)
    assert codes(found) == [Code.ISTIO_PROVIDER_UNKNOWN, Code.ISTIO_PROVIDER_UNUSED]
    assert {one.file for one in found} == {str(mesh), str(policy)}


@pytest.mark.parametrize("text", ["kind: Service", "kind: ConfigMap", "{kind: ConfigMap, data: {mesh: 'a: 1'}}", "---"])
def test_a_file_that_is_none_of_istios_is_refused(site: Site, tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "a.yaml", text)
    with pytest.raises(UnreadableError, match="has nothing to examine"):
        findings(site, Given(istio=[path]), XFCC)

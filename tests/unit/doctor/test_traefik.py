import json
from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from support.config_site import Site
from support.doctor import Case, check, codes, findings, uncovered, write
from support.doctor_traefik import HTTP, OTHER, ask, case, client_auth, entry, fine, router, with_strip
from support.doctor_traefik_ways import WAYS

NAMES_ONLY: Final = {**HTTP, "trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}"}
TOML: Final = """\
[http.middlewares.cert.passTLSClientCert]
pem = true
[http.middlewares.ask.forwardAuth]
address = "http://127.0.0.1:9192/check"
authResponseHeaders = ["X-Client-Cert-Subject", "X-Client-Cert-Cn"]
authResponseHeadersRegex = "^X_client_cert_"
[http.routers.app]
rule = "PathPrefix(`/`)"
service = "app"
middlewares = ["cert", "ask", "clear"]
tls = {}
[http.middlewares.clear.headers.customRequestHeaders]
Client-Cert = ""
Ssl-Client-Cert = ""
X-Amzn-Mtls-Clientcert = ""
X-Client-Certificate = ""
X-Forwarded-Client-Cert = ""
X-Forwarded-Tls-Client-Cert = ""
X-Ssl-Client-Cert = ""
[tls.options.default.clientAuth]
clientAuthType = "RequestClientCert"
"""
RESOURCES: Final = """\
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: cert, namespace: web}
spec: {passTLSClientCert: {pem: true}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: ask, namespace: web}
spec: {forwardAuth: {address: "http://extauthz:9192/check", authResponseHeaders: [X-Client-Cert-Subject]}}
---
apiVersion: traefik.io/v1alpha1
kind: TLSOption
metadata: {name: mtls, namespace: web}
spec: {clientAuth: {clientAuthType: VerifyClientCertIfGiven}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: app, namespace: web}
spec:
  entryPoints: [websecure]
  routes: [{match: "PathPrefix(`/`)", middlewares: [{name: ask}, {name: cert}], services: [{name: app}]}]
  tls: {options: {name: mtls}}
"""


NAMES: Final = ["forged@file", "cert@file", "ask@file", "spent@file"]
CHAIN: Final = {"chain": {"middlewares": ["cert", "ask"]}}

CASES: Final[dict[str, Case]] = {
    "asks nowhere": case(
        lambda it: router(it).update(middlewares=["cert"]), Code.TRAEFIK_FORWARD_AUTH_MISSING, text="no router"
    ),
    "does not ask everywhere": case(
        lambda it: it["http"]["routers"].update(other=OTHER),
        Code.TRAEFIK_FORWARD_AUTH_MISSING,
        text="http.routers.other.middlewares",
    ),
    "asks at the entry point": case(
        lambda it: (router(it).pop("middlewares"), entry(it).update(http={"middlewares": NAMES}))
    ),
    "asks at another entry point": case(
        lambda it: (
            it["entryPoints"].update(other={"http": {"middlewares": ["cert", "ask"]}}),
            router(it).update(entryPoints=["websecure"], middlewares=[]),
        ),
        Code.TRAEFIK_FORWARD_AUTH_MISSING,
    ),
    "asks in a chain": case(
        lambda it: (
            it["http"]["middlewares"].update(both=CHAIN),
            router(it).update(middlewares=["forged", "both", "spent"]),
        )
    ),
    "asks in a chain of itself": case(
        lambda it: (
            it["http"]["middlewares"].update(both={"chain": {"middlewares": ["both"]}}),
            router(it)["middlewares"].append("both"),
        )
    ),
    "identity header not copied": case(
        lambda it: ask(it)["authResponseHeaders"].pop(), Code.TRAEFIK_IDENTITY_FORGEABLE, text="(x-client-cert-cn)"
    ),
    "identity headers copied by expression": case(
        lambda it: ask(it).update(authResponseHeaders=[], authResponseHeadersRegex="(?i)^x.client.cert.")
    ),
    "identity headers copied by expression in one spelling": case(
        lambda it: ask(it).update(authResponseHeaders=[], authResponseHeadersRegex="(?i)^x-client-cert-"),
        Code.TRAEFIK_UNDERSCORES,
        text="(x_client_cert_subject, x_client_cert_cn)",
    ),
    "identity headers by name alone": case(
        lambda it: ask(it).pop("authResponseHeadersRegex"), Code.TRAEFIK_UNDERSCORES
    ),
    "identity headers in another spelling removed": case(
        lambda it: (
            ask(it).pop("authResponseHeadersRegex"),
            it["http"]["middlewares"]["forged"]["headers"]["customRequestHeaders"].update(
                X_client_cert_subject="", X_Client_Cert_Cn=""
            ),
        )
    ),
    "identity headers missed by expression": case(
        lambda it: ask(it).update(authResponseHeaders=[], authResponseHeadersRegex="^x-client-cert-"),
        Code.TRAEFIK_IDENTITY_FORGEABLE,
    ),
    "expression that is none": case(
        lambda it: ask(it).update(authResponseHeaders=[], authResponseHeadersRegex="("),
        Code.TRAEFIK_IDENTITY_FORGEABLE,
    ),
    "forwarded headers of anyone": case(
        lambda it: entry(it)["forwardedHeaders"].update(insecure=True), Code.TRAEFIK_FORWARDED_HEADERS_INSECURE
    ),
    "forwarded headers of all addresses": case(
        lambda it: entry(it)["forwardedHeaders"]["trustedIPs"].append("::/0"),
        Code.TRAEFIK_FORWARDED_HEADERS_INSECURE,
        text="trustedIPs (::/0)",
    ),
    "forwarded headers of half the addresses": case(
        lambda it: entry(it)["forwardedHeaders"]["trustedIPs"].extend(["0.0.0.0/1", "not an address"]),
        Code.TRAEFIK_FORWARDED_HEADERS_INSECURE,
        text="trustedIPs (0.0.0.0/1)",
    ),
    "forwarded headers of all addresses in halves": case(
        lambda it: entry(it)["forwardedHeaders"]["trustedIPs"].extend(["0.0.0.0/1", "128.0.0.0/1"]),
        Code.TRAEFIK_FORWARDED_HEADERS_INSECURE,
        text="trustedIPs (0.0.0.0/0)",
    ),
    "forwarded headers of all addresses that are somebody's own": case(
        lambda it: entry(it)["forwardedHeaders"]["trustedIPs"].extend(["192.168.0.0/16", "fc00::/7", "10.1.2.3"])
    ),
    "untrusted accepted": case(
        lambda _it: None, Code.CONFIG_CHAIN_NOT_VERIFIED, Code.TRAEFIK_UNTRUSTED_ACCEPTED, sections=NAMES_ONLY
    ),
    "verified there": case(
        lambda it: client_auth(it).update(clientAuthType="RequireAndVerifyClientCert"),
        Code.CONFIG_CHAIN_NOT_VERIFIED,
        sections=NAMES_ONLY,
    ),
    "certificate stripped": case(
        lambda it: ask(it).update(trustForwardHeader=False), Code.TRAEFIK_CERTIFICATE_STRIPPED
    ),
    "nothing said about forwarded headers": case(lambda it: ask(it).pop("trustForwardHeader")),
    "certificate not passed": case(
        lambda it: router(it)["middlewares"].remove("cert"), Code.TRAEFIK_CERTIFICATE_NOT_PASSED
    ),
    "certificate passed without itself": case(
        lambda it: it["http"]["middlewares"]["cert"].update(passTLSClientCert={"info": {}}),
        Code.TRAEFIK_CERTIFICATE_NOT_PASSED,
        text="pem is not true",
    ),
    "certificate passed late": case(
        lambda it: router(it).update(middlewares=["forged", "ask", "cert", "spent"]),
        Code.TRAEFIK_CERTIFICATE_PASSED_LATE,
    ),
    "certificate filtered": case(
        lambda it: ask(it).update(authRequestHeaders=["Accept"]), Code.TRAEFIK_CERTIFICATE_FILTERED
    ),
    "certificate not filtered": case(
        lambda it: ask(it).update(authRequestHeaders=["Accept", "X-Forwarded-Tls-Client-Cert"])
    ),
    "certificate not requested": case(
        lambda it: client_auth(it).update(clientAuthType="NoClientCert"), Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED
    ),
    "no client authentication": case(
        lambda it: it["tls"]["options"]["mtls"].pop("clientAuth"), Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED
    ),
    "no TLS": case(lambda it: router(it).pop("tls"), Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED),
    "TLS of the entry point": case(
        lambda it: (router(it).pop("tls"), entry(it).update(http={"tls": {"options": "mtls@file"}}))
    ),
    "default options": case(lambda it: router(it).update(tls={}), Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED),
    "options of another file": case(lambda it: router(it).update(tls={"options": "elsewhere"})),
    "forged certificates not removed": case(
        lambda it: router(it)["middlewares"].remove("forged"),
        Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE,
        text="(client-cert, ssl-client-cert, x-amzn-mtls-clientcert",
    ),
    "one forged certificate not removed": case(
        lambda it: it["http"]["middlewares"]["forged"]["headers"]["customRequestHeaders"].pop("Client-Cert"),
        Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE,
        text="(client-cert)",
    ),
    "one forged certificate replaced": case(
        lambda it: it["http"]["middlewares"]["forged"]["headers"]["customRequestHeaders"].update({"Client-Cert": "x"}),
        Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE,
    ),
    "certificate not removed after it was asked about": case(
        lambda it: router(it)["middlewares"].remove("spent"),
        Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE,
        text="(x-forwarded-tls-client-cert)",
    ),
    "certificate removed only before": case(
        lambda it: router(it).update(middlewares=["forged", "spent", "cert", "ask"]),
        Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE,
    ),
    "forged certificates removed after": case(
        lambda it: router(it).update(middlewares=["cert", "ask", "spent", "forged"])
    ),
    "headers removed by a middleware that is elsewhere": case(
        lambda it: router(it).update(middlewares=["cert", "ask", "clear@docker"])
    ),
    "headers removed by a middleware that is elsewhere, in a chain": case(
        lambda it: (
            it["http"]["middlewares"].update(both={"chain": {"middlewares": ["clear@docker", "ask"]}}),
            router(it).update(middlewares=["cert", "both"]),
        )
    ),
    "path changed after": case(
        lambda it: with_strip(it, 4),
        Code.TRAEFIK_PATH_CHANGED,
        text="(stripPrefix)",
    ),
    "path changed before": case(lambda it: with_strip(it, 0)),
    "another prefix": case(
        lambda it: ask(it).update(address="http://127.0.0.1:9192/other"),
        Code.TRAEFIK_OTHER_PREFIX,
        text="(/other, not /check)",
    ),
    "no prefix": case(
        lambda it: ask(it).update(address="http://127.0.0.1:9192"), Code.TRAEFIK_OTHER_PREFIX, text="no path"
    ),
    "below the prefix": case(lambda it: ask(it).update(address="http://127.0.0.1:9192/check/traefik?a=b")),
    "another port": case(
        lambda it: ask(it).update(address="http://localhost:9191/check"),
        Code.CONFIG_ASKED_ELSEWHERE,
        text="http.middlewares.ask.forwardAuth.address asks localhost:9191, and this is 127.0.0.1:9192",
    ),
    "a service's name": case(lambda it: ask(it).update(address="http://extauthz.tools:9192/check")),
    "an address that is none": case(lambda it: ask(it).update(address="http://[/check")),
    "another port of a service": case(
        lambda it: ask(it).update(address="http://extauthz.tools:9191/check"),
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        sections={**HTTP, "sources": "sources: [{type: xfcc}]"},
        text="; 9191 is the port of listen.grpc)",
    ),
    "asks nowhere, and has no routers": case(
        lambda it: (it["http"].pop("routers"), it["http"]["middlewares"].pop("ask")), Code.TRAEFIK_DOES_NOT_ASK
    ),
    "asks, and has no routers": case(lambda it: it["http"].pop("routers")),
    "middleware unknown": case(
        lambda it: router(it)["middlewares"].append("gone"), Code.TRAEFIK_MIDDLEWARE_UNKNOWN, text="gone"
    ),
    "middleware of another provider": case(lambda it: router(it)["middlewares"].append("gone@docker")),
    "another listener": case(
        lambda _it: None,
        Code.CONFIG_HTTP_OTHER_DIALECT,
        sections={**HTTP, "listen": HTTP["listen"].replace("traefik", "caddy")},
        text="it is caddy, not traefik",
    ),
}

ALL: Final = {**CASES, **WAYS}


def test_every_code_is_found_by_some_case() -> None:
    assert uncovered(ALL.values(), "traefik_") == set()


def test_nothing_is_found_in_a_good_one(site: Site, tmp_path: Path) -> None:
    path = write(tmp_path / "traefik.yaml", json.dumps(fine()))
    assert findings(site, Given(traefik=[path]), HTTP) == []


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_a_change_is_found_or_is_a_near_miss(site: Site, tmp_path: Path, one: Case) -> None:
    whole = fine()
    one.change(whole)
    check(site, one, Given(traefik=[write(tmp_path / "traefik.yaml", json.dumps(whole))]))


def test_static_and_dynamic_files_are_read_together(site: Site, tmp_path: Path) -> None:
    whole = fine()
    static = write(tmp_path / "static.yaml", json.dumps({"entryPoints": whole.pop("entryPoints")}))
    dynamic = write(tmp_path / "dynamic.yaml", json.dumps(whole).replace("RequireAnyClientCert", "NoClientCert"))
    found = findings(site, Given(traefik=[static, dynamic]), HTTP)
    assert [(one.code, one.file) for one in found] == [(Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED, str(dynamic))]


def test_toml_is_read(site: Site, tmp_path: Path) -> None:
    good = write(tmp_path / "good.toml", TOML)
    assert findings(site, Given(traefik=[good]), HTTP) == []
    bad = write(tmp_path / "bad.toml", TOML.replace(', "X-Client-Cert-Cn"', ""))
    found = findings(site, Given(traefik=[bad]), HTTP)
    assert codes(found) == [Code.TRAEFIK_IDENTITY_FORGEABLE]


def test_resources_of_kubernetes_are_read(site: Site, tmp_path: Path) -> None:
    found = findings(site, Given(traefik=[write(tmp_path / "r.yaml", RESOURCES)]), HTTP)
    assert {one.code: one.path for one in found} == {
        Code.TRAEFIK_IDENTITY_FORGEABLE: "[1].spec.forwardAuth.authResponseHeaders",
        Code.TRAEFIK_UNDERSCORES: "[1].spec.forwardAuth.authResponseHeadersRegex",
        Code.TRAEFIK_CERTIFICATE_PASSED_LATE: "[3].spec.routes[0].middlewares",
        Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE: "[3].spec.routes[0].middlewares",
    }


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.yaml", " \n", "the input is empty"),
        ("a.yaml", "a: 1", "has nothing to examine"),
        ("a.yaml", "a: [", "is not valid YAML"),
        ("a.yaml", "{a: [", "is not valid YAML"),
        ("a.toml", "a = [", "is not valid TOML"),
    ],
)
def test_a_file_that_is_none_of_traefiks_is_refused(site: Site, tmp_path: Path, name: str, text: str, why: str) -> None:
    path = write(tmp_path / name, text)
    with pytest.raises(UnreadableError, match=why) as caught:
        findings(site, Given(traefik=[path]), HTTP)
    assert str(caught.value).startswith(str(path))


BESIDE: Final = """\
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: beside, namespace: %s}
spec:
  routes: [{match: "PathPrefix(`/`)", services: [{name: app, port: %d}]}]
"""
PLAIN: Final = """\
---
apiVersion: traefik.io/v1alpha1
kind: IngressRouteTCP
metadata: {name: plain, namespace: other}
spec:
  routes: [{match: "HostSNI(`*`)", services: [{name: app, namespace: web, port: 80}]}]
"""
PAGE: Final = """\
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: page, namespace: web}
spec: {errors: {status: ["403"], query: /a, service: {name: app, port: 80}}}
"""


@pytest.mark.parametrize(
    ("more", "finds"),
    [
        (BESIDE % ("web", 80), [Code.TRAEFIK_OPEN_BESIDE]),
        (BESIDE % ("web", 81), []),
        (BESIDE % ("other", 80), []),
        (PLAIN, [Code.TRAEFIK_OPEN_BESIDE]),
        (PAGE, [Code.TRAEFIK_ERRORS_OPEN]),
    ],
)
def test_services_of_kubernetes_are_the_same_by_namespace_name_and_port(
    site: Site, tmp_path: Path, more: str, finds: list[Code]
) -> None:
    resources = RESOURCES.replace("services: [{name: app}]", "services: [{name: app, port: 80}]")
    resources = resources.replace("middlewares: [{name: ask}", "middlewares: [{name: page}, {name: ask}")
    found = findings(site, Given(traefik=[write(tmp_path / "r.yaml", resources + more)]), HTTP)
    assert [one for one in codes(found) if one.endswith(("_beside", "_errors_open"))] == finds

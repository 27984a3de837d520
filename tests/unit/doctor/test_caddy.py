import json
from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from support.config_site import Site
from support.doctor import Case, check, findings, uncovered, write
from support.doctor_caddy import (
    HTTP,
    another_server,
    answer,
    apart,
    ask,
    authentication,
    case,
    fine,
    headers,
    inner,
    sent,
    server,
)
from support.doctor_caddy_ways import WAYS
from support.doctor_caddy_written import WRITTEN

NAMES_ONLY: Final = {**HTTP, "trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}"}
CASES: Final[dict[str, Case]] = {
    "asks nowhere": case(
        lambda it: inner(it)[0]["handle"].pop(0), Code.CADDY_FORWARD_AUTH_MISSING, text="no route has it"
    ),
    "asks in the route before": case(apart),
    "asks under a condition": case(
        lambda it: apart(it, match=[{"path": ["/admin/*"]}]), Code.CADDY_FORWARD_AUTH_MISSING
    ),
    "serves something else first": case(
        lambda it: inner(it).insert(0, {"match": [{"path": ["/open"]}], "handle": [{"handler": "reverse_proxy"}]}),
        Code.CADDY_FORWARD_AUTH_MISSING,
        text="routes[0].handle[0]",
    ),
    "asks in a subroute before": case(
        lambda it: inner(it)[0]["handle"].__setitem__(0, {"handler": "subroute", "routes": [{"handle": [ask(it)]}]})
    ),
    "another server with certificates does not ask": case(
        lambda it: another_server(it, asked=True), Code.CADDY_FORWARD_AUTH_MISSING, text="servers.srv1"
    ),
    "another server without certificates does not ask": case(lambda it: another_server(it, asked=False)),
    "certificate not set": case(
        lambda it: sent(it).pop("X-Client-Certificate"), Code.CADDY_CERTIFICATE_FORGEABLE, text="is not set"
    ),
    "certificate of the client": case(
        lambda it: sent(it).update({"X-Client-Certificate": ["{http.request.header.X-Client-Certificate}"]}),
        Code.CADDY_CERTIFICATE_FORGEABLE,
    ),
    "certificate as PEM": case(
        lambda it: sent(it).update({"X-Client-Certificate": ["{http.request.tls.client.certificate_pem}"]}),
        Code.CADDY_CERTIFICATE_NOT_PASSED,
        text="502",
    ),
    "certificate as something else": case(
        lambda it: sent(it).update({"X-Client-Certificate": ["{http.request.tls.client.subject}"]}),
        Code.CADDY_CERTIFICATE_NOT_PASSED,
    ),
    "identity header not removed": case(
        lambda it: answer(it).pop(1), Code.CADDY_IDENTITY_FORGEABLE, text="(x-client-cert-subject)"
    ),
    "identity header removed before": case(
        lambda it: (
            answer(it).pop(1),
            inner(it)[0]["handle"].insert(0, headers(delete=["x-client-cert-*", "x_client_cert_*"])),
        )
    ),
    "identity header removed on the way to the upstream": case(
        lambda it: (
            answer(it).pop(1),
            answer(it).pop(1),
            inner(it)[0]["handle"][1].update(headers={"request": {"delete": ["*-Subject", "*_Subject"]}}),
        ),
        Code.CADDY_IDENTITY_NOT_COPIED,
        text="(x-client-cert-subject)",
    ),
    "another header removed before": case(
        lambda it: (answer(it).pop(1), inner(it)[0]["handle"].insert(0, headers(delete=["x-client-certs-*"]))),
        Code.CADDY_IDENTITY_FORGEABLE,
    ),
    "identity header set to something else": case(
        lambda it: (
            answer(it).pop(1),
            inner(it)[0]["handle"].insert(
                0, headers(delete=["x_client_cert_*"], set={"X-Client-Cert-Subject": ["nobody"]})
            ),
        )
    ),
    "identity headers all removed by a part of their names": case(
        lambda it: (
            answer(it).__delitem__(slice(1, None)),
            inner(it)[0]["handle"].insert(0, headers(delete=["*client-cert*"])),
        ),
        Code.CADDY_IDENTITY_NOT_COPIED,
        Code.CADDY_UNDERSCORES,
        text="x_client_cert_subject, x_client_cert_cn",
    ),
    "untrusted accepted": case(
        lambda _it: None, Code.CONFIG_CHAIN_NOT_VERIFIED, Code.CADDY_UNTRUSTED_ACCEPTED, sections=NAMES_ONLY
    ),
    "verified there": case(
        lambda it: authentication(it).update(mode="require_and_verify"),
        Code.CONFIG_CHAIN_NOT_VERIFIED,
        sections=NAMES_ONLY,
    ),
    "certificate not requested": case(
        lambda it: server(it)["tls_connection_policies"].pop(0), Code.CADDY_CERTIFICATE_NOT_REQUESTED
    ),
    "path not said": case(
        lambda it: sent(it).pop("X-Forwarded-Uri"), Code.CADDY_REQUEST_FORGEABLE, text="(x-forwarded-uri)"
    ),
    "method of the client": case(
        lambda it: sent(it).update({"X-Forwarded-Method": ["{http.request.header.X-Forwarded-Method}"]}),
        Code.CADDY_REQUEST_FORGEABLE,
    ),
    "host of the client": case(
        lambda it: sent(it).update({"X-Forwarded-Host": ["{http.request.header.X-Host}"]}),
        Code.CADDY_REQUEST_FORGEABLE,
        text="(x-forwarded-host)",
    ),
    "host set": case(lambda it: sent(it).update({"X-Forwarded-Host": ["{http.request.host}"]})),
    "everybody trusted": case(
        lambda it: server(it).update(trusted_proxies={"source": "static", "ranges": ["10.0.0.0/8", "::/0"]}),
        Code.CADDY_REQUEST_FORGEABLE,
        text="trusted_proxies ::/0",
    ),
    "everybody trusted by the one that asks": case(
        lambda it: ask(it).update(trusted_proxies=["0.0.0.0/0"]), Code.CADDY_REQUEST_FORGEABLE
    ),
    "some trusted": case(
        lambda it: server(it).update(trusted_proxies={"source": "static", "ranges": ["10.0.0.0/8", "private"]})
    ),
    "everybody trusted where nobody is asked": case(
        lambda it: another_server(it, asked=False, trusted_proxies={"ranges": ["0.0.0.0/0"]})
    ),
    "path changed after": case(
        lambda it: inner(it)[0]["handle"].insert(1, {"handler": "rewrite", "strip_path_prefix": "/api"}),
        Code.CADDY_PATH_CHANGED,
        text="(/api)",
    ),
    "path changed by the upstream": case(
        lambda it: inner(it)[0]["handle"][1].update(rewrite={"uri": "/x"}), Code.CADDY_PATH_CHANGED
    ),
    "path changed before": case(
        lambda it: inner(it)[0]["handle"].insert(0, {"handler": "rewrite", "strip_path_prefix": "/api"})
    ),
    "method changed after": case(lambda it: inner(it)[0]["handle"].insert(1, {"handler": "rewrite", "method": "GET"})),
    "another prefix": case(
        lambda it: ask(it)["rewrite"].update(uri="/other?a=b"), Code.CADDY_OTHER_PREFIX, text="(/other, not /check)"
    ),
    "below the prefix": case(lambda it: ask(it)["rewrite"].update(uri="/check/caddy?a=b")),
    "another port": case(lambda it: ask(it)["upstreams"][0].update(dial="127.0.0.1:9191"), Code.CONFIG_ASKED_ELSEWHERE),
    "a socket": case(lambda it: ask(it)["upstreams"][0].update(dial="unix//run/extauthz.sock")),
    "another port of a service": case(
        lambda it: ask(it)["upstreams"][0].update(dial="tcp/extauthz.tools:80"),
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        text="asks extauthz.tools:80,",
    ),
    "a service's name": case(lambda it: ask(it)["upstreams"][0].update(dial="tcp4/extauthz.tools:9192")),
    "a port in a placeholder": case(lambda it: ask(it)["upstreams"][0].update(dial="127.0.0.1:{env.PORT}")),
    "no listener": case(
        lambda _it: None, Code.CONFIG_HTTP_NOT_LISTENING, sections={"sources": "sources: [{type: xfcc}]"}
    ),
}

ALL: Final = {**CASES, **WAYS, **WRITTEN}


def test_every_code_is_found_by_some_case() -> None:
    assert uncovered(ALL.values(), "caddy_") == set()


def test_nothing_is_found_in_a_good_one(site: Site, tmp_path: Path) -> None:
    path = write(tmp_path / "caddy.json", json.dumps(fine()))
    assert findings(site, Given(caddy=path), HTTP) == []


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_a_change_is_found_or_is_a_near_miss(site: Site, tmp_path: Path, one: Case) -> None:
    whole = fine()
    one.change(whole)
    check(site, one, Given(caddy=write(tmp_path / "caddy.json", json.dumps(whole))))


def test_a_caddyfile_is_refused_with_what_to_do(site: Site, tmp_path: Path) -> None:
    path = write(tmp_path / "Caddyfile", "a.example {\n}\n")
    with pytest.raises(UnreadableError, match=r"caddy adapt --config .*/Caddyfile"):
        findings(site, Given(caddy=path), HTTP)


def test_other_json_is_refused(site: Site, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no HTTP server is in it"):
        findings(site, Given(caddy=write(tmp_path / "c.json", "{}")), HTTP)
    with pytest.raises(UnreadableError, match="the input is empty"):
        findings(site, Given(caddy=write(tmp_path / "c.json", "")), HTTP)

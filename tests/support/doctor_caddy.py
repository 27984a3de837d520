"""A Caddy in which nothing is found, as ``caddy adapt`` prints it, to be changed."""

from collections.abc import Callable
from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json

HTTP: Final = {"sources": "", "listen": "listen: {http: {dialect: caddy, callers: {addresses: [127.0.0.1]}}}"}
NAMES: Final = ("X-Client-Cert-Subject", "X-Client-Cert-Cn")


def copied(name: str) -> list[Json]:
    """Return what ``copy_headers`` of Caddy 2.11 becomes, where another spelling is removed too."""
    placeholder = f"{{http.reverse_proxy.header.{name}}}"
    return [
        {"handle": [{"handler": "headers", "request": {"delete": [name, name.replace("-", "_")]}}]},
        {
            "handle": [{"handler": "headers", "request": {"set": {name: [placeholder]}}}],
            "match": [{"not": [{"vars": {placeholder: [""]}}]}],
        },
    ]


def fine() -> Json:
    """Return what ``caddy adapt`` makes of a site with client_auth, forward_auth and reverse_proxy."""
    ask = {
        "handler": "reverse_proxy",
        "handle_response": [
            {
                "match": {"status_code": [2]},
                "routes": [{"handle": [{"handler": "vars"}]}, *(one for name in NAMES for one in copied(name))],
            }
        ],
        "headers": {
            "request": {
                "set": {
                    "X-Client-Certificate": ["{http.request.tls.client.certificate_der_base64}"],
                    "X-Forwarded-Method": ["{http.request.method}"],
                    "X-Forwarded-Uri": ["{http.request.uri}"],
                }
            }
        },
        "rewrite": {"method": "GET", "uri": "/check"},
        "upstreams": [{"dial": "127.0.0.1:9192"}],
    }
    serve = {"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:8080"}]}
    site = {"handler": "subroute", "routes": [{"handle": [ask, serve]}]}
    server = {
        "listen": [":443"],
        "routes": [{"match": [{"host": ["a.example"]}], "handle": [site], "terminal": True}],
        "tls_connection_policies": [{"client_authentication": {"mode": "require"}}, {}],
    }
    return {"apps": {"http": {"servers": {"srv0": server}}}}


def server(it: Json) -> Json:
    return it["apps"]["http"]["servers"]["srv0"]


def inner(it: Json) -> Json:
    """Return the routes of the site."""
    return server(it)["routes"][0]["handle"][0]["routes"]


def ask(it: Json) -> Json:
    return inner(it)[0]["handle"][0]


def sent(it: Json) -> Json:
    return ask(it)["headers"]["request"]["set"]


def answer(it: Json) -> Json:
    return ask(it)["handle_response"][0]["routes"]


def headers(**request: object) -> Json:
    return {"handler": "headers", "request": request}


def authentication(it: Json) -> Json:
    return server(it)["tls_connection_policies"][0]["client_authentication"]


def case(
    change: Callable[[Json], object], *finds: Code, sections: dict[str, str] | None = None, text: str = ""
) -> Case:
    return Case(change, finds, sections or HTTP, text)


def apart(it: Json, **first: object) -> None:
    """Ask in one route and serve in the next."""
    handle = inner(it)[0]["handle"]
    inner(it)[:] = [{"handle": handle[:1], **first}, {"handle": handle[1:]}]


def another_server(it: Json, *, asked: bool, **settings: object) -> None:
    policies = [{"client_authentication": {"mode": "require"}}] if asked else [{}]
    routes = [{"handle": [{"handler": "reverse_proxy"}]}]
    it["apps"]["http"]["servers"]["srv1"] = {"routes": routes, "tls_connection_policies": policies, **settings}

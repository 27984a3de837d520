"""Caddy that writes identity headers by itself, or serves before it asks; and what looks like it."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_caddy import answer, ask, case, headers, inner, server

OVERWRITTEN: Final = Code.CADDY_IDENTITY_OVERWRITTEN
FILES: Final = Code.CADDY_FILES_OPEN
FOO: Final = "{http.request.header.X-Foo}"
CN: Final = {"X-Client-Cert-Cn": [FOO]}
REPLACED: Final = {"x-client-cert-cn": [{"search_regexp": ".*", "replace": "{http.request.uri.query.cn}"}]}
STATIC: Final[Json] = {"handler": "file_server"}


def handlers(it: Json) -> Json:
    """Return the handlers of the site: what asks, and what serves."""
    return inner(it)[0]["handle"]


def _behind(it: Json, *more: Json) -> None:
    handlers(it)[1:1] = more


def _on_the_way(it: Json, **request: object) -> None:
    handlers(it)[1]["headers"] = {"request": request}


def _written_and_removed(it: Json) -> None:
    _on_the_way(it, delete=["X-Client-Cert-Cn"])
    _behind(it, headers(set=CN))


def _routes_behind(it: Json, *routes: Json) -> None:
    """Ask in one route, go through others, and serve in the last."""
    asking, serving = handlers(it)
    inner(it)[:] = [{"handle": [asking]}, *routes, {"handle": [serving]}]


def _route(handler: Json, **settings: object) -> Json:
    return {"handle": [handler], **settings}


def _by_answer(it: Json, *handlers_of_the_answer: Json) -> None:
    """Add a server whose application answers through ``handle_response``."""
    response = {"match": {"status_code": [2]}, "routes": [{"handle": list(handlers_of_the_answer)}]}
    proxy = {"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:8080"}], "handle_response": [response]}
    it["apps"]["http"]["servers"]["srv1"] = {"routes": [{"handle": [proxy]}]}


def _files_elsewhere(it: Json) -> None:
    it["apps"]["http"]["servers"]["srv1"] = {"routes": [{"handle": [STATIC]}]}


ON_A: Final = [{"path": ["/a*"]}]
WRITTEN: Final[dict[str, Case]] = {
    "identity written behind the question": case(
        lambda it: _behind(it, headers(set=CN)), OVERWRITTEN, text=f"set.X-Client-Cert-Cn ({FOO})"
    ),
    "identity added on the way to the upstream": case(lambda it: _on_the_way(it, add=CN), OVERWRITTEN),
    "identity replaced on the way to the upstream": case(lambda it: _on_the_way(it, replace=REPLACED), OVERWRITTEN),
    "identity written under a condition": case(
        lambda it: _routes_behind(it, _route(headers(set=CN), match=ON_A)), OVERWRITTEN
    ),
    "identity written under a condition in a part": case(
        lambda it: _routes_behind(
            it, _route({"handler": "subroute", "routes": [_route(headers(set=CN), match=ON_A)]}, group="a")
        ),
        OVERWRITTEN,
    ),
    "identity written where requests end": case(
        lambda it: _routes_behind(it, _route(headers(set=CN), match=ON_A, terminal=True))
    ),
    "identity written and then removed": case(
        lambda it: _behind(it, headers(set=CN), headers(delete=["X-Client-Cert-Cn"]))
    ),
    "identity written and removed on the way": case(_written_and_removed),
    "identity written and removed under a condition": case(
        lambda it: _routes_behind(
            it, _route(headers(set=CN)), _route(headers(delete=["X-Client-Cert-Cn"]), match=ON_A)
        ),
        OVERWRITTEN,
    ),
    "identity written before the question": case(
        lambda it: handlers(it).insert(0, headers(set={"X-Client-Cert-Cn": [FOO]}))
    ),
    "identity written in another way of the site": case(
        lambda it: inner(it).__setitem__(
            slice(None),
            [
                _route(headers(set=CN), match=ON_A, group="one"),
                {"handle": handlers(it), "group": "one"},
            ],
        )
    ),
    "a sign removed that looks like any": case(
        lambda it: (answer(it).pop(1), handlers(it).insert(0, headers(delete=["X**", "*Client*Cert*"]))),
        Code.CADDY_IDENTITY_FORGEABLE,
    ),
    "identity written as a text": case(lambda it: _behind(it, headers(set={"X-Client-Cert-Cn": ["nobody"]}))),
    "identity written from another one": case(
        lambda it: _behind(it, headers(set={"X-Client-Cert-Cn": ["{http.request.header.X-Client-Cert-Subject}"]}))
    ),
    "another header written": case(lambda it: _behind(it, headers(set={"X-Other": [FOO]}))),
    "identity written where nobody is asked": case(
        lambda it: it["apps"]["http"]["servers"].update(
            srv1={"routes": [{"handle": [headers(set=CN), {"handler": "reverse_proxy"}]}]}
        )
    ),
    "another server that only copies the answer": case(
        lambda it: _by_answer(it, {"handler": "copy_response"}), Code.CADDY_OPEN_BESIDE
    ),
    "another server that answers by itself in a part": case(
        lambda it: _by_answer(it, {"handler": "subroute", "routes": [{"handle": [{"handler": "static_response"}]}]}),
        Code.CADDY_OPEN_BESIDE,
    ),
    "another server that asks and serves nothing": case(lambda it: _by_answer(it, {"handler": "vars"})),
    "files before the question": case(
        lambda it: inner(it).insert(0, _route(STATIC, match=ON_A)), FILES, text="routes[0].handle[0]"
    ),
    "files in a server that wants certificates": case(
        lambda it: server(it)["routes"].insert(0, _route(STATIC, match=[{"host": ["b.example"]}])), FILES
    ),
    "files behind the question": case(lambda it: handlers(it).__setitem__(1, STATIC), Code.CADDY_FORWARD_AUTH_MISSING),
    "files behind the question beside the application": case(lambda it: _routes_behind(it, _route(STATIC, match=ON_A))),
    "files in another server": case(_files_elsewhere),
    "an answer before the question": case(
        lambda it: inner(it).insert(0, _route({"handler": "static_response"}, match=ON_A))
    ),
    "what asks has other headers": case(lambda it: ask(it)["headers"]["request"]["set"].update({"X-Other": [FOO]})),
}

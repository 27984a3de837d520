"""Caddy with a way past extauthz, and such with none that look like it; beside those of ``test_caddy``."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_caddy import another_server, ask, case, headers, inner, server

RESPOND: Final = {"handler": "static_response", "status_code": 403}


def application(port: int = 8080) -> Json:
    return {"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{port}"}]}


def subroute(*handlers: Json, **route: object) -> Json:
    return {"handler": "subroute", "routes": [{"handle": list(handlers), **route}]}


def _errors(it: Json, *handlers: Json) -> None:
    server(it)["errors"] = {"routes": [{"handle": [subroute(*handlers)]}]}


def _errors_of_a_part(it: Json) -> None:
    server(it)["routes"][0]["handle"][0]["errors"] = {"routes": [{"handle": [application()]}]}


def _denied(it: Json, *handlers: Json, codes: tuple[int, ...] = (403,), **route: object) -> None:
    response: Json = {"routes": [{"handle": list(handlers), **route}]}
    if codes:
        response["match"] = {"status_code": list(codes)}
    ask(it)["handle_response"].append(response)


def _intercepted(it: Json, *handlers: Json, code: int = 403) -> None:
    response = {"match": {"status_code": [code]}, "routes": [{"handle": list(handlers)}]}
    inner(it)[0]["handle"].insert(0, {"handler": "intercept", "handle_response": [response]})


def _beside(it: Json, *, port: int = 8080, asked: bool = False) -> None:
    another_server(it, asked=asked, routes=[{"handle": [application(port)]}])


def _anywhere(it: Json) -> None:
    inner(it)[0]["handle"][1]["upstreams"] = [{"dial": "{env.APPLICATION}"}]
    another_server(it, asked=False, routes=[{"handle": [{**application(), "upstreams": [{"dial": "{env.OTHER}"}]}]}])


def _named(it: Json, name: str, *handlers: Json) -> Json:
    """Give a list of handlers a name, and return the handler that goes through them."""
    server(it).setdefault("named_routes", {})[name] = {"handle": list(handlers)}
    return {"handler": "invoke", "name": name}


def _invoked(it: Json, *, asking: bool) -> None:
    """Serve from a route with a name, and ask there too or before."""
    asked, served = inner(it)[0]["handle"]
    name = _named(it, "application", *([asked] if asking else []), served)
    inner(it)[0]["handle"] = [name] if asking else [asked, name]


def _asked_by_name(it: Json) -> None:
    handle = inner(it)[0]["handle"]
    handle[0] = _named(it, "ask", handle[0])


def _in_circles(it: Json) -> None:
    inner(it)[0]["handle"].append(
        _named(it, "a", {"handler": "invoke", "name": "a"}, {"handler": "invoke", "name": "b"})
    )


WAYS: Final[dict[str, Case]] = {
    "asks by a name": case(_asked_by_name),
    "serves by a name": case(lambda it: _invoked(it, asking=False)),
    "asks and serves by a name": case(lambda it: _invoked(it, asking=True)),
    "serves by a name before it asks": case(
        lambda it: inner(it)[0]["handle"].insert(0, _named(it, "open", application())),
        Code.CADDY_FORWARD_AUTH_MISSING,
        text="named_routes.open.handle[0]",
    ),
    "goes in circles": case(_in_circles),
    "errors go on to the application": case(
        lambda it: _errors(it, application()), Code.CADDY_ERRORS_OPEN, text="errors.routes[0].handle[0].routes[0]"
    ),
    "errors of a part go on to the application": case(
        _errors_of_a_part, Code.CADDY_ERRORS_OPEN, text="(127.0.0.1:8080)"
    ),
    "errors are asked about": case(lambda it: _errors(it, ask(it), application())),
    "errors have pages of another upstream": case(lambda it: _errors(it, application(8081))),
    "errors are answered": case(lambda it: _errors(it, RESPOND)),
    "denials go on to the application": case(
        lambda it: _denied(it, application()), Code.CADDY_DENIAL_SERVED, text="(127.0.0.1:8080)"
    ),
    "denials go on to the application in a part": case(
        lambda it: _denied(it, subroute(application(), match=[{"path": ["/a"]}]), RESPOND), Code.CADDY_DENIAL_SERVED
    ),
    "denials have no answer": case(
        lambda it: _denied(it, headers(set={"X-Denied": ["1"]})),
        Code.CADDY_DENIAL_SERVED,
        text="handle_response[1].routes (it writes no answer)",
    ),
    "denials have an answer for some": case(
        lambda it: _denied(it, RESPOND, match=[{"path": ["/a"]}]), Code.CADDY_DENIAL_SERVED
    ),
    "all other answers go on": case(lambda it: _denied(it, headers(), codes=()), Code.CADDY_DENIAL_SERVED),
    "denials are answered": case(lambda it: _denied(it, headers(), RESPOND)),
    "denials are answered in a part": case(lambda it: _denied(it, subroute(RESPOND))),
    "denials have pages of another upstream": case(lambda it: _denied(it, application(8081))),
    "denials have another status": case(
        lambda it: ask(it)["handle_response"].append({"match": {"status_code": [403]}, "status_code": 404})
    ),
    "another good answer": case(lambda it: _denied(it, headers(), codes=(204,))),
    "denials are intercepted for the application": case(
        lambda it: _intercepted(it, application()), Code.CADDY_DENIAL_SERVED, text="by intercept"
    ),
    "denials are intercepted": case(lambda it: _intercepted(it, headers())),
    "good answers are intercepted": case(lambda it: _intercepted(it, application(), code=200)),
    "beside in a server without certificates": case(_beside, Code.CADDY_OPEN_BESIDE, text="servers.srv1.routes[0]"),
    "beside in a server with certificates": case(lambda it: _beside(it, asked=True), Code.CADDY_FORWARD_AUTH_MISSING),
    "beside to another upstream": case(lambda it: _beside(it, port=8081)),
    "beside to somewhere": case(_anywhere),
}

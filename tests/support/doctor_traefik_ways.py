"""Traefik with a way past extauthz, and such with none that look like it; beside those of ``test_traefik``."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_traefik import OTHER, case, router

URL: Final = "http://10.0.0.5:8080"


def servers(url: str = URL) -> Json:
    return {"loadBalancer": {"servers": [{"url": url}]}}


def _beside(it: Json, *, service: str = "app", **settings: object) -> None:
    """Add a router whose clients are not asked for certificates."""
    it["http"]["routers"]["other"] = {**OTHER, "tls": {"options": "default"}, "service": service, **settings}


def _with(it: Json, name: str, **middleware: object) -> None:
    it["http"]["middlewares"][name] = middleware
    _beside(it, middlewares=[name])


def _redirected(it: Json, *entry_points: str) -> None:
    redirections = {"entryPoint": {"to": "websecure", "scheme": "https"}}
    it["entryPoints"]["web"] = {"address": ":8080", "http": {"redirections": redirections}}
    _beside(it, entryPoints=list(entry_points))


def _services(it: Json, **services: Json) -> None:
    it["http"]["services"] = {"app": servers(), **services}
    _beside(it, service="other")


def _errors(it: Json, service: str, *, before: bool = True) -> None:
    it["http"]["middlewares"]["page"] = {"errors": {"status": ["400-599"], "service": service, "query": "/{status}"}}
    router(it)["middlewares"].insert(0 if before else 3, "page")


def _tcp(it: Json, address: str) -> None:
    it["http"]["services"] = {"app": servers()}
    services = {"plain": {"loadBalancer": {"servers": [{"address": address}]}}}
    it["tcp"] = {"routers": {"plain": {"rule": "HostSNI(`*`)", "service": "plain"}}, "services": services}


BESIDE: Final = Code.TRAEFIK_OPEN_BESIDE

WAYS: Final[dict[str, Case]] = {
    "beside without certificates": case(_beside, BESIDE, text="http.routers.other.service (app)"),
    "beside with the name of the provider": case(lambda it: _beside(it, service="app@file"), BESIDE),
    "beside to another service": case(lambda it: _beside(it, service="other")),
    "beside to no service": case(lambda it: _beside(it, service="")),
    "beside with a middleware that does not ask": case(lambda it: _with(it, "slow", rateLimit={"average": 1}), BESIDE),
    "beside with a middleware from elsewhere": case(lambda it: _beside(it, middlewares=["auth@docker"])),
    "beside with another provider's middleware of the same name": case(
        lambda it: _beside(it, middlewares=["ask@docker"])
    ),
    "beside below another router": case(lambda it: _beside(it, parentRefs=["app"])),
    "beside and redirects": case(lambda it: _with(it, "https", redirectScheme={"scheme": "https"})),
    "beside and redirects by an expression": case(
        lambda it: _with(it, "https", redirectRegex={"regex": "^http://(.*)", "replacement": "https://${1}"})
    ),
    "beside and redirects some": case(
        lambda it: _with(it, "https", redirectRegex={"regex": "^http://a.example/$", "replacement": "https://b"}),
        BESIDE,
    ),
    "beside at an entry point that redirects": case(lambda it: _redirected(it, "web")),
    "beside at an entry point that redirects and one that does not": case(
        lambda it: _redirected(it, "web", "websecure"), BESIDE
    ),
    "beside to another service at the same address": case(lambda it: _services(it, other=servers(f"{URL}/")), BESIDE),
    "beside to another service at another address": case(lambda it: _services(it, other=servers("http://10.0.0.6"))),
    "beside to a service of weights": case(
        lambda it: _services(it, other={"weighted": {"services": [{"name": "app", "weight": 1}]}}), BESIDE
    ),
    "beside to a mirrored service": case(lambda it: _services(it, other={"mirroring": {"service": "app"}}), BESIDE),
    "beside to a mirror": case(
        lambda it: _services(it, other={"mirroring": {"service": "x", "mirrors": [{"name": "app"}]}}), BESIDE
    ),
    "beside to a fallback": case(
        lambda it: _services(it, other={"failover": {"service": "x", "fallback": "app"}}), BESIDE
    ),
    "beside to a service of itself": case(lambda it: _services(it, other={"failover": {"service": "other"}})),
    "beside by plain connections": case(
        lambda it: _tcp(it, "10.0.0.5:8080"), BESIDE, text="tcp.routers.plain.service (plain over TCP)"
    ),
    "plain connections to another address": case(lambda it: _tcp(it, "10.0.0.6:8080")),
    "denials have a page of the application": case(
        lambda it: _errors(it, "app"), Code.TRAEFIK_ERRORS_OPEN, text="middlewares.page.errors.service (app)"
    ),
    "denials have a page of another service": case(lambda it: _errors(it, "pages")),
    "errors of the application have a page of its own": case(lambda it: _errors(it, "app", before=False)),
}

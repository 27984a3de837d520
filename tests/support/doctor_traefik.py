"""A Traefik in which nothing is found, to be changed."""

from collections.abc import Callable
from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json

HTTP: Final = {"sources": "", "listen": "listen: {http: {dialect: traefik, callers: {addresses: [127.0.0.1]}}}"}
FORGED: Final = (
    "Client-Cert",
    "Ssl-Client-Cert",
    "X-Amzn-Mtls-Clientcert",
    "X-Client-Certificate",
    "X-Forwarded-Client-Cert",
    "X-Ssl-Client-Cert",
)
SPENT: Final = "X-Forwarded-Tls-Client-Cert"
OTHER: Final = {"rule": "Path(`/x`)", "service": "app", "tls": {"options": "mtls"}}


def removing(*names: str) -> Json:
    return {"headers": {"customRequestHeaders": dict.fromkeys(names, "")}}


def fine() -> Json:
    return {
        "entryPoints": {"websecure": {"address": ":8443", "forwardedHeaders": {"trustedIPs": ["10.0.0.0/8"]}}},
        "http": {
            "middlewares": {
                "forged": removing(*FORGED),
                "cert": {"passTLSClientCert": {"pem": True}},
                "spent": removing(SPENT),
                "ask": {
                    "forwardAuth": {
                        "address": "http://127.0.0.1:9192/check",
                        "trustForwardHeader": True,
                        "authResponseHeaders": ["X-Client-Cert-Subject", "X-Client-Cert-Cn"],
                        "authResponseHeadersRegex": "^X_client_cert_",
                    }
                },
            },
            "routers": {
                "app": {
                    "rule": "PathPrefix(`/`)",
                    "service": "app",
                    "middlewares": ["forged", "cert", "ask", "spent"],
                    "tls": {"options": "mtls"},
                }
            },
        },
        "tls": {"options": {"mtls": {"clientAuth": {"clientAuthType": "RequireAnyClientCert"}}}},
    }


def case(
    change: Callable[[Json], object], *finds: Code, sections: dict[str, str] | None = None, text: str = ""
) -> Case:
    return Case(change, finds, sections or HTTP, text)


def ask(it: Json) -> Json:
    return it["http"]["middlewares"]["ask"]["forwardAuth"]


def router(it: Json) -> Json:
    return it["http"]["routers"]["app"]


def with_strip(it: Json, position: int) -> None:
    it["http"]["middlewares"]["strip"] = {"stripPrefix": {"prefixes": ["/api"]}}
    router(it)["middlewares"].insert(position, "strip")


def client_auth(it: Json) -> Json:
    return it["tls"]["options"]["mtls"]["clientAuth"]


def entry(it: Json) -> Json:
    return it["entryPoints"]["websecure"]

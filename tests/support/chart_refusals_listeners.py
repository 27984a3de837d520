"""Mistakes in listeners, their certificates and who may ask that the chart refuses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

NGINX: Final = {"dialect": "nginx", "unsafe_any_caller": True}
NETWORKS: Final = ("10.20.30.40/32", "10.20.30.40", "10.20.0.0/16", "128.0.0.0/1", "fd00::/8")
"""Without bits behind the prefix."""
MISSING_CALLERS: Final = (
    "config.listen.http.callers is missing: say which proxy may ask, such as {addresses: [10.0.0.0/8]}, or give "
    "http.callerSecret"
)


def asked_by(listener: Mapping[str, object], **http: object) -> dict[str, Any]:
    """Return the values of an HTTP listener beside that for gRPC."""
    return {"http": {"enabled": True, **http}, "config": {"listen": {"http": listener}}}


OF_LISTENERS: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    # the sentence: values over the minimal ones, and what else is said of them
    MISSING_CALLERS: (asked_by({"dialect": "nginx"}), ()),
    "config.listen.http.unsafe_any_caller lets everybody ask, and callers or http.callerSecret says who may: take "
    "one of them away": (asked_by({**NGINX, "callers": {"addresses": ["10.0.0.0/8"]}}), ()),
    "config.listen.http.callers.addresses has 0.0.0.0/0, which is everybody: name the networks of your proxies, or "
    "write unsafe_any_caller: true instead of callers": (
        asked_by({"dialect": "nginx", "callers": {"addresses": ["10.0.0.0/8", "0.0.0.0/0"]}}),
        (),
    ),
    "config.listen.http.callers.addresses has 10.20.30.40/12, and that network is 10.16.0.0/12: write this, or "
    "10.20.30.40/32 for the one address": (
        asked_by({"dialect": "nginx", "callers": {"addresses": ["10.20.30.40/12", *NETWORKS]}}),
        (),
    ),
    "config.listen.http.callers.secret has no secret: name the Secret that holds it in http.callerSecret.secret": (
        asked_by({"dialect": "nginx", "callers": {"secret": {}}}),
        (),
    ),
    "config.listen.http.callers.secret.file is the chart's to set where http.callerSecret is given: leave one of "
    "them out": (
        asked_by({"dialect": "nginx", "callers": {"secret": {"file": "/a"}}}, callerSecret={"secret": "b"}),
        (),
    ),
    "config.listen.http.callers.clients needs http.tls and tls.clientCA: without them no proxy shows a certificate": (
        {**asked_by({"dialect": "nginx", "callers": {"clients": ["dns:a"]}}, tls=True), "tls": {"secretName": "a"}},
        (),
    ),
    "config.listen.http.callers.unix_users is for Unix sockets, and the chart's listener is a port: use addresses, "
    "clients or secret": (asked_by({"dialect": "nginx", "callers": {"unix_users": [101]}}), ()),
    "tls.secretName and tls.certManager.enabled are given: the certificate comes from one of them": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a", "certManager": {"enabled": True, "issuerRef": {"name": "b"}}},
        },
        (),
    ),
    "tls.certManager.issuerRef.name is missing: which issuer signs the certificate?": (
        {"grpc": {"tls": True}, "tls": {"certManager": {"enabled": True}}},
        (),
    ),
    "a listener has tls: true and there is no certificate: give tls.secretName, or enable tls.certManager": (
        {"grpc": {"tls": True}},
        (),
    ),
    "tls is given and no listener uses it: set grpc.tls or http.tls": ({"tls": {"secretName": "a"}}, ()),
    "tls.clientCA.configMap and tls.clientCA.bundle are given: the CAs of the proxies come from one of them": (
        {"grpc": {"tls": True}, "tls": {"secretName": "a", "clientCA": {"configMap": "b", "bundle": "c"}}},
        (),
    ),
    "config.listen.grpc.tls.allowed_clients needs tls.clientCA: without it no client shows a certificate": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a"},
            "config": {"listen": {"grpc": {"tls": {"allowed_clients": ["dns:a"]}}}},
        },
        (),
    ),
    "tls.clientCA.secret is authz-extauthz-tls, and cert-manager writes the Secret of this release as extauthz-tls: no "
    "pod would start; name that, or a Secret that is called otherwise": (
        {
            "grpc": {"tls": True},
            "tls": {
                "certManager": {"enabled": True, "issuerRef": {"name": "a"}},
                "clientCA": {"secret": "authz-extauthz-tls"},
            },
        },
        (),
    ),
    "http.callerSecret is given and http.enabled is false": ({"http": {"callerSecret": {"secret": "a"}}}, ()),
    "test.clientSecret is for tls.clientCA, which is not given": ({"test": {"clientSecret": "a"}}, ()),
    "http.port is 443: the pods have no right to listen below 1024, which not every node lets them do without": (
        asked_by(NGINX, port=443),
        (),
    ),
    "grpc.port and admin.port are both 9190": ({"grpc": {"port": 9190}}, ()),
    "tls.certManager.issuerRef.kind is issuer: cert-manager has Issuer and ClusterIssuer; others come with a group of "
    "their own": (
        {
            "grpc": {"tls": True},
            "tls": {"certManager": {"enabled": True, "issuerRef": {"name": "a", "kind": "issuer"}}},
        },
        (),
    ),
    "tls.clientCA is given and grpc.tls is false: who has no certificate could ask there all the same; set grpc.tls, "
    "or grpc.enabled to false and give that listener a release of its own": (
        {**asked_by(NGINX, tls=True), "tls": {"secretName": "a", "clientCA": {"secret": "b"}}},
        (),
    ),
    "tls.clientCA is given and http.tls is false: who has no certificate could ask there all the same; set http.tls, "
    "or http.enabled to false and give that listener a release of its own": (
        {**asked_by(NGINX), "grpc": {"tls": True}, "tls": {"secretName": "a", "clientCA": {"secret": "b"}}},
        (),
    ),
    "tls.certManager.renewBefore (2160h) is not less than its duration (24h): the certificate would be renewed without "
    "end": (
        {
            "grpc": {"tls": True},
            "tls": {
                "certManager": {
                    "enabled": True,
                    "issuerRef": {"name": "a"},
                    "duration": "24h",
                    "renewBefore": "2160h",
                }
            },
        },
        (),
    ),
}

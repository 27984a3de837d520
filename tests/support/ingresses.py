"""Ingresses and Secrets as ``kubectl get -o json`` shows them."""

import base64
import json
from collections.abc import Mapping

from support import pki

ROOT = pki.make_ca("Root")
SECRET = "prod/clients"  # noqa: S105  (the name of one)
FILES = {f"{SECRET}/ca.crt": ROOT.pem}
PREFIX = "nginx.ingress.kubernetes.io/"
EVERYTHING: list[Mapping[str, object]] = [{"path": "/", "pathType": "Prefix"}]


def secret(name: str = "clients", *, bundle: bytes = ROOT.pem, crl: str = "") -> dict[str, object]:
    """Return a Secret with CA certificates; without ``bundle`` it has none, with ``crl`` (base64) it has a CRL."""
    data = {"ca.crt": base64.b64encode(bundle).decode()} if bundle else {}
    if crl:
        data["ca.crl"] = crl
    return {"kind": "Secret", "metadata": {"namespace": "prod", "name": name}, "data": data}


def ingress(
    *hosts: str,
    paths: list[Mapping[str, object]] = EVERYTHING,
    name: str = "api",
    annotations: Mapping[str, object] | None = None,
    **spec: object,
) -> dict[str, object]:
    """Return an Ingress; without ``annotations`` it asks for a certificate of the Secret's CAs."""
    tls = {"auth-tls-secret": SECRET} if annotations is None else annotations
    rules = [{**({"host": host} if host else {}), "http": {"paths": paths}} for host in hosts]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "namespace": "prod",
            "name": name,
            "annotations": {PREFIX + key: value for key, value in tls.items()},
        },
        "spec": {"ingressClassName": "nginx", "rules": rules, **spec},
    }


def asking(**annotations: object) -> dict[str, object]:
    """Return annotations that ask for a certificate of the Secret's CAs, and further ones: ``auth_url`` for one."""
    return {"auth-tls-secret": SECRET, **{key.replace("_", "-"): value for key, value in annotations.items()}}


def text(*objects: object) -> str:
    """Return a list of these objects and the Secret."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [*objects, secret()]})

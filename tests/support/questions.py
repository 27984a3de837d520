"""Questions as Envoy asks them, and what is in the answers."""

from collections.abc import Mapping

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from support.pki import Leaf, url_pem


def question(
    client: Leaf | None = None, *, host: str = "app.example", path: str = "/", method: str = "GET"
) -> CheckRequest:
    """Return what Envoy asks about one request of a client."""
    asked = CheckRequest()
    http = asked.attributes.request.http
    http.method, http.host, http.path = method, host, path
    if client is not None:
        asked.attributes.source.certificate = url_pem(client.der)
    return asked


def allowed(answer: CheckResponse) -> bool:
    """Say whether the proxy lets the request through."""
    return bool(answer.status.code == 0)


def reason(answer: CheckResponse) -> str:
    """Return the reason in the answer's dynamic metadata."""
    return str(answer.dynamic_metadata["reason"])


def policy(answer: CheckResponse) -> str:
    """Return the policy in the answer's dynamic metadata."""
    return str(answer.dynamic_metadata["policy"])


def headers(answer: CheckResponse) -> Mapping[str, str]:
    """Return the headers that the upstream gets."""
    return {one.header.key: one.header.value for one in answer.ok_response.headers}

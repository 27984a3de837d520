"""Whether an answer is the right one to the question of a client that a test knows by name."""

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support.questions import allowed, headers, reason


def earned(name: str | None, message: bytes) -> bool:
    """Say whether an answer allows; fail when it is not the right answer to the question of this client.

    ``alice`` and ``bob`` are let in under their own names, nobody else is; None asked nothing.
    """
    answer = CheckResponse.FromString(message)
    if not allowed(answer):
        assert name not in {"alice", "bob"}, f"{name} was denied: {reason(answer)}"
        return False
    let_in = headers(answer)
    assert name in {"alice", "bob"}, f"{name} was allowed as {let_in}"
    assert let_in == {"x-client-cert-cn": name}, f"{name} was allowed as {let_in}"
    return True

import pytest

from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.token import JWT_NAMESPACE, TokenBinding, TokenBindingMode
from extauthz.trust.binding import cert_thumbprint_s256

DER = b"\x30\x03\x02\x01\x05"
OURS = {"cnf": {"x5t#S256": cert_thumbprint_s256(DER)}}
THEIRS = {"cnf": {"x5t#S256": cert_thumbprint_s256(b"another")}}
UNBOUND: dict[str, object] = {"sub": "alice"}
KEY_BOUND = {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}

REQUIRED = TokenBinding(mode=TokenBindingMode.REQUIRED)
IF_PRESENT = TokenBinding(mode=TokenBindingMode.IF_PRESENT)


def request(*payloads: object, authorization: str = "") -> AuthRequest:
    metadata = {JWT_NAMESPACE: {f"payload{number}": payload for number, payload in enumerate(payloads)}}
    headers = {"authorization": (authorization,)} if authorization else {}
    return AuthRequest(metadata=metadata, headers=headers)


@pytest.mark.parametrize(
    ("binding", "asked"),
    [
        (REQUIRED, request(OURS)),
        (REQUIRED, request(OURS, OURS)),
        (IF_PRESENT, request(OURS)),
        (IF_PRESENT, request(UNBOUND)),
        (IF_PRESENT, request(KEY_BOUND)),
        (IF_PRESENT, request()),
        (IF_PRESENT, request(authorization="Basic YTpi")),
        (IF_PRESENT, request(authorization='Digest username="a", realm="b"')),
        (IF_PRESENT, request(authorization="  ")),
        (TokenBinding(), request(THEIRS)),
        (TokenBinding(mode=TokenBindingMode.REQUIRED, payload_keys=frozenset({"payload0"})), request(OURS, THEIRS)),
    ],
)
def test_token_passes(binding: TokenBinding, asked: AuthRequest) -> None:
    assert isinstance(binding.check(asked, DER), Pass)


@pytest.mark.parametrize(
    ("binding", "asked", "reason"),
    [
        (REQUIRED, request(), Reason.TOKEN_BINDING_MISSING),
        (REQUIRED, request(authorization="Bearer abc"), Reason.TOKEN_BINDING_MISSING),
        (REQUIRED, request(UNBOUND), Reason.TOKEN_BINDING_MISSING),
        (REQUIRED, request(KEY_BOUND), Reason.TOKEN_BINDING_MISSING),
        (REQUIRED, request(OURS, UNBOUND), Reason.TOKEN_BINDING_MISSING),
        (REQUIRED, request(THEIRS), Reason.TOKEN_BINDING_MISMATCH),
        (REQUIRED, request(OURS, THEIRS), Reason.TOKEN_BINDING_MISMATCH),
        (REQUIRED, request("text"), Reason.TOKEN_BINDING_MISMATCH),
        (REQUIRED, request({"cnf": "text"}), Reason.TOKEN_BINDING_MISMATCH),
        (REQUIRED, request({"cnf": None}), Reason.TOKEN_BINDING_MISMATCH),
        (REQUIRED, request({"cnf": {"x5t#S256": 5.0}}), Reason.TOKEN_BINDING_MISMATCH),
        (IF_PRESENT, request(THEIRS), Reason.TOKEN_BINDING_MISMATCH),
        (IF_PRESENT, request({"cnf": []}), Reason.TOKEN_BINDING_MISMATCH),
        (IF_PRESENT, request(authorization="bEARER abc"), Reason.TOKEN_BINDING_MISSING),
        (IF_PRESENT, request(authorization="DPoP abc"), Reason.TOKEN_BINDING_MISSING),
        (IF_PRESENT, request(authorization="Bearer\tabc"), Reason.TOKEN_BINDING_MISSING),
        (IF_PRESENT, request(authorization=" Bearer abc"), Reason.TOKEN_BINDING_MISSING),
        (IF_PRESENT, request(authorization="Basic YTpi, Bearer abc"), Reason.TOKEN_BINDING_MISSING),
        (IF_PRESENT, request(authorization="something else"), Reason.TOKEN_BINDING_MISSING),
    ],
)
def test_token_is_refused(binding: TokenBinding, asked: AuthRequest, reason: Reason) -> None:
    outcome = binding.check(asked, DER)
    assert isinstance(outcome, Fail)
    assert outcome.reason is reason


def test_bound_token_without_a_certificate_is_a_mismatch() -> None:
    outcome = IF_PRESENT.check(request(OURS), None)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.TOKEN_BINDING_MISMATCH

import json
from datetime import UTC, datetime

import jwt
import pytest

from extauthz.demo.dev_pki import make_dev_pki
from extauthz.demo.token import ISSUER, LIFETIME, TokenIssuer

NOW = datetime.now(UTC).replace(microsecond=0)
CERTIFICATE = make_dev_pki(NOW).clients["alice"].credential.certificate


def decode(token: str, tokens: TokenIssuer) -> dict[str, object]:
    key = jwt.PyJWK(json.loads(tokens.jwks())["keys"][0])
    claims: dict[str, object] = jwt.decode(token, key, algorithms=["ES256"], issuer=ISSUER)
    return claims


def test_the_token_verifies_with_the_published_key_and_is_bound_to_the_certificate() -> None:
    tokens = TokenIssuer()
    claims = decode(tokens.bound_token("alice", CERTIFICATE, NOW), tokens)
    assert claims["sub"] == "alice"
    confirmation = claims["cnf"]
    assert isinstance(confirmation, dict)
    assert set(confirmation) == {"x5t#S256"}
    assert len(confirmation["x5t#S256"]) == 43
    assert claims["exp"] == int((NOW + LIFETIME).timestamp())


def test_another_issuers_key_does_not_verify_it() -> None:
    token = TokenIssuer().bound_token("alice", CERTIFICATE, NOW)
    with pytest.raises(jwt.InvalidSignatureError):
        decode(token, TokenIssuer())

"""One policy of the configuration, compiled."""

from dataclasses import dataclass

from extauthz.policy.client_cert import ClientCertAuthMethod
from extauthz.policy.token import NO_TOKEN_BINDING, TokenBinding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """One named policy. Compared by identity, so that it can be part of a key that is looked up for every request."""

    name: str
    method: ClientCertAuthMethod
    certificate_optional: bool = False
    token_binding: TokenBinding = NO_TOKEN_BINDING

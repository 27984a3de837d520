"""One policy of the configuration, compiled."""

from dataclasses import dataclass, field

from extauthz.policy.client_cert import ClientCertAuthMethod
from extauthz.policy.token import NO_TOKEN_BINDING, TokenBinding, TokenBindingMode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """One named policy. Compared by identity, so that it can be part of a key that is looked up for every request."""

    name: str
    method: ClientCertAuthMethod
    certificate_optional: bool = False
    accepts_forwarded_identity: bool = False
    """An identity without certificate, on the word of a proxy, may take a certificate's place."""
    token_binding: TokenBinding = NO_TOKEN_BINDING
    binds_tokens: bool = field(init=False)
    """The token is looked at."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "binds_tokens", self.token_binding.mode is not TokenBindingMode.OFF)

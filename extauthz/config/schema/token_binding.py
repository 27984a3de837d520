"""``token_binding``: where verified tokens are found (RFC 8705)."""

from pydantic import Field

from extauthz.config.schema.section import AtLeastOne, Section, Text


class TokenBinding(Section):
    """Where the payloads of verified tokens are found. A policy asks for them with `require.token_binding`."""

    payload_keys: AtLeastOne[Text] | None = Field(
        default=None,
        description=(
            "Values of `payload_in_metadata` in Envoy's JWT filter (namespace `envoy.filters.http.jwt_authn`) that "
            "count. Without it, every key of that namespace does."
        ),
    )

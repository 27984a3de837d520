"""``cache``: what is remembered of clients."""

from pydantic import Field

from extauthz.config.schema.section import Section


class Cache(Section):
    """What is remembered of clients, so that it is not worked out for every request. Another number starts anew."""

    clients: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description=(
            "Client certificates, for each policy that they meet, that stay known while they are in use. Each takes "
            "some 10 KiB; when many new ones come, twice as many may be kept for a while."
        ),
    )

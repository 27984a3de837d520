"""``identity`` -> how the certificates of clients are read."""

from extauthz.config.schema.config import Config
from extauthz.identity.profile import IdentityProfile


def identity_profile(config: Config) -> IdentityProfile:
    """Return the profile of a configuration. The schema has checked it, so nothing is refused here."""
    return config.identity.compiled()

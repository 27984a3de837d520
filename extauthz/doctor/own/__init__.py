"""The configuration of extauthz itself."""

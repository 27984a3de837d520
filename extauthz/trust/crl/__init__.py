"""Certificate revocation lists: read, verified, indexed (RFC 5280 §5)."""

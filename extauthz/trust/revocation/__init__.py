"""Step 6: what the CRLs say of a certificate (RFC 5280 §6.3)."""

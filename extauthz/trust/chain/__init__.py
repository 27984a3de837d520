"""Step 5: a path from the leaf to a configured anchor, built and validated (RFC 5280 §6.1)."""

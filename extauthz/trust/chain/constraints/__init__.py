"""Name constraints (RFC 5280 §4.2.1.10): which names a CA may certify, and its CAs below it."""

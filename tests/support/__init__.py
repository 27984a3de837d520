"""What tests share: a certificate authority made by code, and the wire forms of its certificates."""

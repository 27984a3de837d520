"""A captured request."""

"""Envoy: a configuration dump of a running one, or a bootstrap file."""

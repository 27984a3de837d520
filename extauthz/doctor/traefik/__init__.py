"""Traefik: static and dynamic configuration in YAML or TOML, and its resources in Kubernetes."""

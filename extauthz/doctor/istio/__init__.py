"""Istio: MeshConfig, AuthorizationPolicies and Gateways, as YAML."""

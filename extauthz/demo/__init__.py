"""A throw-away PKI, a real Envoy and a set of clients: extauthz shown at work on one machine.

``dev_pki`` makes certificates for development and is used by ``extauthz dev-pki`` too. ``run`` starts everything,
sends each scenario's request, and compares what came back with what the scenario says must come back.
"""

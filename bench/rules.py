"""The configuration that is measured: a policy of ten rules, metrics on, a decision log of one allow in a hundred."""

import re
from typing import Final

_LIFETIME: Final = re.compile(r"max_lifetime: ([0-9]+)h")

RULES = """\
    issuer: ["CN=Demo Issuing CA,O=Example", "CN=Demo Root CA,O=Example"]
    organization: [Example]
    organizational_unit: [Engineering, Ops]
    san: {dns: ["*.clients.example"], email: ["*@example.com"]}
    san_present: true
    extended_key_usage: [clientAuth]
    key: [{type: ec, curves: [secp256r1]}]
    max_lifetime: 9600h
    not: {common_name: [mallory]}
"""


def ten_rules(
    *,
    transport: str | None = None,
    decision_log: str = "off",
    allow_sample: float = 0.01,
    crls: str = "pki/crls/",
    bound_tokens: bool = False,
    http: bool = False,
) -> str:
    """Return the configuration. Paths are relative to where it is written.

    ``transport`` is ``native`` or ``grpcio``; None takes what is the default. ``http``: NGINX may ask as well.
    """
    grpc = '{address: "127.0.0.1:0"' + (f", transport: {transport}" if transport else "") + "}"
    callers = "callers: {addresses: [127.0.0.1]}"
    nginx = f', http: {{address: "127.0.0.1:0", dialect: nginx, {callers}}}' if http else ""
    token = "    token_binding: required\n" if bound_tokens else ""
    return f"""\
version: 1
listen: {{grpc: {grpc}, admin: {{address: "127.0.0.1:0"}}{nginx}}}
shutdown: {{drain_delay: 0s}}
sources: [{{type: envoy_peer}}, {{type: xfcc}}]
trust: {{anchors: [pki/root-ca.pem], intermediates: [pki/issuing-ca.pem]}}
revocation: {{crls: [{{path: {crls}}}]}}
policies:
- name: bench
  when: {{hosts: ["pay.example.com"], paths: ["/v1/**"], methods: [GET, POST]}}
  require:
{RULES}{token}\
decision_log: {{path: "{decision_log}", allow_sample: {allow_sample}}}
"""


def with_another_policy(text: str) -> str:
    """Return the configuration with a policy that asks for something else, which all clients have too."""
    return _LIFETIME.sub(lambda found: f"max_lifetime: {int(found[1]) + 1}h", text, count=1)

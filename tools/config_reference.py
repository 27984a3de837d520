"""Write docs/configuration.md from the configuration's JSON Schema; with ``--check``, only compare."""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from extauthz.config.expected import words
from extauthz.config.json_schema import config_schema

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
COMMAND = "python tools/config_reference.py"
SAME_AS_CONDITIONS = frozenset({"any_of", "not"})
"""Their keys are those of the conditions around them."""

INTRODUCTION = f"""\
# Configuration

<!-- Written by `{COMMAND}` from the schema. Change the descriptions there, not this page. -->

One YAML file (JSON is a subset) says everything. It is strict: an unknown or duplicate key, a value of the wrong type,
an empty list where empty could mean "anything", a file that cannot be read or is not what it should be are all errors,
and `extauthz validate FILE` prints every one of them at once, as
`file:line:column: key: what is wrong, and what would be right`. `extauthz schema` prints the JSON Schema, for editors.

- The text is YAML 1.2: `yes`, `no`, `on` and `off` are text, only `true` and `false` are booleans. Anchors, aliases,
  merge keys, tags and a second document are errors; so is a key with nothing after it.
- Relative paths start at the directory of the file. `${{NAME}}` is not expanded.
- A directory stands for the files in it, sorted by name; hidden entries and subdirectories are passed over. Name the
  directory of a mounted ConfigMap or Secret rather than single files in it, and new files are found, too.
- Durations have units: `90s`, `2h30m`, `500ms`, `30d`.
- Patterns are exact unless they hold a wildcard that stands for a whole segment: `*` for one DNS label or path segment,
  `**` for any number of them. `re:` starts a regular expression (RE2) that must match the whole value.
- What weakens the service, and what looks like a slip, is logged as a warning at every load and printed by
  `extauthz validate`.
"""

EXAMPLE = """\
version: 1

listen:
  grpc:
    address: "0.0.0.0:9191"                # or "unix:/run/extauthz/extauthz.sock"
    transport: native                      # or grpcio
    tls:                                   # leave out for plaintext HTTP/2, as inside a mesh
      cert: tls/server.pem
      key: tls/server.key
      client_ca: tls/gateways-ca.pem       # only clients of this CA may connect,
      allowed_clients:                     # and of those only these may ask
        - "uri:spiffe://cluster.local/ns/gateways/sa/*"
    max_message_bytes: 4194304
    max_connection_age: 5m
    max_connection_age_grace: 30s
    keepalive_time: 1m
    keepalive_timeout: 20s
    max_concurrent_streams: 1000
    reflection: false
  http:                                    # for proxies that ask over HTTP
    address: "0.0.0.0:9192"
    dialect: nginx                         # or ingress_nginx, traefik, caddy, haproxy, envoy_http
    prefix: /check
    request:                               # only where the proxy writes other headers than the dialect says
      method_header: x-original-method
      host_header: x-original-host
      path_header: x-original-uri          # or url_header for all of it
    callers:                               # each of these must hold
      addresses: ["127.0.0.1"]
      clients: ["dns:nginx.example.com"]
      secret: {header: x-extauthz-secret, file: tls/secret.txt}
    tls: {cert: tls/server.pem, key: tls/server.key, client_ca: tls/gateways-ca.pem}
    max_connection_age: 5m
    idle_timeout: 5m
  admin:
    address: "127.0.0.1:9190"
    status:
      identities: false                    # true: the status page names who was denied
      hosts: [extauthz.internal.example]   # the names under which browsers ask for it, beside its address

shutdown:
  drain_delay: 5s
  grace: 10s

sources:
  - type: envoy_peer
  - type: xfcc
    element: {from_right: 2}               # the gateway's element, before the one that the sidecar adds
    by: ["spiffe://cluster.local/ns/gateways/sa/public"]

trust:
  anchors:
    - pki/roots/                           # a directory
    - {path: pki/mesh.pem, trust_domains: [mesh.example.org]}   # vouches for these SPIFFE IDs and for nothing else
    - {path: pki/dod-root.pem, dod: true}                               # no other vouches for an EDIPI
  intermediates: [pki/issuing-ca.pem]
  chain: verify
  clock_skew: 0s
  min_rsa_bits: 2048

identity:                                # for smart cards
  profiles: [fpki, dod]
  policies:
    piv-i-auth: ["1.3.6.1.4.1.32473.1.1"]  # what the issuer of our contractors' cards asserts
  dod_issuers: ['re:CN=DOD ID CA-[0-9]+,OU=PKI,OU=DoD,O=U\\.S\\. Government,C=US']

revocation:
  crls:
    - path: pki/crls/
    - {url: "http://crl.example.com/issuing.crl", refresh: 1h, required: false}
  signers: [pki/crl-signer.pem]            # sign CRLs, and are no CA
  distribution_points: {hosts: ["crl.partner.example"], refresh: 1h}   # those that clients' certificates name
  fetch: {timeout: 30s, max_bytes: 67108864, redirect_hosts: ["cdn.example.com"]}
  state_directory: /var/lib/extauthz       # what a restart must not forget
  revoked:
    - {issuer: "CN=Issuing CA,O=Example", serial: "0a1b2c"}
  check: leaf
  when_missing: deny
  when_stale: deny
  grace: 2h
  max_age: 35d                             # of CRLs without nextUpdate
  issuers:
    - {issuer: "CN=Root,O=Example", grace: 7d}

token_binding:
  payload_keys: [jwt_payload]              # payload_in_metadata of Envoy's JWT filter

policies:
  - name: payments
    when:
      hosts: ["pay.example.com", "*.pay.example.com"]
      paths: ["/v1/**"]
      methods: [GET, POST]
    require:
      issuer: ["CN=Issuing CA,O=Example"]
      san: {dns: ["*.clients.example.com"]}
      extended_key_usage: [clientAuth]
      key:
        - {type: rsa, min_bits: 3072}
        - {type: ec, curves: [secp256r1, secp384r1]}
      max_lifetime: 398d
      any_of:                              # one of these sets, whole
        - {organizational_unit: ["Payments"]}
        - {common_name: ["re:batch-[0-9]+"], organization: ["Example"]}
      not: {common_name: ["batch-7"]}
      pins:
        spki_sha256:
          - "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0="
          - {pin: "Wfn777VsDXE+cW3Wvzm7CuMw6D6h15KRhVqq3o80H48=", expires: 2027-01-31, comment: "key before the move"}
      token_binding: required
    session_lifetime: 15m
  - name: people                           # who use a card and its PIN, or a credential derived from a card
    when: {hosts: ["people.example.gov"]}
    require:
      kind: [piv-auth, derived-piv, piv-i-auth, cac]
      extended_key_usage: {all: [clientAuth, smartcardLogon]}
      any_of:
        - {agency_code: ["4700"]}          # from the FASC-N
        - {fasc_n: ["47000257000046"]}     # one card
        - {card_uuid: ["94e28c68-84db-44db-8a0e-f502d6689b14"]}
        - {edipi: ["1234567890"]}          # one person of the DoD
        - {upn: ["*@example.gov"], policy_oids: {any: ["1.3.6.1.4.1.32473.1.1"]}}
        - {ms_sid: ["S-1-5-21-3623811015-3361044348-30300820-1013"]}
  - name: gates                            # where the card alone is enough: no PIN, so anybody may hold it
    when: {hosts: ["gates.example.gov"]}
    require:
      kind: [piv-card-auth]
      extended_key_usage: {exactly: [id-PIV-cardAuth]}
  - name: mesh
    when:
      sni: ["mesh.example.com"]
      context: {policy: mesh}              # context_extensions of the route
    require:
      spiffe_id: ["spiffe://example.org/ns/*/sa/web"]
      kind: [spiffe]
  - name: everything-else
    when: {}
    require:
      san_present: true
      policy_oids: ["2.16.840.1.101.3.2.1.48.1"]
      subject: ["CN=monitor,OU=Ops,O=Example"]

cache:
  clients: 10000

headers:
  prefix: "x-client-cert-"
  emit: [subject, issuer, serial, cn, san, sha256, not-after, kind, spiffe-id, policy, session-expires]
  map: {x-user: common_name}

deny:
  status: 403
  body: problem_json
  expose_reason: false

decision_log:
  path: "-"
  allow_sample: 0.1
  include: [subject, issuer, serial_number, sha256]
  queue_size: 8192

log:
  level: info
  format: json
"""


def page() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION, f"\n## Example\n\n```yaml\n{EXAMPLE}```\n", "\n## Keys\n"]
    parts.extend(_sections("", config_schema(), {}))
    return "".join(parts)


def _sections(path: str, mapping: Mapping[str, Any], written: dict[str, str]) -> Iterator[str]:
    """Yield a table for a mapping, then those of the mappings in it. ``written``: title -> path of each so far."""
    heading = f"`{path}`" if path else "The file"
    if "type" in mapping["properties"] and "const" in mapping["properties"]["type"]:
        heading += f" of type `{mapping['properties']['type']['const']}`"
    yield f"\n### {heading}\n\n{mapping['description']}\n"
    first = written.setdefault(mapping["title"], path)
    if first != path:
        yield f"\nThe keys are those of `{first}`.\n"
        return
    yield "\n| key | value | default | meaning |\n|---|---|---|---|\n"
    inner: list[tuple[str, Mapping[str, Any]]] = []
    for key, value in mapping["properties"].items():
        yield f"| `{key}` | {_value(value)} | {_default(key, value, mapping)} | {_cell(_description(value))} |\n"
        if key not in SAME_AS_CONDITIONS:
            inner.extend(_mappings(f"{path}.{key}" if path else key, value))
    for inner_path, inner_mapping in inner:
        yield from _sections(inner_path, inner_mapping, written)


def _mappings(path: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the mappings with fixed keys that a value is, or holds."""
    if "$ref" in node:
        yield path, _mapping(node)
    elif "items" in node:
        yield from _mappings(f"{path}[]", node["items"])
    for option in node.get("oneOf", ()):
        yield from _mappings(path, option)


def _value(node: Mapping[str, Any]) -> str:
    text = words(node).removeprefix("a ")
    if isinstance(node.get("additionalProperties"), dict):
        text += f" of names to {words(node['additionalProperties']).removeprefix('a ')}"
    if "minimum" in node:
        text += f" from {node['minimum']} to {node['maximum']}"
    if "x-shortest" in node:
        text += f" from {node['x-shortest']} to {node['x-longest']}"
    return _cell(text)


def _default(key: str, value: Mapping[str, Any], mapping: Mapping[str, Any]) -> str:
    if key in mapping.get("required", ()):
        return "**required**"
    return f"`{json.dumps(value['default'])}`" if "default" in value else ""


def _description(node: Mapping[str, Any]) -> str:
    """Return a key's description; one that is that of its mapping stands only there."""
    text: str = node["description"] if "description" in node else _mapping(node)["description"]
    return text


def _mapping(node: Mapping[str, Any]) -> Mapping[str, Any]:
    mapping: Mapping[str, Any] = config_schema()["$defs"][node["$ref"].rpartition("/")[2]]
    return mapping


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write or compare the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is not up to date")
    options = parser.parse_args()
    wanted = page()
    if not options.check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    found = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    difference = difflib.unified_diff(found.splitlines(), wanted.splitlines(), str(PAGE), COMMAND, lineterm="")
    lines = list(difference)
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())

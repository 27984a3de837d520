"""Every policy in docs/migration.md loads, and decides as the page says."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from extauthz.importing.remark import Weight
from extauthz.trust.binding import cert_thumbprint_s256
from support import pki
from support.imported import Gate, load_text

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")
BLOCKS = list(re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
HEAD = "version: 1\nsources: [{type: envoy_peer}]\ntrust: {anchors: [root.pem]}\n"
ROOT = pki.make_ca("Root")
PINNED, OTHER_KEY = ROOT.issue("pinned"), pki.keys.make_key("ec", "other")


class Case(NamedTuple):
    """One request to one policy of the page."""

    policy: str
    leaf: pki.Leaf | None
    reason: str
    request: Mapping[str, object]


def case(policy: str, leaf: pki.Leaf | None, reason: str = "allowed", **request: object) -> Case:
    return Case(policy, leaf, reason, request)


def bound_to(leaf: pki.Leaf) -> Mapping[str, Mapping[str, object]]:
    return {"envoy.filters.http.jwt_authn": {"payload": {"cnf": {"x5t#S256": cert_thumbprint_s256(leaf.der)}}}}


WIKI, OPS = {"host": "wiki.corp.example.com"}, {"host": "ops.corp.example.com"}
OPEN, TALKER = {"host": "open.corp.example.com"}, {"host": "talker-api.example.com"}
NONE_HOLDS = "no_alternative_holds"
API = {"host": "api.example.com"}
GET = {"method": "GET", "path": "/mtls"}
ALICE = ROOT.issue("alice")
CASES = [
    case("match-cn-as-it-was", ALICE, **API),
    case("match-cn-as-it-was", ROOT.issue("alice2"), **API),
    case("match-cn-as-it-was", ROOT.issue("bob", organization="CN=alice"), **API),
    case("match-cn-as-it-was", ROOT.issue("bob"), "subject_not_allowed", **API),
    case("match-cn-as-it-was-meant", ALICE, **API),
    case("match-cn-as-it-was-meant", ROOT.issue("alice2"), "common_name_not_allowed", **API),
    case("match-cn-as-it-was-meant", ROOT.issue("bob", organization="CN=alice"), "common_name_not_allowed", **API),
    case("envoy-names", ROOT.issue("a", uris=["spiffe://example.org/ns/prod/sa/x"]), sni="api.example.com"),
    case("envoy-names", ROOT.issue("a", dns=["*.example.com"]), sni="x.y.api.example.com"),
    case("envoy-names", ROOT.issue("a", uris=["spiffe://example.org/ns/test/x"]), NONE_HOLDS, sni="api.example.com"),
    case("envoy-names", ROOT.issue("a", dns=["web.example.com"]), "no_policy", sni="example.com"),
    case("rego-names", ROOT.issue("client"), **GET),
    case("rego-names", ROOT.issue("x", dns=["client.example.com"]), **GET),
    case("rego-names", ROOT.issue("x"), NONE_HOLDS, **GET),
    case("rego-names", ROOT.issue("client"), "no_policy", method="POST", path="/mtls"),
    case("rego-spiffe", ROOT.issue("a", uris=["spiffe://example.org/backend"])),
    case("rego-spiffe", ROOT.issue("a", uris=["spiffe://example.org/other"]), "spiffe_id_not_allowed"),
    case("rego-bound-token", ALICE, metadata=bound_to(ALICE)),
    case("rego-bound-token", ALICE, "token_binding_mismatch", metadata=bound_to(PINNED)),
    case("rego-bound-token", ALICE, "token_binding_missing"),
    case("authorino-organization", ROOT.issue("a", organization="Example"), **TALKER),
    case("authorino-organization", ROOT.issue("a", organization="X"), "organization_not_allowed", **TALKER),
    case("authorino-organization", ROOT.issue("a-test", organization="Example"), "excluded", **TALKER),
    case("pomerium-names", ROOT.issue("a", dns=["x.corp.example.com"]), **WIKI),
    case("pomerium-names", ROOT.issue("a", emails=["a@example.com"]), **WIKI),
    case("pomerium-names", ROOT.issue("a", dns=["x.corp.example.com.evil.net"]), NONE_HOLDS, **WIKI),
    case("pomerium-open", None, "allowed_without_certificate", **OPEN),
    case("pomerium-open", pki.make_ca("Other").issue("a"), "untrusted_issuer", **OPEN),
    case("pomerium-pin", PINNED, **OPS),
    case("pomerium-pin", ROOT.issue("a", key=OTHER_KEY), "pin_mismatch", **OPS),
    case("ghostunnel-flags", ROOT.issue("client2", organizational_unit=None)),
    case("ghostunnel-flags", ROOT.issue("x", organizational_unit="Ops")),
    case("ghostunnel-flags", ROOT.issue("x", organizational_unit=None, uris=["spiffe://ghostunnel/client1"])),
    case(
        "ghostunnel-flags",
        ROOT.issue("x", organizational_unit=None, uris=["spiffe://ghostunnel/a/b"]),
        NONE_HOLDS,
    ),
]


def name_of(block: str) -> list[str]:
    return [policy["name"] for policy in YAML(typ="safe").load(block)["policies"]]


def loaded(directory: Path, block: str) -> Gate:
    (directory / "root.pem").write_bytes(ROOT.pem)
    key = re.search(r'(?<=spki_sha256: \[")[^"]+', block)
    # The page's pins are of a certificate that nobody has; here they are of one.
    text = block if key is None else block.replace(key[0], base64.b64encode(PINNED.spki_sha256).decode())
    return load_text(directory, HEAD + text)


def test_every_policy_of_the_page_is_decided_by() -> None:
    assert [name for block in BLOCKS for name in name_of(block)] == list(dict.fromkeys(one.policy for one in CASES))
    assert all(block.startswith("# extauthz\npolicies:\n") for block in BLOCKS)


@pytest.mark.parametrize("asked", CASES, ids=lambda asked: f"{asked.policy}-{asked.reason}")
def test_a_policy_of_the_page_decides_as_the_page_says(asked: Case, tmp_path: Path) -> None:
    (block,) = [block for block in BLOCKS if asked.policy in name_of(block)]
    assert loaded(tmp_path, block).reason(asked.leaf, **asked.request) == asked.reason


def test_the_page_has_every_word_that_a_line_of_the_command_begins_with() -> None:
    assert [weight for weight in Weight if f"| `{weight}` |" in PAGE] == list(Weight)

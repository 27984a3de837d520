"""docs/configuration.md: up to date, and its example is a configuration that loads and holds every key."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from extauthz.config.build import load_engine
from extauthz.config.json_schema import config_schema
from support import cards, pki
from support.config_site import Site

PROJECT = Path(__file__).parents[3]
PAGE = PROJECT / "docs" / "configuration.md"
TOOL = PROJECT / "tools" / "config_reference.py"


def example() -> str:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


def test_page_is_what_the_schema_says() -> None:
    run = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_check_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "tools" / "config_reference.py").write_text(TOOL.read_text(encoding="utf-8"), encoding="utf-8")
    stale = tmp_path / "docs" / "configuration.md"
    stale.write_text("# Configuration\nold\n", encoding="utf-8")
    command: list[str | Path] = [sys.executable, tmp_path / "tools" / "config_reference.py"]
    run = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "\n-old\n" in run.stdout
    assert stale.read_text(encoding="utf-8") == "# Configuration\nold\n"
    subprocess.run(command, check=True)
    assert stale.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_example_loads_without_a_warning(site: Site) -> None:
    for directory in ("pki/roots", "pki/crls", "tls"):
        (site.directory / directory).mkdir()
    gateways = pki.make_ca("Gateways")
    server = gateways.issue("server")
    site.write("pki/roots/root.pem", site.pki.root.pem)
    issuing = pki.make_ca("Issuing CA", parent=site.pki.root)
    dod_root = pki.make_ca("DoD Root")
    site.write("pki/issuing-ca.pem", issuing.pem + cards.dod_ca(dod_root).pem)
    site.write("pki/mesh.pem", pki.make_ca("Mesh").pem)
    site.write("pki/dod-root.pem", dod_root.pem)
    site.write("pki/crls/issuing.crl", issuing.crl())
    site.write("pki/crl-signer.pem", issuing.issue("CRL signer", key_usage=["cRLSign"]).pem)
    site.write("tls/server.pem", server.pem)
    site.write("tls/server.key", server.key_pem).chmod(0o600)
    site.write("tls/gateways-ca.pem", gateways.pem)
    site.write("tls/secret.txt", "correct-horse-battery\n").chmod(0o600)
    built = load_engine(site.write("config.yaml", example()))
    assert built.engine.policy_names == ("payments", "people", "gates", "mesh", "everything-else")
    # The example has both listeners and every key, so this cannot be otherwise; nobody's file is like that.
    assert {one.path for one in built.warnings} == {"policies[3].when.sni", "policies[3].when.context"}


WEAK_OR_ALTERNATIVE = {
    "unix_users",
    "unsafe_any_caller",
    "url_header",
    "issuer_contains",
    "subject_contains",
    "certificate",
    "unsafe_identity_only",
    "unsafe_sha1",
    "unsafe_rsa_1024",
    "private_addresses",
    "cert_sha256",
    "ip",
    "uri",
    "email",
    "piv-auth",
    "piv-card-auth",
    "derived-piv",
    "piv-i-card-auth",
    "cac",
}
"""Keys that the example leaves out on purpose: each would weaken it, or says the same as another."""
OF_OTHER_PROXIES = {"chain_header", "form", "mode", "verify", "verify_header"}
"""Keys of sources for proxies other than Envoy: no configuration is for all of them. docs/sources.md has examples."""


@pytest.mark.parametrize(
    "key", sorted({key for one in config_schema()["$defs"].values() for key in one.get("properties", {})})
)
def test_every_key_stands_in_the_example_or_is_left_out_on_purpose(key: str) -> None:
    stands = re.search(rf"(?m)(^[ -]*|[{{,] ?){key}:", example()) is not None
    assert stands != (key in WEAK_OR_ALTERNATIVE | OF_OTHER_PROXIES)

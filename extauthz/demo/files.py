"""The demo's directory: the PKI, both configurations and the logs, all in one place."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from extauthz.demo.client import Credentials
from extauthz.demo.dev_pki import DevPki, crl_pem, replace_file, write_dev_pki
from extauthz.demo.token import ISSUER, TokenIssuer


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where things are below the demo's directory."""

    directory: Path

    @property
    def pki(self) -> Path:
        """The directory of the PKI."""
        return self.directory / "pki"

    @property
    def root_ca(self) -> Path:
        """The CA that clients verify the server with."""
        return self.pki / "root-ca.pem"

    @property
    def crl(self) -> Path:
        """The CRL that the demo replaces while everything runs."""
        return self.pki / "crls" / "issuing-ca.crl"

    @property
    def socket(self) -> Path:
        """The Unix socket between Envoy and extauthz: no port to collide with."""
        return self.directory / "extauthz.sock"

    @property
    def admin_socket(self) -> Path:
        """The Unix socket on which extauthz answers /metrics, /healthz and /readyz."""
        return self.directory / "admin.sock"

    @property
    def access_log(self) -> Path:
        """Envoy's access log, one JSON object a line."""
        return self.directory / "access.log"

    @property
    def decision_log(self) -> Path:
        """The decision log of extauthz, one JSON object a line."""
        return self.directory / "decisions.log"

    @property
    def extauthz_config(self) -> Path:
        """The configuration of extauthz."""
        return self.directory / "extauthz.yaml"

    @property
    def envoy_config(self) -> Path:
        """The configuration of Envoy."""
        return self.directory / "envoy.yaml"

    def client(self, name: str, *, leaf_only: bool = False) -> Credentials:
        """Return the files of one client, with its intermediate or without."""
        clients = self.pki / "clients"
        return Credentials(clients / (f"{name}.pem" if leaf_only else f"{name}.chain.pem"), clients / f"{name}.key")


def write_demo_files(
    directory: Path, pki: DevPki, tokens: TokenIssuer, *, spki_pin: str, port: int, upstream_port: int
) -> DemoFiles:
    """Write everything that the processes read. ``spki_pin`` is base64 (RFC 7469); ``port`` 0 lets Envoy choose."""
    demo = DemoFiles(directory)
    write_dev_pki(pki, demo.pki)
    jwks = directory / "tokens.jwks.json"
    jwks.write_text(tokens.jwks())
    values = {
        "pki": demo.pki,
        "extauthz_socket": demo.socket,
        "admin_socket": demo.admin_socket,
        "port": port,
        "upstream_port": upstream_port,
        "spki_pin": spki_pin,
        "decision_log": demo.decision_log,
        "access_log": demo.access_log,
        "token_issuer": ISSUER,
        "jwks": jwks,
    }
    for path in (demo.extauthz_config, demo.envoy_config):
        template = files("extauthz.demo").joinpath("templates", path.name).read_text(encoding="utf-8")
        path.write_text(Template(template).substitute(values), encoding="utf-8")
    return demo


def revoke(demo: DemoFiles, pki: DevPki, name: str) -> None:
    """Put a client on the issuing CA's CRL and replace the file, in one step."""
    replace_file(demo.crl, crl_pem(pki.issuing_crl(name)))

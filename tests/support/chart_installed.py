"""A pod of the chart on this machine, with the real service in it, and a real Envoy before it."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import extauthz
from support import pki
from support.chart_pod import Pod
from support.edge_pki import Client, EdgePki
from support.envoy import RealEnvoy
from support.envoy_bootstrap import HttpEdge, bootstrap
from support.helm import NAMESPACE, Rendered
from support.https_client import Answer, HttpsClient
from support.service import RealService
from support.upstream import Upstream

HOST: Final = f"extauthz.{NAMESPACE}.svc"
Install = Callable[..., "Installed"]
"""What installs a situation by its name, with values over its own and ConfigMaps and Secrets by name."""
Ask = Callable[..., Answer]
"""What asks a proxy in front of it as a client, or as none, for a path."""


class Installed:
    """One pod of a situation, with the real service in it."""

    def __init__(
        self, folder: Path, authority: EdgePki, rendered: Rendered, more: Mapping[str, Mapping[str, bytes]]
    ) -> None:
        self.authority = authority
        self.rendered = rendered
        self.objects = {
            "client-roots": {"ca.crt": (authority.directory / "root.pem").read_bytes()},
            "client-intermediates": {"issuing.pem": (authority.directory / "issuing.pem").read_bytes()},
            "client-crls": {"issuing.crl": authority.crl()},
            **more,
        }
        self.pod = Pod(folder / "pod", rendered, rendered.pod, self.objects)
        self._closing = ExitStack()
        program, *arguments = self.pod.command
        assert (program, arguments[:2], len(arguments)) == ("extauthz", ["serve", "--config"], 3)
        self.service = self._closing.enter_context(RealService(Path(arguments[2])))

    def upstream(self) -> Upstream:
        """Start an upstream."""
        return self._closing.enter_context(Upstream())

    def envoy(self, edge: HttpEdge) -> Callable[..., int]:
        """Start an Envoy that asks it, and return what asks that for a path and gives the status."""
        made = bootstrap(
            {"https": edge},
            pki=self.authority.directory,
            extauthz=[self.service.grpc_address],
            upstream_port=self.upstream().port,
        )
        return self.asking(self.start(made))

    def start(self, made: Mapping[str, object]) -> RealEnvoy:
        """Start an Envoy with this bootstrap."""
        return self._closing.enter_context(RealEnvoy(made))

    def asking(self, envoy: RealEnvoy) -> Callable[..., int]:
        """Return what asks this Envoy's listener `https` for a path and gives the status."""

        def ask(client: Client, path: str = "/", host: str = "web.example.com") -> int:
            connection = HttpsClient(
                envoy.ports["https"],
                server_ca=self.authority.directory / "root.pem",
                credentials=client.credentials,
                http2=False,
                sni="localhost",
            )
            with connection:
                return connection.request(path, host=host).status

        return ask

    def test_hook(self, folder: Path) -> Mapping[str, "subprocess.CompletedProcess[str]"]:
        """Run what the containers of ``helm test`` run, by their names, with this service in place of the Service."""
        spec = self.rendered.one("Pod", "extauthz-test")["spec"]
        return {
            one["name"]: self._ask(
                Pod(folder / one["name"], self.rendered, {**spec, "containers": [one]}, self.objects)
            )
            for one in spec["containers"]
        }

    def _ask(self, pod: Pod) -> "subprocess.CompletedProcess[str]":
        program, *arguments = pod.command
        assert program == "extauthz"
        at = arguments.index("--address") + 1
        scheme, _, place = arguments[at].rpartition("://")
        match = re.fullmatch(r"([a-z.-]+):([0-9]+)(/.*)?", place)
        assert match is not None
        host, port, path = match.groups("")
        name = host.removesuffix(f".{NAMESPACE}.svc")
        (there,) = [
            one["targetPort"] for one in self.rendered.one("Service", name)["spec"]["ports"] if one["port"] == int(port)
        ]
        addresses = {
            "grpc": lambda: self.service.grpc_address,
            "http-auth": lambda: f"{scheme}://{self.service.http_address}{path}",
            "metrics": lambda: f"{scheme}://{self.service.admin_address}",
        }
        arguments[at] = addresses[there]()
        if "--tls-ca" in arguments:
            arguments += ["--tls-server-name", host]
        command = [sys.executable, "-P", "-m", "extauthz", *arguments]
        environment = {"PYTHONPATH": str(Path(extauthz.__file__).parents[1])}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def close(self) -> None:
        self._closing.close()


def server_secret(authority: EdgePki, name: str, names: Sequence[str]) -> Mapping[str, bytes]:
    """Return a Secret as cert-manager makes it, without the CA; its files are saved under the name."""
    usages = [pki.SERVER_AUTH, pki.CLIENT_AUTH]
    saved = authority.save(name, authority.issue(name, dns=list(names), eku=usages))
    return {"tls.crt": saved.certificate.read_bytes(), "tls.key": saved.key.read_bytes()}


def policies_of_the_values_decide(ask: Ask, alice: Client, bob: Client, stranger: Client) -> None:
    """Ask for what the policies of an ingress's values are about."""
    assert ask(alice, "/ops/x").status == 200
    assert ask(bob, "/ops/x").status == 403
    assert ask(bob).status == 200
    assert ask(stranger).status == 403
    assert ask(None).status == 403

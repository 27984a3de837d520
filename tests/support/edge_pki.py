"""The certificates of an edge, valid around the real clock, and as files where programs want files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Unpack

from support import pki
from support.https_client import Credentials
from support.pki import Authority, Leaf, Options

SERVER_NAMES = ("localhost", "*.example")


def now() -> datetime:
    """Return the time of day in whole seconds, which is all that certificates know."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Client:
    """One client of an edge: its certificate, and the files it uses."""

    leaf: Leaf
    credentials: Credentials


class EdgePki:
    """A root, an issuing CA, a server certificate, and the clients that a test asks for, below one directory.

    ``root.pem`` and ``issuing.pem`` are the CAs, ``server.pem`` and ``server.key`` the edge's own.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.root = self.authority("Root")
        self.issuing = self.authority("Issuing CA", parent=self.root, path_length=0)
        self.write("root.pem", self.root.pem)
        self.write("issuing.pem", self.issuing.pem)
        server = self.issue("localhost", dns=SERVER_NAMES, ips=["127.0.0.1"], eku=[pki.SERVER_AUTH])
        self.server = self.save("server", server)

    def authority(self, name: str, parent: Authority | None = None, **options: Unpack[Options]) -> Authority:
        """Make a CA that is valid now."""
        return pki.make_ca(name, parent, **_dated(options))

    def issue(self, name: str | None, *, by: Authority | None = None, **options: Unpack[Options]) -> Leaf:
        """Issue a certificate that is valid now, by the issuing CA unless told otherwise."""
        return (by or self.issuing).issue(name, **_dated(options))

    def client(self, name: str, *, by: Authority | None = None, **options: Unpack[Options]) -> Client:
        """Issue a client certificate and save it."""
        leaf = self.issue(name, by=by, **options)
        return Client(leaf, self.save(name, leaf))

    def save(self, name: str, leaf: Leaf, chain: Iterable[bytes] | None = None) -> Credentials:
        """Write ``name.pem`` (the leaf and its chain, leaf first, unless told otherwise) and ``name.key``."""
        ders = leaf.chain if chain is None else chain
        certificate = self.write(f"{name}.pem", b"".join(pki.pem(one) for one in ders))
        return Credentials(certificate, self.write(f"{name}.key", leaf.key_pem))

    def crl(self, *revoked: Leaf | int, number: int = 1) -> bytes:
        """Return a current CRL of the issuing CA as PEM; certificates are leaves or serial numbers."""
        at = now()
        der = self.issuing.crl(
            revoked,
            this_update=at - pki.HOUR,
            next_update=at + pki.DAY,
            revocation_date=at - pki.HOUR,
            number=number,
        )
        return pki.pem_crl(der)

    def write(self, name: str, content: bytes) -> Path:
        """Replace a file in one step (rename), as programs that watch it may rely on."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(content)
        beside.replace(path)
        return path


def _dated(options: Options) -> Options:
    at = now()
    defaults: Options = {"not_before": at - timedelta(days=1), "not_after": at + timedelta(days=30)}
    return {**defaults, **options}

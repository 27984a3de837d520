"""A small throw-away PKI with a client for each thing that can be right or wrong about a certificate.

``make_dev_pki`` makes it in memory; ``write_dev_pki`` puts it into a directory. The clients are named by what is
particular about them, so that a file name says what to expect.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from extauthz.demo.authority import SERVER, Authority, Credential, Lifetime, make_root
from extauthz.demo.cards import (
    CAC,
    CARD,
    DOD_PERSON,
    LOST_PIV,
    PERSON,
    PIV,
    Card,
    federal_name,
    user_principal_name,
)

SPIFFE_ID = "spiffe://demo.example/ns/payments/sa/api"
CLOCK_MARGIN = timedelta(hours=1)
"""Certificates begin this long ago, so that a machine whose clock is a little behind accepts them too."""
FOREIGN_LIFETIME = timedelta(days=30)
"""How long the expired client was valid, and the not-yet-valid one will be."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client: what is particular about it (``note``), its credential, and who issued it."""

    name: str
    note: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class DevPki:
    """Everything made, in memory. ``revoked`` names the clients on the issuing CA's CRL."""

    root: Authority
    issuing: Authority
    dod: Authority
    """Issues the Common Access Card: the only one whose EDIPIs count."""
    rogue: Authority
    server: Credential
    clients: Mapping[str, Client]
    revoked: tuple[str, ...]
    lifetime: Lifetime

    def issuing_crl(self, *more: str) -> x509.CertificateRevocationList:
        """Sign the issuing CA's CRL: the ``revoked`` clients and those named in ``more``.

        The CRL number counts the additional entries, so a later CRL has the higher number (RFC 5280 §5.2.3).
        """
        revoked = [self.clients[name].credential.certificate for name in (*self.revoked, *more)]
        return self.issuing.issue_crl(revoked, self._crl_lifetime(), number=1 + len(more))

    def dod_crl(self) -> x509.CertificateRevocationList:
        """Sign the CRL of the DoD's CA: empty."""
        return self.dod.issue_crl((), self._crl_lifetime(), number=1)

    def root_crl(self) -> x509.CertificateRevocationList:
        """Sign the root's CRL: empty, both issuing CAs are in good standing."""
        return self.root.issue_crl((), self._crl_lifetime(), number=1)

    def _crl_lifetime(self) -> Lifetime:
        # As long as the PKI itself: nobody renews the CRL of a development PKI, and a stale one denies everybody.
        return self.lifetime


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written, and in a few words what it is."""

    path: Path
    note: str


def make_dev_pki(now: datetime, *, days: int = 30) -> DevPki:
    """Make the PKI. ``now`` is aware UTC; CAs, server, good clients and CRLs end ``days`` after it."""
    now = now.replace(microsecond=0)
    lifetime = Lifetime(now - CLOCK_MARGIN, now + timedelta(days=days))
    root = make_root(_name("Demo Root CA"), lifetime)
    issuing = root.issue_authority(_name("Demo Issuing CA"), lifetime)
    dod = root.issue_authority(federal_name("DEMO DOD ID CA-1", units=("DoD", "PKI")), lifetime)
    rogue = make_root(_name("Rogue CA", organization="Somebody Else"), lifetime)
    # The same name as the real issuing CA and a key of its own: only a signature tells the two apart.
    impostor = make_root(_name("Demo Issuing CA"), lifetime)
    server = issuing.issue(_name("localhost"), lifetime, sans=_server_sans(), usage=SERVER)

    def client(name: str, note: str, unit: str = "Engineering", by: Authority = issuing) -> Client:
        return Client(name, note, by.issue(_name(name, unit=unit), lifetime, sans=_client_sans(name)))

    def dated(name: str, note: str, start: datetime, end: datetime) -> Client:
        subject = _name(name, unit="Engineering")
        return Client(name, note, issuing.issue(subject, Lifetime(start, end), sans=_client_sans(name)))

    odd_name = _name('Zoë "Zed" Ng', unit="Research; Tools", organization="Lab, Inc")
    clients = (
        client("alice", "good; organizational unit Engineering, not pinned"),
        client("carol", "good; the demo revokes it while it is connected"),
        client("ops", "good; organizational unit Ops", unit="Ops"),
        client("pinned", "good; the one whose public key is pinned"),
        Client(
            "spiffe",
            f"good; an X.509-SVID, {SPIFFE_ID}",
            issuing.issue(x509.Name([]), lifetime, sans=[x509.UniformResourceIdentifier(SPIFFE_ID)]),
        ),
        Client("no-san", "good, but without any subjectAltName", issuing.issue(_name("no-san"), lifetime)),
        Client(
            "odd-name",
            "good; a subject with quotes, separators and a letter outside ASCII",
            issuing.issue(odd_name, lifetime, sans=_client_sans("odd-name")),
        ),
        *_cards(issuing, dod, lifetime),
        dated("expired", "expired yesterday", now - FOREIGN_LIFETIME, now - timedelta(days=1)),
        dated("not-yet-valid", "valid from tomorrow", now + timedelta(days=1), now + FOREIGN_LIFETIME),
        client("revoked", "on the CRL of the issuing CA"),
        client("rogue", "issued by a CA that nobody here trusts", by=rogue),
        client("impostor", "issued by a CA with the issuing CA's name and another key", by=impostor),
    )
    return DevPki(
        root=root,
        issuing=issuing,
        dod=dod,
        rogue=rogue,
        server=server,
        clients={one.name: one for one in clients},
        revoked=("revoked", "piv-lost"),
        lifetime=lifetime,
    )


def _cards(issuing: Authority, dod: Authority, lifetime: Lifetime) -> Iterator[Client]:
    """Yield the smart cards. All but the Common Access Card are the issuing CA's."""

    def piv(name: str, note: str, card: Card, common_name: str) -> Client:
        names = [*card.names(), user_principal_name(f"{card.person}@demo.example")]
        return Client(name, note, issuing.issue(federal_name(common_name), lifetime, sans=names, usage=PERSON))

    yield piv("piv", "good; a PIV card with its PIN (PIV Authentication)", PIV, "TESTER.PAT")
    yield Client(
        "piv-card",
        "good; the same card without a PIN (Card Authentication): a card, not its holder",
        issuing.issue(federal_name(serial_number=PIV.uuid), lifetime, sans=PIV.names(), usage=CARD),
    )
    yield piv("piv-lost", "a PIV card that was reported lost: on the CRL of the issuing CA", LOST_PIV, "TESTER.SAM")
    holder = federal_name(f"TESTER.ROBIN.{CAC.person}", units=("DoD", "PKI", "USN"))
    names = [*CAC.names(), user_principal_name(f"{CAC.person}@mil")]
    yield Client(
        "cac",
        f"good; a Common Access Card, EDIPI {CAC.person}",
        dod.issue(holder, lifetime, sans=names, usage=DOD_PERSON),
    )
    yield Client(
        "cac-impostor",
        "good, and every name of the Common Access Card; but its issuer is not the DoD's",
        issuing.issue(holder, lifetime, sans=names, usage=DOD_PERSON),
    )


class DirectoryNotEmptyError(Exception):
    """The directory to write into holds something already, and nobody said that it may be overwritten."""


def write_dev_pki(pki: DevPki, directory: Path, *, force: bool = False) -> tuple[WrittenFile, ...]:
    """Write the PKI below ``directory`` and return what was written, in order.

    Private keys get mode 0600. A directory that is not empty is refused (``DirectoryNotEmptyError``) unless
    ``force``; then files of the same name are replaced and others are left alone. ``OSError`` passes through.
    """
    if not force and directory.is_dir() and any(directory.iterdir()):
        raise DirectoryNotEmptyError(f"{directory} is not empty")
    written = []
    for path, note, content, mode in _files(pki, directory):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content, mode)
        written.append(WrittenFile(path, note))
    return tuple(written)


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file in one step: a reader sees the old content or the new, never a part (rename(2))."""
    beside = path.with_name(path.name + ".new")
    _write(beside, content, mode)
    beside.replace(path)


def crl_pem(crl: x509.CertificateRevocationList) -> bytes:
    """Return a CRL as PEM."""
    return crl.public_bytes(serialization.Encoding.PEM)


def _files(pki: DevPki, directory: Path) -> Iterator[tuple[Path, str, bytes, int]]:
    authorities = (
        ("root-ca", "the trust anchor", pki.root),
        ("issuing-ca", "the intermediate that issues clients and server", pki.issuing),
        ("dod/dod-ca", "the intermediate that issues the Common Access Card", pki.dod),
        ("rogue-ca", "a CA to be refused", pki.rogue),
    )
    for name, note, authority in authorities:
        yield directory / f"{name}.pem", note, authority.credential.certificate_pem(), 0o644
        yield directory / f"{name}.key", "its private key", authority.credential.key_pem(), 0o600
    yield (
        directory / "server.pem",
        "server for localhost, 127.0.0.1, ::1, with its chain",
        pki.server.chain_pem(),
        0o644,
    )
    yield directory / "server.key", "its private key", pki.server.key_pem(), 0o600
    yield directory / "crls" / "issuing-ca.crl", "lists the revoked clients", crl_pem(pki.issuing_crl()), 0o644
    yield directory / "dod" / "dod-ca.crl", "empty", crl_pem(pki.dod_crl()), 0o644
    yield directory / "crls" / "root-ca.crl", "empty", crl_pem(pki.root_crl()), 0o644
    clients = directory / "clients"
    for client in pki.clients.values():
        yield clients / f"{client.name}.pem", client.note, client.credential.certificate_pem(), 0o644
        yield clients / f"{client.name}.chain.pem", "the same with its chain", client.credential.chain_pem(), 0o644
        yield clients / f"{client.name}.key", "its private key", client.credential.key_pem(), 0o600


def _write(path: Path, content: bytes, mode: int) -> None:
    # Opened with the final mode: a key must not be readable by others even for a moment. An existing file keeps the
    # mode it has, so it is set as well.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(content)


def _name(common_name: str, *, unit: str | None = None, organization: str = "Example") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    if unit is not None:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(attributes)


def _client_sans(name: str) -> list[x509.GeneralName]:
    return [x509.DNSName(f"{name}.clients.example"), x509.RFC822Name(f"{name}@example.com")]


def _server_sans() -> list[x509.GeneralName]:
    loopback = [x509.IPAddress(ip_address(text)) for text in ("127.0.0.1", "::1")]
    return [x509.DNSName("localhost"), *loopback]

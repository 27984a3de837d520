"""The trust material that a configuration names: anchors, intermediates and CRLs, read and verified."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from extauthz.config.certificate_files import CERTIFICATE_FILE_SIZE, certificates_from_file
from extauthz.config.key_path import KeyPath
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.trust import Trust
from extauthz.identity.certificate import Certificate
from extauthz.identity.names import name_key
from extauthz.trust.crl.files import MAX_PEM_BYTES, crls_from_bytes
from extauthz.trust.crl.load import Crl, CrlError, load_crl

Content = TypeVar("Content")
Found = tuple[KeyPath, str]
"""A path of the configuration, and what is wrong with what it names."""


@dataclass(frozen=True, slots=True)
class LoadedCrl:
    """A verified CRL and the file it came from."""

    path: Path
    crl: Crl


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """Everything that decides whom to believe, as read from the files. Certificates that occur twice stand once."""

    anchors: tuple[Certificate, ...] = ()
    intermediates: tuple[Certificate, ...] = ()
    crls: tuple[LoadedCrl, ...] = ()


@dataclass(slots=True)
class TrustReader:
    """Reads the trust material of one configuration, and collects what is wrong with it."""

    files: FileReader
    found: list[Found] = field(default_factory=list)

    def read(self, trust: Trust | None, revocation: Revocation | None, *, complete: bool) -> TrustMaterial:
        """Read what the sections name. A section is None where it could not be read.

        ``complete`` is False when some anchors or intermediates are known to be missing here; then nothing is said of
        CRLs whose issuer cannot be found.
        """
        anchors: Sequence[Certificate] = ()
        intermediates: Sequence[Certificate] = ()
        if trust is not None:
            anchors = self._certificates(("trust", "anchors"), trust.anchors or ())
            intermediates = self._certificates(("trust", "intermediates"), trust.intermediates or ())
        issuers = (*anchors, *intermediates)
        crls: Sequence[LoadedCrl] = ()
        if revocation is not None:
            crls = self._crls(revocation, issuers, complete=complete and not self.found)
        return TrustMaterial(tuple(anchors), tuple(intermediates), tuple(crls))

    def _certificates(self, key: KeyPath, names: Sequence[str]) -> list[Certificate]:
        certificates: dict[bytes, Certificate] = {}
        for index, name in enumerate(names):
            path = (*key, index)
            for file in self._listed(path, name):
                for certificate in self._read(path, name, file, CERTIFICATE_FILE_SIZE, certificates_from_file) or ():
                    if not certificate.identity.is_ca:
                        subject = certificate.identity.subject_dn
                        message = f"holds {subject!r}, which is not a CA certificate and can vouch for no client"
                        self._say(path, name, file, message)
                    certificates.setdefault(certificate.sha256, certificate)
        return list(certificates.values())

    def _crls(self, revocation: Revocation, issuers: Sequence[Certificate], *, complete: bool) -> list[LoadedCrl]:
        crls: dict[bytes, LoadedCrl] = {}
        for index, source in enumerate(revocation.crls or ()):
            path: KeyPath = ("revocation", "crls", index, "path")
            for file in self._listed(path, source.path):
                for der in self._read(path, source.path, file, MAX_PEM_BYTES, crls_from_bytes) or ():
                    try:
                        crl = load_crl(der, issuers)
                    except CrlError as error:
                        if complete or _issuer_is_known(der, issuers):
                            self._say(path, source.path, file, f"cannot be used: {error}")
                    else:
                        crls.setdefault(crl.sha256, LoadedCrl(file, crl))
        return list(crls.values())

    def _listed(self, path: KeyPath, name: str) -> list[Path]:
        try:
            return self.files.list_files(name)
        except FileError as error:
            hint = "; `${…}` is not expanded here" if "${" in name else ""
            self.found.append((path, f"{name!r} {error}{hint}"))
            return []

    def _read(
        self, path: KeyPath, name: str, file: Path, limit: int, parse: Callable[[bytes], Content]
    ) -> Content | None:
        try:
            return parse(self.files.read(file, limit))
        except FileError as error:
            self._say(path, name, file, str(error))
        except CrlError as error:
            self._say(path, name, file, f"cannot be used: {error}")
        return None

    def _say(self, path: KeyPath, name: str, file: Path, message: str) -> None:
        inside = f"{name!r} " if file == self.files.resolve(name) else f"{file.name!r} in {name!r} "
        self.found.append((path, inside + message))


def _issuer_is_known(der: bytes, issuers: Sequence[Certificate]) -> bool:
    """Say whether a CRL names one of the issuers; True where that cannot be told, so that its mistake is reported."""
    try:
        issuer = name_key(x509.load_der_x509_crl(der).issuer)
    except Exception:  # noqa: BLE001  (the library raises many types; what is wrong is said by load_crl)
        return True
    return any(one.subject_key == issuer for one in issuers)

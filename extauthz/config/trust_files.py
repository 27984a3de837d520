"""The trust material that a configuration names: anchors, intermediates and CRL signers, read; CRLs only looked at.

CRLs come and go while the service runs, so they are loaded beside the configuration (``extauthz.refresh``). Here only
that a file is there and may be read counts, since anything else is a mistake in the configuration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from extauthz.config.certificate_files import CERTIFICATE_FILE_SIZE, certificates_from_file
from extauthz.config.key_path import KeyPath
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.trust import TiedAnchor, Trust
from extauthz.identity.certificate import Certificate
from extauthz.trust.chain.anchor import Anchor

Found = tuple[KeyPath, str]
"""A path of the configuration, and what is wrong with what it names."""


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """Everything that decides whom to believe, as read from the files. Certificates that occur twice stand once."""

    anchors: tuple[Anchor, ...] = ()
    intermediates: tuple[Certificate, ...] = ()
    signers: tuple[Certificate, ...] = ()
    """They sign CRLs, and need not be CAs."""


@dataclass(slots=True)
class TrustReader:
    """Reads the trust material of one configuration, and collects what is wrong with it."""

    files: FileReader
    found: list[Found] = field(default_factory=list)

    def read(self, trust: Trust | None, revocation: Revocation | None) -> TrustMaterial:
        """Read what the sections name. A section is None where it could not be read."""
        anchors: Sequence[Anchor] = ()
        intermediates: Sequence[Certificate] = ()
        signers: Sequence[Certificate] = ()
        if trust is not None:
            anchors = self._anchors(trust)
            intermediates = self._authorities(("trust", "intermediates"), trust.intermediates or ())
        if revocation is not None:
            signers = self._signers(revocation.signers or ())
            self._look_at_crls(revocation)
        return TrustMaterial(tuple(anchors), tuple(intermediates), tuple(signers))

    def _anchors(self, trust: Trust) -> list[Anchor]:
        anchors: dict[bytes, Anchor] = {}
        for index, given in enumerate(trust.anchors or ()):
            path: KeyPath = ("trust", "anchors", index)
            entry, at = (TiedAnchor(path=given), path) if isinstance(given, str) else (given, (*path, "path"))
            name = entry.path
            domains, dod = tuple(entry.trust_domains or ()), entry.dod is not None
            for file, certificate in self._certificates(at, name):
                self._expect_ca(at, name, file, certificate)
                known = anchors.setdefault(certificate.sha256, Anchor(certificate, domains, dod))
                if (set(known.trust_domains), known.dod) != (set(domains), dod):
                    # Whichever of the two would count, the other would not hold.
                    message = (
                        f"holds {certificate.identity.subject_dn!r}, which is listed as an anchor for other things too"
                    )
                    self._say(at, name, file, message)
        return list(anchors.values())

    def _authorities(self, key: KeyPath, names: Sequence[str]) -> list[Certificate]:
        certificates: dict[bytes, Certificate] = {}
        for index, name in enumerate(names):
            path = (*key, index)
            for file, certificate in self._certificates(path, name):
                self._expect_ca(path, name, file, certificate)
                certificates.setdefault(certificate.sha256, certificate)
        return list(certificates.values())

    def _signers(self, names: Sequence[str]) -> list[Certificate]:
        certificates: dict[bytes, Certificate] = {}
        for index, name in enumerate(names):
            path: KeyPath = ("revocation", "signers", index)
            for file, certificate in self._certificates(path, name):
                usage = certificate.identity.key_usage
                if usage and "cRLSign" not in usage:
                    message = f"holds {certificate.identity.subject_dn!r}, whose keyUsage does not let it sign CRLs"
                    self._say(path, name, file, message)
                certificates.setdefault(certificate.sha256, certificate)
        return list(certificates.values())

    def _look_at_crls(self, revocation: Revocation) -> None:
        for index, source in enumerate(revocation.crls or ()):
            if source.path is None:
                continue
            path: KeyPath = ("revocation", "crls", index, "path")
            for file in self._listed(path, source.path):
                try:
                    self.files.open(file).close()
                except FileError as error:
                    self._say(path, source.path, file, str(error))

    def _certificates(self, path: KeyPath, name: str) -> Iterator[tuple[Path, Certificate]]:
        for file in self._listed(path, name):
            try:
                certificates = certificates_from_file(self.files.read(file, CERTIFICATE_FILE_SIZE))
            except FileError as error:
                self._say(path, name, file, str(error))
                continue
            for certificate in certificates:
                yield file, certificate

    def _expect_ca(self, path: KeyPath, name: str, file: Path, certificate: Certificate) -> None:
        if not certificate.identity.is_ca:
            what = "is not a CA certificate and can vouch for no client"
            self._say(path, name, file, f"holds {certificate.identity.subject_dn!r}, which {what}")

    def _listed(self, path: KeyPath, name: str) -> list[Path]:
        try:
            return self.files.list_files(name)
        except FileError as error:
            hint = "; `${…}` is not expanded here" if "${" in name else ""
            self.found.append((path, f"{name!r} {error}{hint}"))
            return []

    def _say(self, path: KeyPath, name: str, file: Path, message: str) -> None:
        inside = f"{name!r} " if file == self.files.resolve(name) else f"{file.name!r} in {name!r} "
        self.found.append((path, inside + message))

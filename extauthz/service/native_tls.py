"""TLS material as Python's ``ssl`` takes it."""

import os
import ssl
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from extauthz.config.certificate_files import certificates_from_file
from extauthz.identity.certificate import Certificate
from extauthz.service.listen_address import ListenError
from extauthz.service.stack_reports import StackReports
from extauthz.service.tls import TlsInUse, TlsMaterial

Authorities = tuple[Certificate, ...]
"""The CAs of ``client_ca``, in the order of the file; none where no client certificate is asked for."""


class NativeTls:
    """The context for the next handshake, made anew when the material in use changes."""

    def __init__(self, in_use: TlsInUse, protocols: Sequence[str]) -> None:
        """Make the first one. ``protocols`` are offered by ALPN. Raises OSError or ValueError."""
        self._in_use = in_use
        self._protocols = protocols
        self._taken = in_use.material
        self.authorities = _authorities(self._taken)
        """Those that count now: the same object for as long as they are the same."""
        self._context = _context(self._taken, self.authorities, protocols)
        self._by_context = WeakKeyDictionary({self._context: self.authorities})
        self._on_other_authorities: Callable[[], None] = _nobody
        self._reports = StackReports()
        in_use.on_change(self._take_up)

    def __call__(self) -> ssl.SSLContext:
        """Return it."""
        return self._context

    def authorities_of(self, context: ssl.SSLContext) -> Authorities:
        """Return those that counted in a context that was returned earlier."""
        return self._by_context[context]

    def on_other_authorities(self, listener: Callable[[], None]) -> None:
        """Call ``listener()`` once others count."""
        self._on_other_authorities = listener

    def _take_up(self) -> None:
        """Use other material. What cannot be used is reported, and the last good one stays in use."""
        material = self._in_use.material
        before = self.authorities
        try:
            authorities = before if material.client_ca == self._taken.client_ca else _authorities(material)
            context = _context(material, authorities, self._protocols)
        except (OSError, ValueError):  # ssl.SSLError is an OSError, FileError a ValueError
            self._reports.report("new TLS files cannot be used; the old ones stay in use")
            return
        self._taken, self._context, self.authorities = material, context, authorities
        self._by_context[context] = authorities
        if authorities is not before:
            self._on_other_authorities()


def tls_at(address: str, in_use: TlsInUse | None, protocol: str) -> NativeTls | None:
    """Return what a listener at this address begins its handshakes with; None without TLS. Raises ListenError."""
    try:
        return None if in_use is None else NativeTls(in_use, (protocol,))
    except (OSError, ValueError) as error:
        raise ListenError(address, f"OpenSSL cannot use its TLS files: {error}") from None


def _nobody() -> None:
    """Nobody listens."""


def _authorities(material: TlsMaterial) -> Authorities:
    """Return them; as DER, as what stands between the blocks of a file need not be ASCII. Raises ValueError."""
    return () if material.client_ca is None else tuple(certificates_from_file(material.client_ca))


def _context(material: TlsMaterial, authorities: Authorities, protocols: Sequence[str]) -> ssl.SSLContext:
    """Return a context for these certificates. Raises OSError or ValueError for what OpenSSL does not take."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(list(protocols))
    # What RFC 9113 (section 9.2.2) allows of TLS 1.2: an ephemeral key exchange and an authenticated cipher.
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_RENEGOTIATION
    with _file(material.certificates) as certificates, _file(material.key) as key:
        context.load_cert_chain(certificates, key)
    if material.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        # Whom the operator names is trusted, an intermediate CA too, as the other transport has it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=b"".join(one.der for one in authorities))
    return context


@contextmanager
def _file(content: bytes) -> Iterator[str]:
    """Give bytes a name, as OpenSSL reads only files: in memory where there is such a thing, for a key is a secret."""
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield file.name
        return
    descriptor = os.memfd_create("extauthz-tls", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)

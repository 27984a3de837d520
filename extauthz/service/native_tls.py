"""TLS material as Python's ``ssl`` takes it."""

import os
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from extauthz.service.stack_reports import StackReports
from extauthz.service.tls import TlsInUse, TlsMaterial


class NativeTls:
    """The context for the next handshake, made anew when the material in use has changed."""

    def __init__(self, in_use: TlsInUse, protocols: Sequence[str]) -> None:
        """``protocols`` are offered by ALPN."""
        self._in_use = in_use
        self._protocols = protocols
        self._taken = in_use.material
        self._context = _context(self._taken, protocols)
        self._reports = StackReports()

    def __call__(self) -> ssl.SSLContext:
        """Return it. Material that cannot be used is reported once, and the last good one stays in use."""
        material = self._in_use.material
        if material is not self._taken:
            self._taken = material
            try:
                self._context = _context(material, self._protocols)
            except (OSError, ValueError):  # ssl.SSLError is an OSError
                self._reports.report("new TLS files cannot be used; the old ones stay in use")
        return self._context


def _context(material: TlsMaterial, protocols: Sequence[str]) -> ssl.SSLContext:
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
        context.load_verify_locations(cadata=material.client_ca.decode("ascii", "replace"))
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

"""The indexing process: ``python -m extauthz.refresh.worker FD``, where FD is its end of a socket pair.

A CRL of a million entries takes a second or more of pure Python, during which no other thread of a process answers a
check. So it is verified and indexed here, at low priority, and only the finished index is handed over: as an open file,
which the service maps into memory. What runs here is also what reads the most hostile bytes, so the worst that a CRL
can do to the service is to end this process.

For each job it gets a file of CRLs and the certificates whose signatures count, and sends one message for each CRL and
a last one. It ends when the other end of the socket is closed.
"""

import os
import resource
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.refresh.index_file import IndexFile
from extauthz.refresh.message import ConnectionEnded, Message, receive, send
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.files import crls_from_bytes
from extauthz.trust.crl.load import load_crl

NICENESS = 10
"""Checks come first."""
MAX_ADDRESS_SPACE = 2 << 30
"""Bytes. The largest CRL that is read takes less than 1 GiB with its index; a defect must not take the machine."""

Data = bytes | mmap


def main(arguments: Sequence[str]) -> None:
    """Serve jobs until the other end is closed."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE))
    with socket.socket(fileno=int(arguments[0])) as channel:
        serve(channel)


def serve(channel: socket.socket) -> None:
    """Serve jobs until the other end is closed."""
    issuers = _Issuers()
    try:
        while True:
            _serve_one(channel, receive(channel), issuers)
    except ConnectionEnded:
        return


def _serve_one(channel: socket.socket, job: Message, issuers: "_Issuers") -> None:
    try:
        directory = job.fields["indices"]
        certificates = issuers.read(job.blob, job.fields["sizes"])
        for der in _crls(job):
            _load(channel, der, certificates, None if directory is None else Path(directory))
        end: dict[str, object] = {"end": "done"}
    except CrlError as error:
        _send_refusal(channel, error)
        end = {"end": "done"}
    except (OSError, MemoryError) as error:
        end = {"end": "failed", "why": f"{type(error).__name__}: {error}"}
    finally:
        if job.descriptor is not None:
            os.close(job.descriptor)
    send(channel, Message(end))


def _crls(job: Message) -> Iterator[Data]:
    """Yield each CRL of the job's file in DER. A file that is one CRL is mapped, not copied."""
    assert job.descriptor is not None  # noqa: S101  (every job has one; the other end is our own)
    if os.fstat(job.descriptor).st_size == 0:
        yield from crls_from_bytes(b"")  # which says so
        return
    with mmap(job.descriptor, 0, access=ACCESS_READ) as data:
        if data[:1] == b"\x30":
            yield data
        else:
            yield from crls_from_bytes(data[:])


def _load(channel: socket.socket, der: Data, issuers: Sequence[Certificate], directory: Path | None) -> None:
    with IndexFile(der, directory) as file:
        try:
            crl = load_crl(der, issuers, keep=file.keep)
        except CrlError as error:
            _send_refusal(channel, error)
            return
        fields = {
            "signers": [issuers.index(one) for one in crl.signers],
            "sha256": crl.sha256.hex(),
            "size": crl.size,
            "index_size": file.size,
        }
        send(channel, Message(fields, crl.head.skeleton, file.descriptor))


def _send_refusal(channel: socket.socket, error: CrlError) -> None:
    send(channel, Message({"why": str(error), "issuer_dn": error.issuer_dn, "issuer_key": error.issuer_key}))


class _Issuers:
    """The certificates of the last job, which are those of the next one as a rule."""

    def __init__(self) -> None:
        self._blob = b""
        self._certificates: tuple[Certificate, ...] = ()

    def read(self, blob: bytes, sizes: Iterable[int]) -> tuple[Certificate, ...]:
        if blob != self._blob or not self._certificates:
            certificates, at = [], 0
            for size in sizes:
                certificates.append(parse_certificate(blob[at : at + size]))
                at += size
            self._blob, self._certificates = blob, tuple(certificates)
        return self._certificates


if __name__ == "__main__":
    main(sys.argv[1:])

"""CRLs from the process that has them to one that asks them: what is small is sent, the index is mapped by both.

Each CRL goes to a worker once, whatever else of the CRLs changes.
"""

import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.refresh.index_file import SharedIndexMap, map_index, share_index
from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.workers.orders import Order
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.index import CrlIndex
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl

Key = tuple[bytes, tuple[bytes, ...]]
"""SHA-256 of a CRL, and of each certificate whose signature on it counts."""


@dataclass(frozen=True, slots=True)
class SentCrl:
    """A CRL without its index, as it is pickled."""

    key: Key
    skeleton: bytes
    signers: tuple[bytes, ...]
    """DER."""
    size: int
    index_size: int


@dataclass(frozen=True, slots=True)
class SentSnapshot:
    """What a worker needs to know of a snapshot, as it is pickled."""

    keys: tuple[Key, ...]
    rejected: tuple[RejectedCrl, ...]
    waiting: tuple[str, ...]


class CrlSender:
    """The supervisor's side, for one worker."""

    def __init__(self) -> None:
        self._there: set[Key] = set()

    def messages(self, snapshot: Snapshot, number: int) -> Iterator[tuple[Message, object]]:
        """Yield the orders that bring a worker to this snapshot, each with what keeps its descriptor open.

        Raises OSError when there is no room to hand a CRL over.
        """
        crls = {_key(crl): crl for crl in snapshot.crls}
        for key, crl in crls.items():
            if key not in self._there:
                yield _crl_message(key, crl)
                self._there.add(key)
        self._there = set(crls)
        sent = SentSnapshot(tuple(crls), snapshot.rejected, snapshot.waiting)
        yield Message({"order": Order.CRLS, "number": number}, pickle.dumps(sent)), None


class CrlReceiver:
    """A worker's side."""

    def __init__(self) -> None:
        self._crls: dict[Key, Crl] = {}
        self._certificates: dict[bytes, Certificate] = {}

    def take(self, message: Message) -> None:
        """Take one CRL. Raises OSError, and ValueError for an index that is none."""
        sent: SentCrl = pickle.loads(message.blob)  # noqa: S301  (from the supervisor, which started this process)
        descriptor = message.descriptor
        if descriptor is None:
            raise ValueError("a CRL came without its index")
        try:
            entries = CrlIndex(map_index(descriptor, sent.index_size))
        finally:
            os.close(descriptor)
        self._crls[sent.key] = Crl(
            head=read_head(sent.skeleton),
            signers=tuple(self._certificate(der) for der in sent.signers),
            entries=entries,
            sha256=sent.key[0],
            size=sent.size,
        )

    def snapshot(self, message: Message) -> tuple[tuple[Crl, ...], SentSnapshot]:
        """Return the CRLs of a snapshot and the rest of it; what it does not hold is forgotten."""
        sent: SentSnapshot = pickle.loads(message.blob)  # noqa: S301  (from the supervisor, as above)
        self._crls = {key: self._crls[key] for key in sent.keys}
        return tuple(self._crls.values()), sent

    def _certificate(self, der: bytes) -> Certificate:
        """Parse each once: there are few, and thousands of CRLs may be theirs."""
        if der not in self._certificates:
            self._certificates[der] = parse_certificate(der)
        return self._certificates[der]


def _key(crl: Crl) -> Key:
    return crl.sha256, tuple(one.sha256 for one in crl.signers)


def _crl_message(key: Key, crl: Crl) -> tuple[Message, object]:
    buffer = crl.entries.buffer
    sent = SentCrl(key, crl.head.skeleton, tuple(one.der for one in crl.signers), crl.size, buffer.nbytes)
    descriptor, owner = _file_of(buffer)
    return Message({"order": Order.CRL}, pickle.dumps(sent), descriptor), owner


def _file_of(buffer: memoryview) -> tuple[int, object]:
    """Return a descriptor of a file that holds the index, its own or a copy of one without, and what keeps it open."""
    if isinstance(buffer.obj, SharedIndexMap):
        return buffer.obj.descriptor, buffer.obj
    with scratch_file("extauthz-crl-index") as file:
        file.write(buffer)
        file.flush()
        copy = share_index(file.fileno(), buffer.nbytes)
    return copy.descriptor, copy

"""Messages between the service and its indexing process: JSON and bytes, and at most one open file with each.

JSON and not pickle: what comes from the process that reads CRLs must not be able to run code in the other one.
"""

import json
import os
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_FIELDS_BYTES = 1 << 20
"""Of the JSON: a sentence, a few numbers."""
MAX_BLOB_BYTES = 64 << 20
"""Of the bytes: the certificates of all issuers, or a CRL without its entries."""
_HEADER = struct.Struct("!II")
_CHUNK = 1 << 20


class ConnectionEnded(Exception):  # noqa: N818  (it is no error when nobody waits for anything)
    """The other process is gone."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Who receives a descriptor closes it."""

    fields: Mapping[str, Any]
    blob: bytes = b""
    descriptor: int | None = None


def send(channel: socket.socket, message: Message, deadline: float | None = None) -> None:
    """Send one message. ConnectionEnded, and TimeoutError after ``deadline`` (of ``time.monotonic``)."""
    fields = json.dumps(message.fields).encode()
    data = memoryview(_HEADER.pack(len(fields), len(message.blob)) + fields + message.blob)
    descriptors = [] if message.descriptor is None else [message.descriptor]
    try:
        _set_timeout(channel, deadline)
        sent = socket.send_fds(channel, [data[:_CHUNK]], descriptors)
        while sent < len(data):
            _set_timeout(channel, deadline)
            sent += channel.send(data[sent : sent + _CHUNK])
    except TimeoutError:
        raise
    except OSError as error:
        raise ConnectionEnded from error


def receive(channel: socket.socket, deadline: float | None = None) -> Message:
    """Receive one message. ConnectionEnded, and TimeoutError after ``deadline`` (of ``time.monotonic``)."""
    descriptors: list[int] = []
    try:
        header = _receive(channel, _HEADER.size, deadline, descriptors)
        fields_size, blob_size = _HEADER.unpack(header)
        if fields_size > MAX_FIELDS_BYTES or blob_size > MAX_BLOB_BYTES:
            raise ConnectionEnded("a message is longer than any that is sent")
        fields = json.loads(_receive(channel, fields_size, deadline, descriptors))
        blob = _receive(channel, blob_size, deadline, descriptors)
        if not isinstance(fields, dict) or len(descriptors) > 1:
            raise ConnectionEnded("a message is not of the form that is sent")
        return Message(fields, blob, descriptors.pop() if descriptors else None)
    except TimeoutError:
        raise
    except (OSError, ValueError) as error:
        raise ConnectionEnded from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _receive(channel: socket.socket, size: int, deadline: float | None, descriptors: list[int]) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        _set_timeout(channel, deadline)
        data, new, _flags, _address = socket.recv_fds(channel, min(size - len(parts), _CHUNK), 1)
        descriptors += new
        if not data:
            raise ConnectionEnded
        parts += data
    return bytes(parts)


def _set_timeout(channel: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        channel.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)

"""Mutations of valid input: what a broken proxy, a hostile client or a torn file makes of it."""

import random
from collections.abc import Callable, Sequence

INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x80",
    b"\x7f",
    b"%",
    b"%00",
    b"%0A",
    b"+",
    b'"',
    b"\\",
    b";",
    b",",
    b"=",
    b"\r\n",
    b"\x30\x80",
    b"\x30\x84\xff\xff\xff\xff",
    b"-----BEGIN CERTIFICATE-----",
    b"-----END CERTIFICATE-----",
    "\u202e".encode(),
    b"\xed\xa0\x80",
    b"../",
    b": ",
    b"\n  ",
    b"*",
    b":",
    b"[",
    b"]",
    b"{}",
    b"\\ud800",
)
"""Bytes that mean something to one of the decoders."""

MAX_LENGTH = 1 << 18
"""Mutations grow their input; past this it is cut, or the fuzzer would test memory bandwidth."""

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def _position(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _cut(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    return data[: _position(data, rng)]


def _drop(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _position(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 4, 16, 64)) :]


def _flip(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _position(data, rng)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _position(data, rng)
    return data[:at] + rng.choice(INTERESTING) + data[at:]


def _repeat(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = sorted((_position(data, rng), _position(data, rng)))
    return data[:end] + data[start:end] * rng.choice((1, 2, 50)) + data[end:]


def _move(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = sorted((_position(data, rng), _position(data, rng)))
    rest = data[:start] + data[end:]
    at = _position(rest, rng)
    return rest[:at] + data[start:end] + rest[at:]


def _splice(data: bytes, rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    other = rng.choice(corpus)
    return data[: _position(data, rng)] + other[_position(other, rng) :]


MUTATIONS: tuple[Mutation, ...] = (_cut, _drop, _flip, _overwrite, _insert, _repeat, _move, _splice)


def mutate(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Return one of the corpus, changed a few times."""
    data = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        data = rng.choice(MUTATIONS)(data, rng, corpus)[:MAX_LENGTH]
    return data

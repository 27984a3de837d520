"""Mutations of connections: whole frames lost, doubled, moved, exchanged and relabelled, besides those of bytes."""

import random
from collections.abc import Callable, Sequence

from fuzz.mutate import MAX_LENGTH, mutate

from support import frames
from support.frames import Frame

Mutation = Callable[[list[Frame], random.Random, Sequence[bytes]], list[Frame]]
NUMBERS = (0, 1, 2, 3, 5, 7, 9, 99, 0x7FFFFFFF, 0x80000001)


def _drop(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    at = rng.randrange(len(whole))
    return whole[:at] + whole[at + rng.choice((1, 1, 3)) :]


def _double(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    at = rng.randrange(len(whole))
    return whole[:at] + whole[at : at + rng.choice((1, 2, 5))] * rng.choice((2, 2, 40)) + whole[at:]


def _move(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    rest = list(whole)
    one = rest.pop(rng.randrange(len(rest)))
    rest.insert(rng.randrange(len(rest) + 1), one)
    return rest


def _shuffle(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    at, size = rng.randrange(len(whole)), rng.choice((2, 5, 20))
    part = whole[at : at + size]
    rng.shuffle(part)
    return whole[:at] + part + whole[at + size :]


def _relabel(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    at = rng.randrange(len(whole))
    changed = rng.choice(
        (
            whole[at]._replace(stream_id=rng.choice((*NUMBERS, rng.choice(whole).stream_id))),
            whole[at]._replace(flags=rng.choice((0, 1, 4, 5, 8, 0x20, 0xFF))),
            whole[at]._replace(type=rng.randrange(12)),
        )
    )
    return [*whole[:at], changed, *whole[at + 1 :]]


def _swap_contents(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    first, second = rng.randrange(len(whole)), rng.randrange(len(whole))
    changed = list(whole)
    changed[first] = whole[first]._replace(payload=whole[second].payload)
    changed[second] = whole[second]._replace(payload=whole[first].payload)
    return changed


def _cut_in_two(whole: list[Frame], rng: random.Random, _: Sequence[bytes]) -> list[Frame]:
    at = rng.randrange(len(whole))
    one = whole[at]
    middle = rng.randrange(len(one.payload) + 1)
    return [
        *whole[:at],
        one._replace(flags=one.flags & ~frames.END_STREAM, payload=one.payload[:middle]),
        one._replace(payload=one.payload[middle:]),
        *whole[at + 1 :],
    ]


def _splice(whole: list[Frame], rng: random.Random, corpus: Sequence[bytes]) -> list[Frame]:
    other = _frames(rng.choice(corpus))
    return whole[: rng.randrange(len(whole) + 1)] + other[rng.randrange(len(other)) :]


def _interleave(whole: list[Frame], rng: random.Random, corpus: Sequence[bytes]) -> list[Frame]:
    mixed, other = list(whole), _frames(rng.choice(corpus))
    for one in rng.sample(other, min(len(other), rng.choice((1, 3, 10)))):
        mixed.insert(rng.randrange(len(mixed) + 1), one)
    return mixed


MUTATIONS: tuple[Mutation, ...] = (
    _drop,
    _double,
    _move,
    _shuffle,
    _relabel,
    _swap_contents,
    _cut_in_two,
    _splice,
    _interleave,
)


def mutate_frames(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Return one of the connections, changed a few times: its frames, its bytes, or first the one, then the other."""
    if rng.random() < 0.3:
        return mutate(rng, corpus)
    whole = _frames(rng.choice(corpus))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        whole = rng.choice(MUTATIONS)(whole, rng, corpus) or whole
    data = frames.PREFACE + b"".join(frames.frame(*one) for one in whole)
    return mutate(rng, (data,)) if rng.random() < 0.3 else data[:MAX_LENGTH]


def _frames(connection: bytes) -> list[Frame]:
    return frames.split(connection[len(frames.PREFACE) :])

"""The short form of ``make fuzz``: the same targets, a fixed seed, a bounded number of inputs."""

import random

import pytest
from fuzz import connection, connection_corpus, http_connection
from fuzz.mutate import mutate
from fuzz.run import attempt
from fuzz.source_targets import IN_HEADERS, Write, decide
from fuzz.targets import targets
from fuzz.world import BrokenPromiseError, Target, engine_of, small_engine, world

from extauthz.sources.source import Source

INPUTS = {"config": 60, "crl": 600, "connection": 2500}
"""Inputs a target; 1,500 where it is not named. Loading a configuration takes milliseconds, the others far less;
a connection is cheap, and has the most ways to go wrong."""
TARGETS = {target.name: target for target in targets()}


@pytest.mark.parametrize("name", TARGETS)
def test_valid_input_keeps_the_promise(name: str) -> None:
    for data in TARGETS[name].corpus:
        assert attempt(TARGETS[name], data) is None


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_input_keeps_the_promise(name: str) -> None:
    rng = random.Random(20261123)
    for _ in range(INPUTS.get(name, 1500)):
        data = TARGETS[name].mutate(rng, TARGETS[name].corpus)
        assert attempt(TARGETS[name], data) is None, data


def test_fuzzer_sees_a_broken_promise() -> None:
    def broken(data: bytes) -> None:
        if b"\xff" in data:
            raise BrokenPromiseError("0xff")

    target = Target("broken", [b"\x00" * 8], broken)
    rng = random.Random(1)
    assert any(attempt(target, mutate(rng, target.corpus)) for _ in range(2000))


@pytest.mark.parametrize(("name", "source", "write"), IN_HEADERS, ids=[name for name, _, _ in IN_HEADERS])
def test_a_good_certificate_in_headers_is_allowed(name: str, source: Source, write: Write) -> None:
    """Or there would be nothing to be found out about allows."""
    engine = engine_of(source)
    allowed = [decide(source, engine, data).allowed for data in TARGETS[name].corpus]
    assert [write(leaf).encode() for leaf in world().leaves] == list(TARGETS[name].corpus)
    assert allowed == [leaf.sha256 in world().good for leaf in world().leaves]


def test_valid_connections_are_answered_in_full() -> None:
    """Or there would be nothing to be found out about allows."""
    allows = [connection.run(data, small_engine(), pauses=False) for data in TARGETS["connection"].corpus]
    assert allows == [2, 8, 6, 6, 0]


def test_valid_connections_over_http_are_answered_in_full() -> None:
    """The same."""
    statuses = [http_connection.run(data, pauses=False) for data in TARGETS["http_connection"].corpus]
    assert statuses == [[200, 403, 200], [200, 403], [200, 200], [200], [403], [200]]


def test_an_allow_on_the_wrong_stream_is_found_out() -> None:
    good, other, *_ = (connection_corpus.question(leaf) for leaf in world().leaves)
    served = connection.Served(small_engine())
    served.feed(TARGETS["connection"].corpus[0], pauses=False)
    answer = served.reader.answers[1].message
    assert connection.allowed(answer, b"\0" + len(good).to_bytes(4, "big") + good, small_engine())
    with pytest.raises(connection.BrokenConnectionError):
        connection.allowed(answer, b"\0" + len(other).to_bytes(4, "big") + other, small_engine())

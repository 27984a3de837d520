"""The process of its own: used again, replaced when it dies, given up when it takes too long."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh import worker_indexer
from extauthz.refresh.indexer import IndexerError, InProcessIndexer, Verdict
from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.worker_indexer import WorkerIndexer
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl
from support import pki

CA = pki.make_ca("Issuing")
LEAF = CA.issue("alice")
ISSUERS = [parse_certificate(CA.der)]


@pytest.fixture
def indexer() -> Iterator[WorkerIndexer]:
    one = WorkerIndexer()
    yield one
    one.close()


def file_of(content: bytes) -> BinaryIO:
    file = scratch_file()
    file.write(content)
    file.seek(0)
    return file


def load(indexer: WorkerIndexer, content: bytes, indices: Path | None = None) -> tuple[Verdict, ...]:
    with file_of(content) as file:
        return indexer.load(file, "a.crl", ISSUERS, indices)


def facts(verdicts: tuple[Verdict, ...]) -> list[object]:
    return [
        (str(one), one.signers, one.sha256, one.size, one.scope, sorted(map(str, one.entries)))
        if isinstance(one, Crl)
        else one
        for one in verdicts
    ]


def test_it_gives_what_would_be_had_in_this_process(indexer: WorkerIndexer) -> None:
    bundle = pki.pem_crl(CA.crl([LEAF, (5, "keyCompromise")])) + pki.pem_crl(pki.make_ca("Stranger").crl())
    assert facts(load(indexer, bundle)) == facts(InProcessIndexer().load(BytesIO(bundle), "a.crl", ISSUERS))
    assert facts(load(indexer, b"")) == facts(InProcessIndexer().load(BytesIO(b""), "a.crl", ISSUERS))


def test_the_process_is_used_again_and_ends_when_idle(indexer: WorkerIndexer) -> None:
    assert indexer.pid is None
    load(indexer, CA.crl())
    pid = indexer.pid
    load(indexer, CA.crl())
    indexer.rest()
    assert indexer.pid == pid
    idle = WorkerIndexer(idle_seconds=0)
    load(idle, CA.crl())
    idle.rest()
    assert idle.pid is None
    idle.rest()
    (verdict,) = load(idle, CA.crl())
    assert isinstance(verdict, Crl)
    idle.close()


def test_an_index_outlives_the_process(indexer: WorkerIndexer) -> None:
    (crl,) = load(indexer, CA.crl([LEAF]))
    indexer.close()
    assert isinstance(crl, Crl)
    assert crl.entries.find(LEAF.serial) is not None


def test_indices_are_kept_and_found(indexer: WorkerIndexer, tmp_path: Path) -> None:
    der = CA.crl([LEAF])
    for _ in range(2):
        (crl,) = load(indexer, der, tmp_path)
        assert isinstance(crl, Crl)
        assert crl.entries.find(LEAF.serial) is not None
        assert len(list(tmp_path.iterdir())) == 1


def test_a_process_that_was_killed_meanwhile_is_replaced(indexer: WorkerIndexer) -> None:
    load(indexer, CA.crl())
    pid = indexer.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    (verdict,) = load(indexer, CA.crl())
    assert isinstance(verdict, Crl)
    assert indexer.pid != pid


def test_a_process_that_ends_at_its_first_job_is_a_failed_attempt(
    indexer: WorkerIndexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(IndexerError, match="ended at it"):
        load(indexer, CA.crl())
    monkeypatch.undo()
    (verdict,) = load(indexer, CA.crl())
    assert isinstance(verdict, Crl)


def test_a_process_that_cannot_be_started_is_a_failed_attempt(
    indexer: WorkerIndexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(IndexerError, match="cannot be started: Resource temporarily unavailable"):
        load(indexer, CA.crl())


def test_a_job_that_takes_too_long_is_given_up() -> None:
    indexer = WorkerIndexer(job_seconds=0.2)
    try:
        worker = indexer._ready_worker()
        os.kill(worker.process.pid, signal.SIGSTOP)
        with pytest.raises(IndexerError, match=r"not verified and indexed within 0\.2 s"):
            load(indexer, CA.crl())
        assert worker.process.poll() is not None
    finally:
        indexer.close()


def test_while_it_works_it_is_not_put_to_rest(indexer: WorkerIndexer) -> None:
    worker = indexer._ready_worker()
    os.kill(worker.process.pid, signal.SIGSTOP)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            load(indexer, CA.crl())
        except IndexerError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while not indexer._one_at_a_time.locked():
        time.sleep(0.001)
    indexer.rest()
    assert indexer.pid == worker.process.pid
    indexer.close()
    thread.join(30)
    assert not thread.is_alive()
    assert len(failed) == 1
    with pytest.raises(IndexerError, match="the service ends"):
        load(indexer, CA.crl())


def test_a_failure_in_the_process_is_a_failed_attempt(indexer: WorkerIndexer, tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="the indexing process failed: FileNotFoundError"):
        load(indexer, CA.crl(), tmp_path / "gone")


def test_an_answer_that_makes_no_sense_is_a_failed_attempt() -> None:
    with file_of(b"no index") as file:
        answer = Message({"signers": [0], "index_size": 8, "sha256": "", "size": 1}, b"no head", os.dup(file.fileno()))
        with pytest.raises(IndexerError, match="cannot be used"):
            worker_indexer._verdict(answer, "a.crl", ISSUERS)


def test_a_refusal_carries_the_label() -> None:
    answer = Message({"why": "no", "issuer_dn": None, "issuer_key": None})
    assert worker_indexer._verdict(answer, "a.crl", ISSUERS) == RejectedCrl(
        label="a.crl", why="no", issuer_dn=None, issuer_key=None
    )


@pytest.mark.parametrize("inherited", [None, "/elsewhere"])
def test_the_process_runs_the_same_code(monkeypatch: pytest.MonkeyPatch, inherited: str | None) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if inherited is not None:
        monkeypatch.setenv("PYTHONPATH", inherited)
    here = str(Path(worker_indexer.__file__).parents[2])
    assert worker_indexer.python_path() == (here if inherited is None else f"{here}:{inherited}")

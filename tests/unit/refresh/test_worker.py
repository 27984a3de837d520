"""The indexing process, run in a thread here: what it answers to each job."""

import os
import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh import worker
from extauthz.refresh.index_file import map_index
from extauthz.refresh.message import Message, receive, send
from extauthz.refresh.scratch import scratch_file
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.index import CrlIndex
from support import pki

CA, OTHER = pki.make_ca("Issuing"), pki.make_ca("Other")
LEAF = CA.issue("alice")
CERTIFICATES = [parse_certificate(one.der) for one in (OTHER, CA)]


@pytest.fixture
def channel() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=worker.serve, args=(theirs,))
    thread.start()
    with ours:
        yield ours
    thread.join()
    theirs.close()


def ask(channel: socket.socket, content: bytes, indices: Path | None = None) -> list[Message]:
    """Send one job and return the answers but the last, which says that it is done."""
    with scratch_file() as file:
        file.write(content)
        file.flush()
        fields = {
            "sizes": [len(one.der) for one in CERTIFICATES],
            "indices": None if indices is None else str(indices),
        }
        send(channel, Message(fields, b"".join(one.der for one in CERTIFICATES), file.fileno()))
        answers = [receive(channel)]
        while "end" not in answers[-1].fields:
            answers.append(receive(channel))
    assert answers.pop().fields == {"end": "done"}
    return answers


def index(answer: Message) -> CrlIndex:
    assert answer.descriptor is not None
    try:
        return CrlIndex(map_index(answer.descriptor, answer.fields["index_size"]))
    finally:
        os.close(answer.descriptor)


def test_a_crl_comes_back_as_head_signers_and_index(channel: socket.socket) -> None:
    der = CA.crl([LEAF], number=7)
    (answer,) = ask(channel, der)
    assert read_head(answer.blob).number == 7
    assert (answer.fields["signers"], answer.fields["size"]) == ([1], len(der))
    assert index(answer).find(LEAF.serial) is not None


def test_a_bundle_gives_one_answer_for_each(channel: socket.socket) -> None:
    bundle = pki.pem_crl(CA.crl()) + pki.pem_crl(CA.crl(spoilt_signature=True)) + pki.pem_crl(OTHER.crl())
    first, bad, last = ask(channel, bundle)
    assert (first.fields["signers"], last.fields["signers"]) == ([1], [0])
    assert bad.fields["issuer_dn"] == "CN=Issuing,O=Example"
    assert "the CRL is damaged or forged" in bad.fields["why"]
    for one in (first, last):
        index(one)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "the file is empty"), (b"\x30\x00", "cannot be"), (CA.pem, "BEGIN")]
)
def test_what_is_no_crl_is_a_sentence(channel: socket.socket, content: bytes, words: str) -> None:
    (answer,) = ask(channel, content)
    assert words in answer.fields["why"]


def test_indices_are_kept_where_the_job_says(channel: socket.socket, tmp_path: Path) -> None:
    der = CA.crl([LEAF], number=7)
    for _ in range(2):
        (answer,) = ask(channel, der, tmp_path)
        assert index(answer).find(LEAF.serial) is not None
        assert len(list(tmp_path.iterdir())) == 1


def test_a_disk_without_room_is_a_failure_and_not_the_end(channel: socket.socket, tmp_path: Path) -> None:
    with scratch_file() as file:
        file.write(CA.crl())
        file.flush()
        fields = {"sizes": [len(one.der) for one in CERTIFICATES], "indices": str(tmp_path / "gone")}
        send(channel, Message(fields, b"".join(one.der for one in CERTIFICATES), file.fileno()))
        answer = receive(channel).fields
    assert (answer["end"], "No such file" in answer["why"]) == ("failed", True)
    (again,) = ask(channel, CA.crl())
    index(again)


def test_the_process_limits_itself_before_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setattr(os, "nice", lambda by: done.append(("nice", by)))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: done.append((what, limits)))
    ours, theirs = socket.socketpair()
    ours.close()
    worker.main([str(theirs.detach())])
    assert done == [
        ("nice", worker.NICENESS),
        (resource.RLIMIT_AS, (worker.MAX_ADDRESS_SPACE, worker.MAX_ADDRESS_SPACE)),
    ]

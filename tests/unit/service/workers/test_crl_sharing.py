"""CRLs reach a worker once each, complete, with an index that both map."""

import os
from collections.abc import Iterator
from dataclasses import replace
from mmap import mmap

import pytest

from extauthz.refresh.index_file import share_index
from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.workers.crl_sharing import CrlReceiver, CrlSender
from extauthz.service.workers.orders import Order
from extauthz.trust.crl.index import CrlIndex
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl
from support.loaded_crls import CA, LEAF, ROOT, cert, load

REJECTED = RejectedCrl(label="b.crl", why="no", issuer_dn="CN=B", issuer_key=None)


def mapped(crl: Crl) -> Crl:
    """Return a CRL with its index in a file, as the indexing process hands it over."""
    with scratch_file() as file:
        file.write(crl.entries.buffer)
        file.flush()
        return replace(crl, entries=CrlIndex(share_index(file.fileno(), crl.entries.buffer.nbytes)))


def handed(messages: Iterator[tuple[Message, object]]) -> list[Message]:
    """Return what the other process receives: descriptors are its own."""
    found = []
    for message, _owner in messages:
        own = None if message.descriptor is None else os.dup(message.descriptor)
        found.append(Message(message.fields, message.blob, own))
    return found


def received(receiver: CrlReceiver, messages: list[Message]) -> tuple[Crl, ...]:
    *crls, last = messages
    for message in crls:
        receiver.take(message)
    return receiver.snapshot(last)[0]


@pytest.mark.parametrize("in_file", [True, False])
def test_a_crl_arrives_whole(in_file: bool) -> None:
    sent = load(CA.crl([LEAF], number=7))
    sent = mapped(sent) if in_file else sent
    messages = handed(CrlSender().messages(Snapshot(crls=(sent,)), 3))
    assert [message.fields["order"] for message in messages] == [Order.CRL, Order.CRLS]
    assert messages[-1].fields["number"] == 3
    (crl,) = received(CrlReceiver(), messages)
    assert str(crl) == str(sent)
    assert (crl.sha256, crl.size, len(crl.entries)) == (sent.sha256, sent.size, 1)
    assert [one.sha256 for one in crl.signers] == [one.sha256 for one in sent.signers]
    assert crl.find(LEAF.serial, cert(LEAF).issuer_key) == sent.find(LEAF.serial, cert(LEAF).issuer_key)
    assert crl.find(LEAF.serial, cert(LEAF).issuer_key) is not None
    assert isinstance(crl.entries.buffer.obj, mmap)


def test_what_is_there_is_not_sent_again() -> None:
    sender, receiver = CrlSender(), CrlReceiver()
    one, other = mapped(load(CA.crl())), mapped(load(ROOT.crl()))
    assert received(receiver, handed(sender.messages(Snapshot(crls=(one,)), 1)))[0].sha256 == one.sha256
    messages = handed(sender.messages(Snapshot(crls=(one, other)), 1))
    assert len(messages) == 2
    assert [crl.sha256 for crl in received(receiver, messages)] == [one.sha256, other.sha256]
    messages = handed(sender.messages(Snapshot(crls=(other,)), 1))
    assert len(messages) == 1
    assert [crl.sha256 for crl in received(receiver, messages)] == [other.sha256]
    assert len(handed(sender.messages(Snapshot(crls=(one,)), 1))) == 2, "it was forgotten, so it is sent anew"


def test_a_crl_with_other_signers_is_another_one() -> None:
    crl = mapped(load(CA.crl()))
    more = replace(crl, signers=(*crl.signers, cert(ROOT)))
    sender = CrlSender()
    handed_first = handed(sender.messages(Snapshot(crls=(crl,)), 1))
    receiver = CrlReceiver()
    assert len(received(receiver, handed_first)[0].signers) == 1
    assert len(received(receiver, handed(sender.messages(Snapshot(crls=(more,)), 1)))[0].signers) == 2


def test_the_rest_of_a_snapshot_arrives() -> None:
    (message,) = handed(CrlSender().messages(Snapshot(rejected=(REJECTED,), waiting=("a.crl",)), 1))
    crls, sent = CrlReceiver().snapshot(message)
    assert (crls, sent.rejected, sent.waiting) == ((), (REJECTED,), ("a.crl",))


def test_a_crl_without_its_index_is_a_value_error() -> None:
    (message, _owner), *_ = CrlSender().messages(Snapshot(crls=(load(CA.crl()),)), 1)
    with pytest.raises(ValueError, match="without its index"):
        CrlReceiver().take(Message(message.fields, message.blob))

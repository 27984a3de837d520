"""A worker does what it is told, in order, and says so; what it cannot do ends it."""

import asyncio
import pickle
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extauthz.config.build import load_engine
from extauthz.config.remembered_files import RememberedFiles
from extauthz.observe.denial_form import denials_from_bytes
from extauthz.observe.family_form import families_from_bytes
from extauthz.refresh.message import Message
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.workers.orders import Order, Report
from extauthz.service.workers.serving_worker import EXIT_CANNOT_RUN, EXIT_FAILED, EXIT_OK
from extauthz.trust.crl.load import load_crl
from support.edge_pki import EdgePki
from support.process_state import process_as_before
from support.questions import allowed, policy, question, reason
from support.service_site import Site
from support.supervised import PATIENCE, Supervised


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(params=["native", "grpcio"])
def site(tmp_path: Path, pki: EdgePki, request: pytest.FixtureRequest) -> Site:
    return Site(tmp_path, pki, str(request.param))


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back what other tests rely on: a worker configures the whole process, and may end it."""
    monkeypatch.setattr("extauthz.service.workers.serving_worker.threading.Timer", NoTimer)
    with process_as_before():
        yield


class NoTimer:
    """Never ends this process."""

    def __init__(self, _seconds: float, _function: object, _arguments: object) -> None:
        """Take what a timer takes."""

    def start(self) -> None:
        """Start nothing."""


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def digest(site: Site) -> str:
    return load_engine(site.path).digest[:12]


async def test_it_answers_what_it_was_given(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    assert await one.report(Report.LOADED) == {"report": "loaded", "number": 1, "digest": digest(site)}
    assert await one.report(Report.LISTENING) == {"report": "listening"}
    site.path.unlink()
    answer = await one.check(question(site.pki.issue("alice")).SerializeToString())
    assert (allowed(answer), policy(answer)) == (True, "everybody")
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK
    assert len(site.decisions()) == 1


async def test_a_load_changes_nothing_until_it_is_published(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    one.load(2, site, policies=[{"name": "new", "when": {}, "require": {}}])
    await one.report(Report.LOADED, 2)
    assert policy(await one.check(question().SerializeToString())) == "everybody"
    one.crls(2, Snapshot())
    one.order(Order.PUBLISH, number=2)
    assert (await one.report(Report.PUBLISHED, 2))["number"] == 2
    assert policy(await one.check(question().SerializeToString())) == "new"
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK


async def test_a_load_that_was_given_up_is_never_published(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    one.load(2, site, policies=[{"name": "new", "when": {}, "require": {}}])
    one.order(Order.FORGET, number=2)
    one.order(Order.PUBLISH, number=2)
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK
    assert [message.fields["number"] for message in one.reports if message.fields["report"] == Report.PUBLISHED] == [1]


async def test_what_it_cannot_build_it_says_and_goes_on(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    good = load_engine(site.path).files
    bad = RememberedFiles(good.path, good.directory, good.listed, {**good.contents, site.path: b"{"})
    one.order(Order.LOAD, pickle.dumps(bad), number=2)
    failed = await one.report(Report.FAILED)
    assert failed["number"] == 2
    assert all(problem.startswith(str(site.path)) for problem in failed["problems"])
    assert allowed(await one.check(question(site.pki.issue("alice")).SerializeToString()))
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK


async def test_crls_count_at_once_and_only_in_their_generation(site: Site, closing: ExitStack) -> None:
    client = site.pki.issue("alice")
    asked = question(client).SerializeToString()
    (site.folder / "issuing.crl").write_bytes(site.pki.crl())
    one = Supervised(closing)
    await one.serve(site, revocation={"crls": [{"path": "issuing.crl"}]})
    assert reason(await one.check(asked)) == "crl_missing"
    issuers = load_engine(site.path).intermediates
    at = client.cert.not_valid_before_utc
    crl = site.pki.issuing.crl([client], this_update=at, next_update=client.cert.not_valid_after_utc)
    snapshot = Snapshot(crls=(load_crl(crl, issuers),))
    one.load(2, site)
    one.crls(2, snapshot)
    await one.report(Report.LOADED, 2)
    assert reason(await one.check(asked)) == "crl_missing"
    one.order(Order.PUBLISH, number=2)
    await one.report(Report.PUBLISHED, 2)
    assert reason(await one.check(asked)) == "revoked"
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK


async def test_health_follows_required_crls_and_the_drain(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    one.bind(transport=site.transport)
    one.load(1, site)
    one.crls(1, Snapshot(waiting=("a.crl",)))
    one.order(Order.PUBLISH, number=1)
    one.order(Order.LISTEN)
    await one.report(Report.LISTENING)
    async with grpc.aio.insecure_channel(one.kept.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        statuses = [(await watch.read()).status]
        one.crls(1, Snapshot())
        statuses.append((await watch.read()).status)
        one.order(Order.DRAIN)
        statuses.append((await watch.read()).status)
        watch.cancel()
    serving = health_pb2.HealthCheckResponse
    assert statuses == [serving.NOT_SERVING, serving.SERVING, serving.NOT_SERVING]
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK


async def test_numbers_come_when_asked_and_at_the_end(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    one.order(Order.METRICS, number=3)
    await one.report(Report.METRICS)
    await one.check(question(site.pki.issue("alice")).SerializeToString())
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK
    await one.report(Report.METRICS, 2)
    first, last = (message for message in one.reports if message.fields["report"] == Report.METRICS)
    assert (first.fields["number"], last.fields["number"]) == (3, sys.maxsize)
    assert [answered(one) for one in (first, last)] == [0.0, 1.0]


async def test_denials_come_when_asked(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    await one.check(question(None).SerializeToString())
    one.order(Order.DENIALS, number=7)
    assert await one.report(Report.DENIALS) == {"report": "denials", "number": 7}
    (message,) = (message for message in one.reports if message.fields["report"] == Report.DENIALS)
    (denial,) = denials_from_bytes(message.blob)
    assert (denial.reason, denial.policy, denial.subject) == ("no_certificate", "everybody", None)
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK


async def test_a_second_stop_cuts_the_first_one_short(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    async with grpc.aio.insecure_channel(one.kept.address) as channel:
        await channel.channel_ready()
        one.order(Order.STOP, grace=600)
        one.order(Order.STOP, grace=0)
        assert await one.ended() == EXIT_OK


async def test_the_decision_log_is_opened_anew_when_it_is_told(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    log = site.folder / "decisions.jsonl"
    await one.check(question().SerializeToString())
    async with asyncio.timeout(PATIENCE):
        while not site.decisions():  # noqa: ASYNC110  (the other side is a thread)
            await asyncio.sleep(0.01)
    log.rename(site.folder / "decisions.1")
    one.order(Order.REOPEN)
    one.order(Order.PING)
    await one.report(Report.PONG)
    await one.check(question().SerializeToString())
    one.order(Order.STOP, grace=0)
    assert await one.ended() == EXIT_OK
    assert len(site.decisions()) == 1


async def test_an_address_that_it_cannot_have_is_told(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        one.bind(transport=site.transport, address=f"127.0.0.1:{taken.getsockname()[1]}")
        one.load(1, site)
        one.order(Order.PUBLISH, number=1)
        one.order(Order.LISTEN)
        assert await one.ended() == EXIT_CANNOT_RUN
    assert (await one.report(Report.CANNOT_LISTEN))["why"] == "address already in use"


async def test_an_order_that_cannot_be_carried_out_ends_it(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    one.order(Order.CRLS, b"no pickle", number=1)
    assert await one.ended() == EXIT_FAILED


async def test_without_a_supervisor_it_ends(site: Site, closing: ExitStack) -> None:
    one = Supervised(closing)
    await one.serve(site)
    await asyncio.to_thread(one.link.close, PATIENCE)
    assert await one.ended() == EXIT_FAILED


def answered(message: Message) -> float:
    """Return how many checks were allowed, by the numbers of a worker."""
    (family,) = [one for one in families_from_bytes(message.blob) if one.name == "extauthz_checks"]
    return sum(one.value for one in family.samples if one.labels["decision"] == "allow")

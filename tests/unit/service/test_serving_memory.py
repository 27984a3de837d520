"""What engines remember lives as long as an engine in use has it, and is let go then."""

import asyncio
from pathlib import Path
from typing import cast

import extauthz
from extauthz.engine import Engine
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Metrics
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.service.loading import Loaded, load
from extauthz.service.readiness import Readiness
from extauthz.service.serving import Serving
from support import pki
from support.config_site import Site


class Steps:
    """Loads one configuration after the other, as the service does."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.keeper = CrlKeeper(InProcessIndexer())
        metrics = Metrics(version=extauthz.__version__)
        self.serving = Serving(metrics, Readiness(), DecisionLog(metrics.decision_log_lost))
        self.loaded: Loaded | None = None

    async def publish(self, **sections: str) -> Engine:
        path = self.site.write_config(**sections)
        before = None if self.loaded is None else self.loaded.parts
        self.loaded = load(path, pki.NOW, self.keeper, before)
        self.serving.publish(self.loaded)
        assert self.loaded.grpc is not None
        engine = cast("Engine", self.loaded.grpc.engine)
        request = AuthRequest(source_certificate=pki.url_pem(self.site.pki.leaf.der), path="/")
        assert engine.decide(request, pki.NOW).allowed
        await asyncio.gather(*self.serving._retirement._tasks)  # what is let go goes bit by bit
        return engine


def sizes(engine: Engine) -> tuple[int, int]:
    return len(engine._judge._kept), len(engine.trust._cache)


async def test_an_unchanged_load_forgets_nothing(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    first = await steps.publish()
    second = await steps.publish()
    assert second.memories == first.memories
    assert sizes(second) == (1, 1)


async def test_a_judge_that_is_replaced_forgets_and_the_trust_of_both_does_not(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    first = await steps.publish()
    second = await steps.publish(headers="headers: {emit: [cn]}")
    assert (sizes(first), sizes(second)) == ((0, 1), (1, 1))


async def test_a_trust_that_is_replaced_forgets_too(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    first = await steps.publish()
    second = await steps.publish(trust="trust: {anchors: [pki/issuing.pem]}")
    assert (sizes(first), sizes(second)) == ((0, 0), (1, 1))
    assert steps.loaded is not None


async def test_answers_stay_with_their_writer_while_they_look_the_same(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    writers = []
    for status in (401, 401, 403):
        await steps.publish(deny=f"deny: {{status: {status}}}")
        assert steps.loaded is not None
        assert steps.loaded.grpc is not None
        writers.append(steps.loaded.grpc.writer)
    assert writers[0] is writers[1] is not writers[2]

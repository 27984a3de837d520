"""What engines remember lives as long as an engine in use has it, and is let go then."""

import asyncio
from pathlib import Path

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

POLICY = "policies: [{name: %s, when: {}, require: {}}]"


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
        self.loaded = load(path, pki.NOW, self.keeper, self.loaded)
        self.serving.publish(self.loaded)
        engine = self.loaded.built.engine
        request = AuthRequest(source_certificate=pki.url_pem(self.site.pki.leaf.der), path="/")
        assert engine.decide(request, pki.NOW).allowed
        while self.serving._retirement._tasks:  # what is let go goes bit by bit
            await asyncio.sleep(0)
        return engine


def sizes(engine: Engine) -> tuple[int, int]:
    return len(engine._judge._kept), len(engine.trust._cache)


async def test_an_unchanged_load_forgets_nothing(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    first = await steps.publish()
    assert await steps.publish() is first
    assert sizes(first) == (1, 1)


async def test_an_engine_that_is_replaced_forgets_and_their_trust_does_not(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    first = await steps.publish(policies=POLICY % "one")
    second = await steps.publish(policies=POLICY % "two")
    assert (sizes(first), sizes(second)) == ((0, 1), (1, 1))


async def test_a_trust_that_is_replaced_forgets_too(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    first = await steps.publish()
    second = await steps.publish(trust="trust: {anchors: [pki/issuing.pem]}")
    assert (sizes(first), sizes(second)) == ((0, 0), (1, 1))
    assert steps.loaded is not None


async def test_answers_stay_with_the_engine_that_gives_them(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    writers = []
    for name in ("one", "one", "two"):
        await steps.publish(policies=POLICY % name)
        assert steps.loaded is not None
        assert steps.loaded.grpc is not None
        writers.append(steps.loaded.grpc.writer)
    assert writers[0] is writers[1] is not writers[2]

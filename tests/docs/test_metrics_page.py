"""docs/metrics.md lists every metric with its type and labels, and no other."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from extauthz.observe.crl_metrics import CrlSourceView, CrlsView, CrlView
from extauthz.observe.engine_metrics import AnchorView, EngineView, ServerCertificateView
from extauthz.observe.metrics import Metrics
from extauthz.observe.rpc_metrics import RpcType
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.service.workers.numbers import WorkerNumbers
from extauthz.transport.cause import Cause
from support.certificates import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| (counter|gauge|histogram) \| ([^|]*)\|", re.MULTILINE)
OF_THE_CLIENT_LIBRARY = ("process_", "python_")


def documented() -> dict[str, tuple[str, frozenset[str]]]:
    return {name: (kind, frozenset(re.findall(r"`([a-z0-9_]+)`", labels))) for name, kind, labels in ROW.findall(PAGE)}


def exported() -> dict[str, tuple[str, frozenset[str]]]:
    metrics = Metrics(version="1", crl_fetch_results=("success",))
    crl = CrlView(label="ca.crl", entries=1, number=1, this_update=NOW, next_update=NOW + timedelta(days=1))
    source = CrlSourceView(label="ca.crl", fetched=True, last_attempt=NOW, last_success=NOW, usable=True, rejected=0)
    view = EngineView(
        digest="d",
        policies=("p",),
        sources=("envoy_peer",),
        anchors=(AnchorView(fingerprint8="00000000", not_after=NOW),),
        cache=SimpleNamespace(hits=0, misses=0),
        server_certificates=(ServerCertificateView(api="grpc", not_before=NOW, not_after=NOW),),
    )
    metrics.show_engine(view, NOW)
    metrics.show_crls(CrlsView(crls=(crl,), sources=(source,)))
    TransportMetrics(metrics.registry, Cause)
    metrics.rpc.method("service", "Method", RpcType.UNARY)
    found = {}
    for family in WorkerNumbers(metrics.registry, lambda: {"serving": 1}).collect():
        if family.name.startswith(OF_THE_CLIENT_LIBRARY):
            continue
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = frozenset(label for sample in family.samples for label in sample.labels) - {"le"}
        found[name] = (family.type, labels)
    return found


def test_page_and_program_agree() -> None:
    assert documented() == exported()

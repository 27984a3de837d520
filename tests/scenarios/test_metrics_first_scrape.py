"""Alerts on any event at all need a 0 before it, at the first scrape, or a process that says how young it is."""

import re
import time
from pathlib import Path

import pytest
from prometheus_rules import read_alerts

from extauthz.observe.decision_log import Lost
from extauthz.transport.cause import Cause
from support.edge_pki import EdgePki
from support.service import RealService
from support.service_site import Site

COUNTERS = {
    ("extauthz_checks_total", ("reason",)): {("internal_error",), ("caller_not_allowed",)},
    ("extauthz_transport_closed_total", ("cause",)): {(cause.value,) for cause in Cause},
    ("extauthz_decision_log_dropped_total", ("cause",)): {(cause.value,) for cause in Lost},
    ("extauthz_crl_rollbacks_total", ("crl",)): {("issuing.crl",)},
}
"""Name, and labels that rules choose by -> values that are wanted."""


def write(folder: Path, pki: EdgePki, workers: int, number: int) -> Site:
    site = Site(folder, pki, "native")
    (folder / "issuing.crl").write_bytes(pki.crl(number=number))
    revocation = {"crls": [{"path": "issuing.crl", "required": False}], "state_directory": "state"}
    site.write(workers=workers, revocation=revocation)
    return site


def test_the_table_has_every_counter_of_which_any_increase_is_an_alert() -> None:
    asked = {
        name for one in read_alerts() for name in re.findall(r"increase\((extauthz_\w+)\S*\[\w+\]\)\) > 0", one.expr)
    }
    assert asked == {name for name, _ in COUNTERS}


@pytest.mark.parametrize("workers", [1, 2])
def test_every_series_is_there_at_0_and_the_process_says_when_it_started(
    workers: int, tmp_path: Path, pki: EdgePki
) -> None:
    with RealService(write(tmp_path, pki, workers, 2).path) as service:
        samples = service.samples()
    for (name, chosen_by), wanted in COUNTERS.items():
        found = {
            tuple(dict(labels)[label] for label in chosen_by): value
            for (family, labels), value in samples.items()
            if family == name
        }
        assert wanted <= found.keys(), name
        assert {found[one] for one in wanted} == {0.0}, name
    started = samples["process_start_time_seconds", frozenset()]
    assert time.time() - started < 900
    assert [name for name, _ in samples].count("process_start_time_seconds") == 1


def test_a_roll_back_that_is_found_at_the_start_is_counted_before_the_first_scrape(
    tmp_path: Path, pki: EdgePki
) -> None:
    """So `increase` alone would never see it, and the rule asks for young processes as well."""
    with RealService(write(tmp_path, pki, 1, 2).path) as service:
        assert service.stop() == 0
    with RealService(write(tmp_path, pki, 1, 1).path) as service:
        assert service.metric("extauthz_crl_rollbacks_total", crl="issuing.crl") == 1.0

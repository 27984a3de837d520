from datetime import UTC, datetime
from importlib.resources import files
from string import Template

import pytest

from extauthz.demo.dev_pki import make_dev_pki
from extauthz.demo.scenarios import (
    AFTER_REVOCATION,
    BEFORE_REVOCATION,
    FORGED,
    IDENTITY_PREFIX,
    SCENARIOS,
    Scenario,
)
from extauthz.headers import DEFAULT_PREFIX, EMITTED
from extauthz.model.reason import ALLOW_REASONS, Reason

ALL = (*SCENARIOS, BEFORE_REVOCATION, AFTER_REVOCATION)
CLIENTS = make_dev_pki(datetime.now(UTC)).clients


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: f"{one.client}-{one.path}-{one.note}")
def test_each_expectation_is_one_that_extauthz_can_meet(scenario: Scenario) -> None:
    assert scenario.client is None or scenario.client in CLIENTS
    assert scenario.bound_to is None or scenario.bound_to in CLIENTS
    assert scenario.allowed == (scenario.reason in ALLOW_REASONS)
    assert bool(scenario.upstream) == scenario.allowed
    assert set(scenario.upstream) <= set(EMITTED)


def test_the_prefix_is_the_default_one() -> None:
    assert IDENTITY_PREFIX == DEFAULT_PREFIX


def test_every_kind_of_step_is_shown_failing() -> None:
    reasons = {scenario.reason for scenario in ALL}
    assert {
        Reason.PATH_AMBIGUOUS,
        Reason.NO_POLICY,
        Reason.NO_CERTIFICATE,
        Reason.EXPIRED,
        Reason.NOT_YET_VALID,
        Reason.UNTRUSTED_ISSUER,
        Reason.REVOKED,
        Reason.PIN_MISMATCH,
        Reason.SAN_MISSING,
        Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED,
        Reason.KIND_NOT_ALLOWED,
        Reason.EDIPI_NOT_ALLOWED,
        Reason.TOKEN_BINDING_MISMATCH,
        Reason.TOKEN_BINDING_MISSING,
    } <= reasons


def test_forgeries_say_that_they_are() -> None:
    headers = [header for scenario in ALL for header in scenario.headers]
    assert headers
    assert all(FORGED in value for _, value in headers)


def test_revocation_is_shown_on_one_client() -> None:
    assert BEFORE_REVOCATION.client == AFTER_REVOCATION.client
    assert (BEFORE_REVOCATION.allowed, AFTER_REVOCATION.reason) == (True, Reason.REVOKED)


@pytest.mark.parametrize("name", ["envoy.yaml", "extauthz.yaml"])
def test_the_templates_are_valid_for_substitution(name: str) -> None:
    template = Template(files("extauthz.demo").joinpath("templates", name).read_text(encoding="utf-8"))
    assert template.is_valid()
    assert template.get_identifiers()

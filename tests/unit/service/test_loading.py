"""One load carries over everything that follows the configuration, under names that stay the same."""

import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from extauthz.config.schema.listen import Listen
from extauthz.model.errors import ConfigError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_log import DecisionLogSettings
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.planned import planned_crls
from extauthz.service.bound_settings import callers_wait, restart_needed
from extauthz.service.engine_holder import Generation
from extauthz.service.loading import Loaded, load, load_remembered
from extauthz.service.served import Served
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from support import pki

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROOT = pki.make_ca("Root")
CLIENT = ROOT.issue("alice")
SERVER = ROOT.issue("server", dns=["server.example"], eku=[pki.SERVER_AUTH])


def load_from(folder: Path, **sections: object) -> Loaded:
    (folder / "root.pem").write_bytes(ROOT.pem)
    (folder / "server.pem").write_bytes(SERVER.pem)
    (folder / "server.key").write_bytes(SERVER.key_pem)
    config = {
        "version": 1,
        "sources": [{"type": "envoy_peer"}],
        "trust": {"anchors": ["root.pem"]},
        "policies": [{"name": "all", "when": {}, "require": {}}],
        **sections,
    }
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    keeper = CrlKeeper(InProcessIndexer())
    try:
        return load(path, AT, keeper)
    finally:
        keeper.close()


def grpc_of(served: Served) -> Generation[bytes, bytes]:
    assert served.grpc is not None
    return served.grpc


def test_the_engine_of_the_file_decides(tmp_path: Path) -> None:
    loaded = load_from(tmp_path)
    decision = grpc_of(loaded).engine.decide(AuthRequest(source_certificate=pki.url_pem(CLIENT.der)), AT)
    assert (decision.allowed, decision.reason) == (True, Reason.ALLOWED)


def test_the_answer_and_the_log_settings_follow_the_file(tmp_path: Path) -> None:
    loaded = load_from(
        tmp_path,
        deny={"status": 404, "body": "text", "expose_reason": True},
        decision_log={"path": "decisions.jsonl", "allow_sample": 0.25, "include": ["kind"]},
    )
    assert cast("AnswerWriter", grpc_of(loaded).writer).answer == DenyAnswer(
        status=404, body="text", expose_reason=True
    )
    assert grpc_of(loaded).decision_log == DecisionLogSettings(
        path=str(tmp_path / "decisions.jsonl"), allow_sample=0.25, include=("kind",)
    )


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("-", DecisionLogSettings(path="-", include=("subject", "sha256"))),
        ("/var/log/x", DecisionLogSettings(path="/var/log/x", include=("subject", "sha256"))),
        ("off", None),
    ],
)
def test_the_decision_log_may_be_standard_output_a_file_or_off(
    path: str, settings: DecisionLogSettings | None, tmp_path: Path
) -> None:
    assert grpc_of(load_from(tmp_path, decision_log={"path": path})).decision_log == settings


def test_the_metrics_see_names_and_anchors(tmp_path: Path) -> None:
    view = load_from(tmp_path).view
    assert (view.policies, view.sources) == (("all",), ("envoy_peer",))
    assert [anchor.fingerprint8 for anchor in view.anchors] == [ROOT.sha256.hex()[:8]]
    assert [anchor.not_after.year for anchor in view.anchors] == [2045]


def test_the_digest_is_the_same_in_log_lines_and_metrics(tmp_path: Path) -> None:
    loaded = load_from(tmp_path)
    assert (loaded.digest, grpc_of(loaded).digest) == (loaded.view.digest,) * 2
    assert len(loaded.view.digest) == 12


def test_the_crls_are_loaded_and_wait_to_be_put_into_use(tmp_path: Path) -> None:
    (tmp_path / "root.crl").write_bytes(ROOT.crl([CLIENT], number=7))
    loaded = load_from(tmp_path, revocation={"crls": [{"path": "root.crl"}]})
    ((where, crl),) = planned_crls(loaded.crls)
    assert (where, crl.number) == ("root.crl", 7)
    assert loaded.revocation is not None
    assert loaded.revocation.store.crls() == ()


def test_a_crl_that_cannot_be_used_is_no_problem_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "root.crl").write_bytes(b"no CRL")
    loaded = load_from(tmp_path, revocation={"crls": [{"path": "root.crl"}]})
    (feed,) = loaded.crls.files
    assert feed.problem is not None


def test_what_it_does_to_clients_is_said(tmp_path: Path) -> None:
    (tmp_path / "root.crl").write_bytes(ROOT.crl(spoilt_signature=True))
    (warning,) = load_from(tmp_path, revocation={"crls": [{"path": "root.crl"}]}).warnings
    assert warning.endswith("the CRL of 'CN=Root,O=Example' cannot be used: what it issued is denied crl_invalid")


def test_a_state_directory_that_cannot_be_used_is_one(tmp_path: Path) -> None:
    (tmp_path / "root.crl").write_bytes(ROOT.crl())
    revocation = {"crls": [{"path": "root.crl"}], "state_directory": "gone/state"}
    with pytest.raises(
        ConfigError,
        match=r"revocation\.state_directory: '.*/gone/state' cannot be made: its parent '.*/gone' does not exist",
    ):
        load_from(tmp_path, revocation=revocation)


def test_permissive_choices_are_sentences_with_their_places(tmp_path: Path) -> None:
    (warning,) = load_from(tmp_path).warnings
    assert warning.startswith(f"{tmp_path}/config.json:1:1: revocation:")


def test_every_problem_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_from(tmp_path, trust={"anchors": ["missing.pem"]}, policies=[], nonsense=1)
    assert [problem.path for problem in caught.value.problems] == ["trust.anchors[0]", "policies", "nonsense"]


def tls(**changes: object) -> Mapping[str, object]:
    return {"grpc": {"tls": {"cert": "server.pem", "key": "server.key", **changes}}}


def test_tls_files_are_read_and_watched(tmp_path: Path) -> None:
    loaded = load_from(tmp_path, listen=tls(client_ca="root.pem"))
    assert loaded.tls is not None
    assert (loaded.tls.certificates, loaded.tls.key) == (SERVER.pem, SERVER.key_pem)
    assert loaded.tls.client_ca == ROOT.pem
    assert {tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "root.pem"} <= set(loaded.watched)


def test_the_certificate_of_each_listener_with_tls_is_shown(tmp_path: Path) -> None:
    chain = {"cert": "chain.pem", "key": "server.key"}
    (tmp_path / "chain.pem").write_bytes(SERVER.pem + ROOT.pem)
    http = {"address": "127.0.0.1:0", "dialect": "nginx", "unsafe_any_caller": True}
    both = load_from(tmp_path, listen={**tls(), "http": {**http, "tls": chain}}).view.server_certificates
    own = SERVER.cert
    assert [(one.api, one.not_before, one.not_after) for one in both] == [
        (api, own.not_valid_before_utc, own.not_valid_after_utc) for api in ("grpc", "http")
    ]
    assert load_from(tmp_path, listen={"http": http}).view.server_certificates == ()


def test_the_key_is_never_shown(tmp_path: Path) -> None:
    material = load_from(tmp_path, listen=tls()).tls
    assert "PRIVATE KEY" not in repr(material)


def test_another_process_builds_the_same_without_the_files(tmp_path: Path) -> None:
    (tmp_path / "crls").mkdir()
    (tmp_path / "crls" / "a.crl").write_bytes(ROOT.crl())
    loaded = load_from(
        tmp_path,
        listen=tls(client_ca="root.pem", allowed_clients=["dns:gateway.example"]),
        revocation={"crls": [{"path": "crls"}], "state_directory": "state"},
    )
    for file in (*tmp_path.glob("*.*"), *tmp_path.glob("crls/*")):
        file.unlink()
    again = load_remembered(pickle.loads(pickle.dumps(loaded.files)))  # noqa: S301  (of this very process)
    assert (again.digest, again.tls, again.config) == (loaded.digest, loaded.tls, loaded.config)
    assert grpc_of(again).callers is not None
    decision = grpc_of(again).engine.decide(AuthRequest(source_certificate=pki.url_pem(CLIENT.der)), AT)
    assert decision.reason is Reason.CRL_MISSING, "CRLs come by another way"


def test_what_is_remembered_shows_no_keys(tmp_path: Path) -> None:
    assert "PRIVATE KEY" not in repr(load_from(tmp_path, listen=tls()))


def listen(**grpc: object) -> Listen:
    return Listen.model_validate({"grpc": grpc, "admin": {}})


@pytest.mark.parametrize(
    ("old", "new", "needed"),
    [
        ({}, {}, ()),
        ({"address": "127.0.0.1:1"}, {"address": "127.0.0.1:2"}, ("listen.grpc.address",)),
        ({"transport": "grpcio"}, {"transport": "native"}, ("transport",)),
        ({}, {"reflection": True, "max_concurrent_streams": 7}, ("max_concurrent_streams", "reflection")),
        ({}, {"tls": {"cert": "a", "key": "b"}}, ("tls",)),
        ({"tls": {"cert": "a", "key": "b"}}, {"tls": {"cert": "c", "key": "d"}}, ()),
        ({"tls": {"cert": "a", "key": "b"}}, {"tls": {"cert": "a", "key": "b", "client_ca": "c"}}, ("tls.client_ca",)),
        (
            {"tls": {"cert": "a", "key": "b", "client_ca": "c"}},
            {"tls": {"cert": "a", "key": "b", "client_ca": "d", "allowed_clients": ["dns:x"]}},
            (),
        ),
    ],
)
def test_settings_that_need_a_restart_are_named(
    old: Mapping[str, object], new: Mapping[str, object], needed: tuple[str, ...]
) -> None:
    full = tuple(name if name.startswith("listen.") else f"listen.grpc.{name}" for name in needed)
    assert restart_needed(listen(**old), listen(**new)) == full


PLAIN: Mapping[str, object] = {}
TLS: Mapping[str, object] = {"tls": {"cert": "a", "key": "b"}}
MUTUAL: Mapping[str, object] = {"tls": {"cert": "a", "key": "b", "client_ca": "c"}}
LISTED: Mapping[str, object] = {"tls": {"cert": "a", "key": "b", "client_ca": "c", "allowed_clients": ["dns:x"]}}


@pytest.mark.parametrize(
    ("old", "new", "wait"),
    [
        (LISTED, PLAIN, True),
        (LISTED, TLS, True),
        (LISTED, MUTUAL, False),
        (MUTUAL, LISTED, False),
        (TLS, LISTED, True),
        (PLAIN, LISTED, True),
        (PLAIN, TLS, False),
    ],
)
def test_callers_wait_for_a_listener_that_can_tell_them_apart(
    old: Mapping[str, object], new: Mapping[str, object], *, wait: bool
) -> None:
    assert callers_wait(listen(**old), listen(**new)) is wait


def test_another_admin_address_needs_a_restart() -> None:
    other = Listen.model_validate({"admin": {"address": "127.0.0.1:1"}})
    assert restart_needed(Listen(), other) == ("listen.admin.address",)


def test_a_crl_that_is_stale_at_the_load_is_among_the_warnings(tmp_path: Path) -> None:
    (tmp_path / "stale.crl").write_bytes(ROOT.crl(next_update=pki.NOW - pki.SECOND))
    loaded = load_from(tmp_path, revocation={"crls": [{"path": "stale.crl"}]})
    assert any("is past its nextUpdate" in warning for warning in loaded.warnings)

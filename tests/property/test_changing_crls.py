"""What is kept while CRLs come and go is what would be worked out anew, at every moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.pins import CertPin, ExpiringPin
from extauthz.trust.pinset import PinSet
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from support import pki
from support.crl_pool import CA, LEAVES, POOL, REJECTED, VERIFIER
from support.engines import assembled

NOW, DAY, HOUR = pki.NOW, pki.DAY, pki.HOUR
ENDING = CA.issue("carol", not_before=NOW - DAY, not_after=NOW + DAY)
CLIENTS = (*LEAVES, ENDING)
PINS = PinSet(cert=tuple(ExpiringPin(CertPin.from_der(one.der), NOW + DAY / 2) for one in CLIENTS))
CONFIGS = (
    ClientCertConfig(),
    ClientCertConfig(rules=(common_name_rule(["alice", "carol"]),)),
    ClientCertConfig(pin_sets=(PINS,)),
)

simple = st.frozensets(st.integers(0, 7), max_size=2)
"""Those of the clients' CA about everybody, so that an allow and its end come often."""
sets = st.tuples(
    simple | st.frozensets(st.integers(0, len(POOL) - 1), max_size=8), st.sampled_from((False, False, True))
)
"""CRLs of the pool, and whether one that cannot be used lies beside them."""
moments = st.builds(
    lambda half_days, step: NOW + half_days * DAY / 2 + step,
    st.sampled_from((0, 0, 0, -4, -3, -2, -1, 1, 2, 3, 4, 6)),
    st.sampled_from((-HOUR, timedelta(microseconds=-1), timedelta(), timedelta(microseconds=1), HOUR)),
)
asked = st.tuples(st.sampled_from(CLIENTS), moments)
happenings = st.lists(st.one_of(sets, asked, asked), min_size=4, max_size=16)
checks = st.builds(
    lambda missing, stale, grace: RevocationSettings(when_missing=missing, when_stale=stale, grace=grace),
    st.sampled_from((WhenUnknown.ALLOW, WhenUnknown.DENY)),
    st.sampled_from((WhenUnknown.DENY, WhenUnknown.ALLOW)),
    st.sampled_from((timedelta(), HOUR)),
)


def engine(
    config: ClientCertConfig, store: CrlStore, settings: RevocationSettings, scope: RevocationScope, *, explained: bool
) -> Engine:
    trust = CertificateTrust(VERIFIER, RevocationChecker(store, settings, scope=scope, verifier=VERIFIER))
    return assembled(
        sources=SourceReader([EnvoyPeerSource()]),
        policies=[(compile_when(), Policy(name="p", method=ClientCertAuthMethod(config, trust=trust)))],
        headers=HeaderRenderer(),
        trust=trust,
        digest="",
        explained=explained,
    )


@given(st.sampled_from(CONFIGS), happenings, checks, st.sampled_from(list(RevocationScope)), st.booleans())
@settings(deadline=None, max_examples=300)
def test_an_engine_that_has_seen_crls_come_and_go_decides_as_a_new_one(
    config: ClientCertConfig,
    happenings: Sequence[tuple[frozenset[int], bool] | tuple[pki.Leaf, datetime]],
    checks: RevocationSettings,
    scope: RevocationScope,
    explained: bool,
) -> None:
    store = CrlStore()
    used = engine(config, store, checks, scope, explained=explained)
    for first, second in happenings:
        if isinstance(first, frozenset):
            store.replace([POOL[one] for one in first], [REJECTED] if second else [])
        elif isinstance(second, datetime):
            request = AuthRequest(source_certificate=pki.url_pem(first.der), path="/")
            for _ in range(2):
                fresh = engine(config, store, checks, scope, explained=explained).decide(request, second)
                assert used.decide(request, second) == fresh

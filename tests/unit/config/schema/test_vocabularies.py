"""The words that the schema lists and the layers below define are the same."""

from typing import get_args

from extauthz import headers
from extauthz.config.build_conditions import _RULES
from extauthz.config.schema.decision_log import IdentityField
from extauthz.config.schema.deny import DenyStatus
from extauthz.config.schema.headers import Emitted, HeaderField, Headers
from extauthz.config.schema.identity import Identity, KindPolicies, ProfileName
from extauthz.config.schema.require import Conditions, KindName, Require, San
from extauthz.config.schema.trust import Trust
from extauthz.config.typed_san import SAN_RULES
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import to_json
from extauthz.identity.profile import CARD_KINDS, DEFAULT_PROFILE, NAMED_PROFILES
from extauthz.model.identity import Kind
from extauthz.policy.token import TokenBindingMode
from extauthz.trust.chain.verifier import ChainMode
from extauthz.wire.proto.envoy.type.v3 import http_status_pb2
from support import pki


def test_emitted_headers_and_their_fields_are_the_renderer_s() -> None:
    assert get_args(Emitted) == tuple(headers.EMITTED)
    assert get_args(HeaderField) == tuple(headers.FIELDS)
    assert Headers().emit == tuple(headers.EMITTED)
    assert Headers().prefix == headers.DEFAULT_PREFIX


def test_loggable_fields_are_the_keys_of_the_json_form() -> None:
    identity = parse_certificate(pki.make_ca("Root").issue("alice").der).identity
    assert set(get_args(IdentityField)) == set(to_json(identity))


def test_deny_statuses_are_the_client_errors_that_envoy_knows() -> None:
    known = http_status_pb2.StatusCode.values()
    assert list(get_args(DenyStatus)) == [code for code in known if 400 <= code < 500]


def test_every_condition_and_name_type_is_compiled() -> None:
    assert set(_RULES) == set(Conditions.model_fields)
    assert set(SAN_RULES) == set(San.model_fields)


def test_kinds_and_profiles_are_those_of_the_identity() -> None:
    assert get_args(KindName) == tuple(Kind)
    assert {field.alias or name for name, field in KindPolicies.model_fields.items()} == CARD_KINDS
    assert set(get_args(ProfileName)) == set(NAMED_PROFILES)
    assert Identity().compiled() == DEFAULT_PROFILE


def test_modes_are_those_of_the_core() -> None:
    assert get_args(Trust.model_fields["chain"].annotation) == tuple(ChainMode)
    assert get_args(Require.model_fields["token_binding"].annotation) == tuple(TokenBindingMode)

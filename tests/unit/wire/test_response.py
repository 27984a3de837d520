"""A Decision becomes the CheckResponse that a proxy acts on."""

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.wire.dynamic_metadata import metadata_bytes
from extauthz.wire.proto.envoy.config.core.v3.base_pb2 import HeaderValueOption
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from extauthz.wire.response import INTERNAL_ERROR_DENY, MAX_HEADER_VALUE, DenyAnswer, write_check_response
from support.certificates import NOW
from support.identities import identity

OK, PERMISSION_DENIED, UNAUTHENTICATED = 0, 7, 16
SET = (("x-client-cert-subject", "CN=alice,O=Example"), ("x-client-cert-cn", "alice"), ("x-user", "alice"))
REMOVE = ("x-client-cert-upn", "x_client_cert_upn", "x_client_cert_subject")
LONG_VALUES = st.sampled_from((60, 127, 128, 16_000, MAX_HEADER_VALUE)).map("a".__mul__)
ALLOWED = Decision(
    allowed=True,
    reason=Reason.ALLOWED,
    policy="payments",
    identity=identity(),
    session_expires=NOW + timedelta(hours=1),
    headers=HeaderMutations(set=SET, remove=REMOVE),
)


def response(decision: Decision, answer: DenyAnswer | None = None) -> CheckResponse:
    return CheckResponse.FromString(write_check_response(decision, answer or DenyAnswer(), "id-1"))


def denied(reason: Reason) -> Decision:
    return Decision(allowed=False, reason=reason, detail="DETAIL", policy="payments", identity=identity())


def with_headers(*headers: tuple[str, str], remove: tuple[str, ...] = ()) -> Decision:
    return dataclasses.replace(ALLOWED, headers=HeaderMutations(set=headers, remove=remove))


def built_as_a_whole(decision: Decision) -> CheckResponse:
    """Return an allow without its metadata, built as one message."""
    whole = CheckResponse(status={"code": OK})
    for name, value in decision.headers.set:
        option = whole.ok_response.headers.add(append_action=HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD)
        option.header.key, option.header.value = name, value
        option.append.value = False
    whole.ok_response.headers_to_remove.extend(decision.headers.remove)
    return whole


class TestAllow:
    def test_says_ok_and_only_ok(self) -> None:
        answer = response(ALLOWED)
        assert answer.HasField("status")
        assert answer.status.code == OK
        assert answer.WhichOneof("http_response") == "ok_response"

    def test_the_status_stands_in_the_bytes(self) -> None:
        assert write_check_response(ALLOWED, DenyAnswer(), "id-1").startswith(b"\x0a\x00")

    def test_every_header_overwrites_in_both_ways_of_saying_so(self) -> None:
        headers = response(ALLOWED).ok_response.headers
        assert tuple((one.header.key, one.header.value) for one in headers) == SET
        for one in headers:
            assert one.HasField("append")
            assert one.append.value is False
            assert one.append_action == HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
            assert one.header.raw_value == b""

    def test_removals_keep_their_order(self) -> None:
        assert tuple(response(ALLOWED).ok_response.headers_to_remove) == REMOVE

    def test_without_a_certificate_it_still_removes(self) -> None:
        decision = Decision(
            allowed=True, reason=Reason.ALLOWED_WITHOUT_CERTIFICATE, headers=HeaderMutations(remove=REMOVE)
        )
        answer = response(decision)
        assert answer.status.code == OK
        assert list(answer.ok_response.headers) == []
        assert tuple(answer.ok_response.headers_to_remove) == REMOVE

    def test_with_nothing_to_change_it_has_an_empty_ok_response(self) -> None:
        answer = response(Decision(allowed=True, reason=Reason.ALLOWED))
        assert answer.HasField("ok_response")

    def test_the_way_denies_look_does_not_matter(self) -> None:
        other = DenyAnswer(status=503, body="empty", expose_reason=True)
        assert response(ALLOWED) == response(ALLOWED, other)

    @given(
        st.dictionaries(
            st.from_regex(r"[a-z0-9!_-]{1,140}", fullmatch=True),
            st.one_of(st.text(st.characters(codec="ascii", min_codepoint=0x20, max_codepoint=0x7E)), LONG_VALUES),
            max_size=4,
        )
    )
    def test_it_is_the_bytes_of_one_message_built_as_a_whole(self, headers: dict[str, str]) -> None:
        decision = with_headers(*headers.items(), remove=tuple(name for name in REMOVE if name not in headers))
        written = write_check_response(decision, DenyAnswer(), "id-1")
        whole = built_as_a_whole(decision)
        assert written.startswith(whole.SerializeToString())
        whole.dynamic_metadata.MergeFromString(metadata_bytes(decision, "id-1"))
        assert CheckResponse.FromString(written) == whole
        assert len(written) == whole.ByteSize()

    def test_the_same_decision_gives_the_same_bytes(self) -> None:
        again = dataclasses.replace(ALLOWED, identity=identity())
        assert write_check_response(ALLOWED, DenyAnswer(), "id-1") == write_check_response(again, DenyAnswer(), "id-1")


class TestDeny:
    @pytest.mark.parametrize("reason", sorted(set(Reason) - ALLOW_REASONS))
    def test_every_reason_denies_explicitly(self, reason: Reason) -> None:
        answer = response(denied(reason))
        assert answer.WhichOneof("http_response") == "denied_response"
        if reason in {Reason.TOKEN_BINDING_MISSING, Reason.TOKEN_BINDING_MISMATCH}:
            assert (answer.status.code, answer.denied_response.status.code) == (UNAUTHENTICATED, 401)
        else:
            assert (answer.status.code, answer.denied_response.status.code) == (PERMISSION_DENIED, 403)

    def test_its_headers_overwrite_in_both_ways_of_saying_so(self) -> None:
        headers = response(denied(Reason.TOKEN_BINDING_MISMATCH)).denied_response.headers
        assert [(one.header.key, one.header.value) for one in headers] == [
            ("content-type", "application/problem+json"),
            ("cache-control", "no-store"),
            ("www-authenticate", 'Bearer error="invalid_token"'),
        ]
        for one in headers:
            assert one.HasField("append")
            assert one.append.value is False
            assert one.append_action == HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD

    def test_it_looks_as_the_operator_wants(self) -> None:
        answer = response(denied(Reason.EXPIRED), DenyAnswer(status=404, body="text", expose_reason=True))
        assert answer.denied_response.status.code == 404
        assert answer.denied_response.body == "access denied; decision_id=id-1; reason=expired; policy=payments"
        assert answer.status.code == PERMISSION_DENIED

    def test_header_mutations_of_the_decision_do_not_go_out(self) -> None:
        decision = dataclasses.replace(denied(Reason.EXPIRED), headers=HeaderMutations(set=SET, remove=REMOVE))
        assert b"x-user" not in write_check_response(decision, DenyAnswer(), "id-1")

    def test_metadata_has_the_reason_even_when_the_client_does_not_see_it(self) -> None:
        answer = response(denied(Reason.REVOKED))
        assert answer.dynamic_metadata["decision"] == "deny"
        assert answer.dynamic_metadata["reason"] == "revoked"
        assert "revoked" not in answer.denied_response.body

    def test_the_operators_detail_is_nowhere(self) -> None:
        answer = DenyAnswer(expose_reason=True)
        assert b"DETAIL" not in write_check_response(denied(Reason.EXPIRED), answer, "id-1")

    def test_the_last_resort_is_a_deny_without_any_secret(self) -> None:
        answer = CheckResponse.FromString(INTERNAL_ERROR_DENY)
        assert answer.status.code == PERMISSION_DENIED
        assert answer.denied_response.status.code == 403
        assert "internal_error" not in answer.denied_response.body
        assert answer.dynamic_metadata["reason"] == "internal_error"


class TestBrokenMutationsAreRefused:
    @pytest.mark.parametrize(
        "value", ["a\r\nx-admin: 1", "a\n", "a\x00", "a\tb", "\x7f", "\u00e9", "\udcff", "a" * (MAX_HEADER_VALUE + 1)]
    )
    def test_a_value_that_is_not_short_printable_ascii(self, value: str) -> None:
        for _ in range(2):  # a refusal is not remembered as anything else
            with pytest.raises(ValueError, match="the value of x-a is too long or not printable ASCII"):
                write_check_response(with_headers(("x-a", value)), DenyAnswer(), "id-1")

    @pytest.mark.parametrize("name", ["", "X-A", "x a", "x-a\n", "x:a", ":path", "x-\u00e9", "x-a\r\nx-b"])
    def test_a_name_that_is_not_a_lower_case_token(self, name: str) -> None:
        with pytest.raises(ValueError, match="not a lower-case header name"):
            write_check_response(with_headers((name, "v")), DenyAnswer(), "id-1")
        with pytest.raises(ValueError, match="not a lower-case header name"):
            write_check_response(with_headers(remove=(name,)), DenyAnswer(), "id-1")

    def test_a_name_that_is_set_twice(self) -> None:
        with pytest.raises(ValueError, match="set twice"):
            write_check_response(with_headers(("x-a", "1"), ("x-a", "2")), DenyAnswer(), "id-1")

    def test_a_name_in_both_lists(self) -> None:
        with pytest.raises(ValueError, match="both set and removed"):
            write_check_response(with_headers(("x-a", "1"), remove=("x-b", "x-a")), DenyAnswer(), "id-1")

import pytest

from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.patterns import PatternError
from extauthz.policy.routes import KEPT_ROUTES, MAX_KEPT_ROUTE_BYTES, RouteTable, compile_when

ADMIN = compile_when(hosts=["pay.example.com"], paths=["/admin/**"], methods=["GET", "POST"])
ANYTHING = compile_when()
TABLE = RouteTable([(ADMIN, "admin"), (ANYTHING, "anything")])


def request(host: str = "pay.example.com", path: str = "/admin/x", method: str = "GET") -> AuthRequest:
    return AuthRequest(host=host, path=path, method=method)


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/x", "/admin/x/y?q", "/%61dmin/x"])
def test_first_policy_that_matches_decides(path: str) -> None:
    assert TABLE.find(request(path=path)) == "admin"


@pytest.mark.parametrize(
    "asked",
    [request(path="/administrator"), request(method="PUT"), request(host="other.example.com")],
)
def test_policy_needs_every_kind_of_condition(asked: AuthRequest) -> None:
    assert TABLE.find(asked) == "anything"


def test_without_a_match_nobody_is_let_in() -> None:
    outcome = RouteTable([(ADMIN, "admin")]).find(request(path="/"))
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.NO_POLICY


def test_ambiguous_path_denies_even_where_a_later_policy_would_match() -> None:
    outcome = TABLE.find(request(path="/x/%2e%2e/admin"))
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.PATH_AMBIGUOUS


def test_ambiguous_host_denies_even_where_a_later_policy_would_match() -> None:
    outcome = TABLE.find(request(host="x@pay.example.com"))
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.HOST_AMBIGUOUS


def test_odd_paths_and_hosts_are_nobodys_business_when_no_policy_reads_them() -> None:
    table = RouteTable([(compile_when(methods=["GET"]), "get")])
    assert table.find(request(host="x@y", path="/a/../b")) == "get"


def test_sni_and_context_select() -> None:
    table = RouteTable(
        [
            (compile_when(sni=["*.devices.example"]), "device"),
            (compile_when(context={"policy": "partner", "tier": "1"}), "partner"),
        ]
    )
    assert table.find(AuthRequest(sni="A1.Devices.example.")) == "device"
    assert table.find(AuthRequest(context_extensions={"policy": "partner", "tier": "1", "x": "y"})) == "partner"
    assert isinstance(table.find(AuthRequest(context_extensions={"policy": "partner"})), Fail)


def test_connection_without_http_matches_only_policies_that_ask_nothing_of_http() -> None:
    assert TABLE.find(AuthRequest(is_http=False)) == "anything"


def test_exact_and_expression_paths_see_the_decoded_path() -> None:
    table = RouteTable([(compile_when(paths=["/a b", "re:/v[0-9]+/x"]), "hit")])
    assert table.find(AuthRequest(path="/a%20b?q")) == "hit"
    assert table.find(AuthRequest(path="/v10/x")) == "hit"
    assert isinstance(table.find(AuthRequest(path="/v10/x/y")), Fail)


def test_path_pattern_without_leading_slash_is_refused() -> None:
    with pytest.raises(PatternError, match="starts with"):
        compile_when(paths=["admin/**"])


def test_method_in_another_case_does_not_get_by_a_policy() -> None:
    assert TABLE.find(request(method="get")) == "admin"


def test_connection_without_http_does_not_match_a_policy_on_any_path() -> None:
    table = RouteTable([(compile_when(paths=["/**"]), "paths"), (compile_when(hosts=["**"]), "hosts")])
    assert isinstance(table.find(AuthRequest(is_http=False)), Fail)
    assert table.find(request()) == "paths"


def test_path_parameters_are_ambiguous_unless_the_operator_wants_them() -> None:
    asked = request(path="/admin;x/users")
    outcome = TABLE.find(asked)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.PATH_AMBIGUOUS
    assert RouteTable([(ADMIN, "admin"), (ANYTHING, "anything")], unsafe_path_parameters=True).find(asked) == "anything"


def test_expressions_on_hosts_do_not_care_about_letter_case() -> None:
    table = RouteTable([(compile_when(hosts=["re:.*\\.Pay\\.example"]), "pay")])
    assert table.find(AuthRequest(host="a.pay.EXAMPLE")) == "pay"


@pytest.mark.parametrize("path", ["/secret", "/secret/", "/secret?q"])
@pytest.mark.parametrize("pattern", ["/secret", "/secret/", "/*", "re:/secret"])
def test_slash_at_the_end_does_not_get_by_a_policy(pattern: str, path: str) -> None:
    assert RouteTable([(compile_when(paths=[pattern]), "hit")]).find(request(path=path)) == "hit"


@pytest.mark.parametrize(
    "host", ["localhost:8443", "https://localhost/", "a b", "bücher.example", "", "a/b", "user@host"]
)
def test_host_pattern_that_would_never_match_is_refused(host: str) -> None:
    for kind in ("hosts", "sni"):
        with pytest.raises(PatternError, match="would never match"):
            compile_when(**{kind: [host]})  # type: ignore[arg-type]  # both take texts


def test_why_no_policy_matches_is_said_for_each() -> None:
    table = RouteTable(
        [
            (compile_when(methods=["PUT"]), ""),
            (compile_when(hosts=["a.example"]), ""),
            (compile_when(paths=["/a"]), ""),
            (compile_when(sni=["b.example"]), ""),
            (compile_when(context={"tier": "1"}), ""),
            *[(compile_when(methods=["PUT"]), "")] * 20,
        ]
    )
    outcome = table.find(AuthRequest(host="h.example", path="/x?secret", method="GET", sni="s.example"))
    assert isinstance(outcome, Fail)
    assert outcome.detail.startswith(
        "no policy's `when` matches: policies[0] methods: 'GET' is none of 'PUT'; "
        "policies[1] hosts: 'h.example' matches none of 'a.example'; policies[2] paths: '/x' matches none of '/a'; "
        "policies[3] sni: 's.example' matches none of 'b.example'; policies[4] context: it is not 'tier=1'; "
    )
    assert "policies[7]" in outcome.detail
    assert "policies[8]" not in outcome.detail


def test_last_dot_of_an_expression_on_hosts_is_kept() -> None:
    table = RouteTable([(compile_when(hosts=["re:node-."]), "node"), (ANYTHING, "anything")])
    assert table.find(AuthRequest(host="node-1")) == "node"
    assert (
        RouteTable([(compile_when(hosts=["node.example."]), "node")]).find(AuthRequest(host="node.example")) == "node"
    )


@pytest.mark.parametrize("path", ["/caf%C3%A9", "/a//b", "/a/../b", "/a?b", "/a b/%20", "/a./b"])
def test_path_pattern_that_would_never_match_is_refused(path: str) -> None:
    with pytest.raises(PatternError, match="would never match"):
        compile_when(paths=[path])


@pytest.mark.parametrize("path", ["/café", "/a b", "/**", "/a/*/b", "/", "/a/", "/a;v=1", "re:/.*"])
def test_path_pattern_that_can_match_is_taken(path: str) -> None:
    assert compile_when(paths=[path]).paths


def test_a_kept_route_is_the_one_that_would_be_found() -> None:
    table = RouteTable(
        [
            (compile_when(hosts=["a.example"], paths=["/v1/**"], methods=["GET"], sni=["s.example"]), "one"),
            (compile_when(context={"tier": "gold"}), "gold"),
            (compile_when(paths=["/open"]), "open"),
        ]
    )
    base = AuthRequest(host="a.example", path="/v1/x", method="GET", sni="s.example")
    asked = [
        (base, "one"),
        (base._replace(path="/v1/x?q=1"), "one"),
        (base._replace(host="b.example"), None),
        (base._replace(method="POST"), None),
        (base._replace(sni=""), None),
        (base._replace(path="/v2"), None),
        (base._replace(path="/open"), "open"),
        (base._replace(path="?/open"), None),
        (base._replace(path="/open", is_http=False), None),
        (base._replace(path="/v2", context_extensions={"tier": "gold"}), "gold"),
        (base._replace(path="/v2", context_extensions={"tier": "tin"}), None),
        (base._replace(path="/v2", context_extensions={"other": "gold"}), None),
    ]
    for _ in range(3):
        for request, target in asked:
            found = table.find(request)
            assert (None if isinstance(found, Fail) else found) == target, request


def test_ever_new_paths_do_not_fill_the_memory() -> None:
    table = RouteTable([(compile_when(paths=["/**"]), "any")])
    for number in range(KEPT_ROUTES + 100):
        table.find(AuthRequest(path=f"/{number}"))
    assert len(table._kept) <= KEPT_ROUTES
    before = len(table._kept)
    assert table.find(AuthRequest(path="/" + "x" * MAX_KEPT_ROUTE_BYTES)) == "any"
    assert len(table._kept) == before


def test_why_there_is_no_route_is_weighed_too() -> None:
    table = RouteTable([(compile_when(hosts=[f"h{number}.example.com"]), "one") for number in range(20)])
    long = RouteTable([(compile_when(hosts=[f"{'h' * 200}{number}.example"]), "one") for number in range(20)])
    for number in range(100):
        assert isinstance(table.find(AuthRequest(host=f"other{number}.example")), Fail)
        assert isinstance(long.find(AuthRequest(host=f"other{number}.example")), Fail)
    assert table._kept._cost > 100 * 500
    assert len(long._kept) == 0

from extauthz.model.errors import AuthenticationError, ConfigError, DecodeError, Problem
from extauthz.model.reason import Reason


def test_problem_says_where_in_the_form_that_editors_follow() -> None:
    problem = Problem("extauthz.yaml", 3, 14, "trust.anchors[0]", "there is no such file")
    assert str(problem) == "extauthz.yaml:3:14: trust.anchors[0]: there is no such file"


def test_problem_without_place_or_path_leaves_them_out() -> None:
    assert str(Problem("extauthz.yaml", 0, 0, "", "is empty")) == "extauthz.yaml: is empty"


def test_configuration_error_says_everything_at_once() -> None:
    problems = [Problem("a", 1, 1, "x", "one"), Problem("a", 2, 1, "y", "two")]
    error = ConfigError(problems)
    assert error.problems == tuple(problems)
    assert str(error) == "a:1:1: x: one\na:2:1: y: two"


def test_errors_about_clients_carry_their_reason_apart_from_the_detail() -> None:
    for error in (DecodeError(Reason.EXPIRED, "why"), AuthenticationError(Reason.EXPIRED, "why")):
        assert (error.reason, error.detail) == (Reason.EXPIRED, "why")
        assert str(error) == "expired: why"

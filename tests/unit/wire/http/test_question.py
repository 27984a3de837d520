"""What a proxy asks over HTTP is read from where its dialect has it, once, or not at all."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.http.dialect import PRESETS, Dialect, RequestForm
from extauthz.wire.http.question import HttpQuestion, HttpQuestionReader

WANTED = frozenset({"x-ssl-client-cert", "content-type"})
ORIGINAL = PRESETS[Dialect.NGINX].form
URL = PRESETS[Dialect.INGRESS_NGINX].form
OWN = PRESETS[Dialect.ENVOY_HTTP].form
USUAL = [(b"x-original-method", b"GET"), (b"x-original-host", b"a.example"), (b"x-original-uri", b"/p?q")]


def read(
    form: RequestForm, *headers: tuple[bytes, bytes], method: bytes = b"GET", target: bytes = b"/check"
) -> AuthRequest:
    reader = HttpQuestionReader(form, b"/check", wanted_headers=WANTED, managed_prefix="x-client-cert-")
    return reader.read(HttpQuestion(method, target, headers))


def refused(form: RequestForm, *headers: tuple[bytes, bytes], **options: bytes) -> tuple[Reason, str]:
    with pytest.raises(DecodeError) as caught:
        read(form, *headers, **options)
    return caught.value.reason, caught.value.detail


def test_headers_say_what_is_asked_about() -> None:
    request = read(ORIGINAL, *USUAL, (b"host", b"extauthz"), method=b"POST", target=b"/check/other")
    assert (request.method, request.host, request.path) == ("GET", "a.example", "/p?q")
    assert request.is_http
    assert (request.source_certificate, request.sni, request.context_extensions, request.metadata) == ("", "", {}, {})


def test_a_url_says_host_and_path() -> None:
    method = (b"x-original-method", b"PUT")
    for url, host, path in [
        (b"https://a.example/p?q", "a.example", "/p?q"),
        (b"http://a.example:8080/", "a.example:8080", "/"),
        (b"HTTPS://a.example", "a.example", "/"),
        (b"https://a.example//b/../c", "a.example", "//b/../c"),
    ]:
        request = read(URL, method, (b"x-original-url", url))
        assert (request.method, request.host, request.path) == ("PUT", host, path)


@pytest.mark.parametrize("url", [b"/p", b"ftp://a/p", b"https:///p", b"https://a/p#f", b"a.example/p", b"https://a?p"])
def test_what_is_no_url_with_a_host_is_refused(url: bytes) -> None:
    reason, _ = refused(URL, (b"x-original-method", b"GET"), (b"x-original-url", url))
    assert reason is Reason.REQUEST_MALFORMED


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/check/v1/x?y=1", "/v1/x?y=1"),
        (b"/check", "/"),
        (b"/check?y=1", "/?y=1"),
        (b"/check//a", "//a"),
        (b"/check*", "*"),
        (b"/check/%2e%2e/a", "/%2e%2e/a"),
        (b"/check/\xff", "/\udcff"),
    ],
)
def test_the_question_itself_may_be_what_is_asked_about(target: bytes, path: str) -> None:
    request = read(OWN, (b"host", b"a.example"), method=b"DELETE", target=target)
    assert (request.method, request.host, request.path) == ("DELETE", "a.example", path)


@pytest.mark.parametrize("missing", range(3))
def test_a_proxy_that_does_not_say_it_is_refused(missing: int) -> None:
    headers = [one for index, one in enumerate(USUAL) if index != missing]
    reason, detail = refused(ORIGINAL, *headers)
    assert reason is Reason.REQUEST_MALFORMED
    assert f"there is no header {USUAL[missing][0].decode()}" in detail


@pytest.mark.parametrize("doubled", range(3))
def test_a_proxy_that_says_it_twice_is_refused(doubled: int) -> None:
    reason, detail = refused(ORIGINAL, *USUAL, (USUAL[doubled][0], b"/other"))
    assert reason is Reason.REQUEST_MALFORMED
    assert "comes 2 times" in detail


def test_an_empty_value_says_as_little_as_none() -> None:
    reason, _ = refused(ORIGINAL, *USUAL[:2], (b"x-original-uri", b"  "))
    assert reason is Reason.REQUEST_MALFORMED


@pytest.mark.parametrize("method", [b"G T", b"GET\xff", b"(GET)"])
def test_what_is_no_method_is_refused(method: bytes) -> None:
    assert refused(ORIGINAL, (b"x-original-method", method), *USUAL[1:])[0] is Reason.REQUEST_MALFORMED


def test_a_missing_host_of_the_question_itself_is_refused() -> None:
    assert refused(OWN)[0] is Reason.REQUEST_MALFORMED
    assert refused(OWN, (b"host", b"a"), (b"host", b"b"))[0] is Reason.REQUEST_MALFORMED


def test_only_wanted_headers_are_copied_line_by_line() -> None:
    certificate = (b"x-ssl-client-cert", b" one\t")
    request = read(ORIGINAL, *USUAL, certificate, (b"x-ssl-client-cert", b"two\xff"), (b"cookie", b"secret"))
    assert request.headers["x-ssl-client-cert"] == ("one", "two\udcff")
    assert "cookie" not in request.headers


def test_names_that_look_forged_are_noted_where_the_proxy_can_be_told_to_remove_them() -> None:
    forged = [(b"x_client_cert_upn", b"root"), (b"x-client-cert-email", b"root")]
    assert read(OWN, (b"host", b"a"), *forged).underscored_headers == ("x-client-cert-email", "x_client_cert_upn")
    assert read(ORIGINAL, *USUAL, *forged).underscored_headers == ()


def test_every_dialect_reads_what_its_proxy_says() -> None:
    for dialect, preset in PRESETS.items():
        form = preset.form
        headers = [
            (name.encode(), value)
            for name, value in (
                (form.method, b"GET"),
                (form.host or "host", b"a"),
                (form.path, b"/p"),
                (form.url, b"https://a/p"),
            )
            if name is not None
        ]
        request = read(form, *headers, target=b"/check/p")
        assert (request.method, request.host, request.path) == ("GET", "a", "/p"), dialect

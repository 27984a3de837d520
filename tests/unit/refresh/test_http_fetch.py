"""One fetch from a server that behaves: what is asked, what is taken, where a redirect may lead."""

import io

import pytest

import extauthz
from extauthz.refresh.http_fetch import Fetcher, FetchError, FetchLimits, FetchResult, Validators
from support import http_answers as answers
from support.http_server import HttpServer

CRL = bytes(range(256)) * 40
NOTHING = Validators()
QUICK = FetchLimits(timeout=10, connect_timeout=2, max_bytes=1 << 20)


def limits(**options: object) -> FetchLimits:
    return FetchLimits(**{"timeout": 10, "connect_timeout": 2, "max_bytes": 1 << 20, **options})  # type: ignore[arg-type]  # passed on


def fetch(url: str, known: Validators = NOTHING, *, within: FetchLimits = QUICK) -> tuple[bytes, Validators | None]:
    into = io.BytesIO()
    got = Fetcher(within).fetch(url, known, into)
    return into.getvalue(), got


def refused(url: str, *, within: FetchLimits = QUICK, trusted: bool = True) -> tuple[FetchResult, str]:
    with pytest.raises(FetchError) as caught:
        Fetcher(within).fetch(url, NOTHING, io.BytesIO(), trusted_host=trusted)
    return caught.value.result, caught.value.detail


def test_the_bytes_come_as_the_server_has_them(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    assert fetch(server.url("/ca.crl")) == (CRL, Validators(answers.etag_of(CRL)))


def test_writing_starts_where_the_file_is(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    into = io.BytesIO(b"head")
    into.seek(4)
    Fetcher(QUICK).fetch(server.url("/ca.crl"), NOTHING, into)
    assert into.getvalue() == b"head" + CRL


def test_the_request_says_who_asks_for_what_and_wants_no_more(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    fetch(server.url("/ca.crl?x=1"))
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", "/ca.crl?x=1")
    assert dict(request.headers) == {
        "host": server.address,
        "user-agent": f"extauthz/{extauthz.__version__}",
        "accept": "application/pkix-crl, */*;q=0.1",
        "accept-encoding": "identity",
        "connection": "close",
    }


def test_what_is_known_is_not_sent_again(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.content(CRL, last_modified=answers.DATE))
    _, known = fetch(server.url("/ca.crl"))
    assert known == Validators(answers.etag_of(CRL), answers.DATE)
    assert fetch(server.url("/ca.crl"), known) == (b"", None)
    assert server.requests[-1].header("if-none-match") == known.etag
    assert server.requests[-1].header("if-modified-since") == answers.DATE


def test_a_date_alone_is_a_validator(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.content(CRL, etag=None, last_modified=answers.DATE))
    assert fetch(server.url("/ca.crl"), Validators(None, answers.DATE)) == (b"", None)


def test_new_content_comes_although_old_is_known(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    _, known = fetch(server.url("/ca.crl"))
    assert known is not None
    server.serve("/ca.crl", CRL + b"2")
    assert fetch(server.url("/ca.crl"), known) == (CRL + b"2", Validators(answers.etag_of(CRL + b"2")))


def test_odd_validators_are_forgotten(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.content(CRL, etag='"' + "x" * 5000 + '"', last_modified="yesterday"))
    assert fetch(server.url("/ca.crl")) == (CRL, NOTHING)


def test_a_server_without_validators_is_asked_unconditionally(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.content(CRL, etag=None))
    assert fetch(server.url("/ca.crl")) == (CRL, NOTHING)


@pytest.mark.parametrize("chunk", [1, 100, 65_536, 1 << 20])
def test_chunks_are_put_together(server: HttpServer, chunk: int) -> None:
    server.behave("/ca.crl", answers.content(CRL, chunk=chunk))
    assert fetch(server.url("/ca.crl"))[0] == CRL


def test_a_body_that_ends_with_the_connection_is_taken(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.raw(answers.head(200) + CRL))
    assert fetch(server.url("/ca.crl"))[0] == CRL


def test_an_answer_after_an_interim_one_is_taken(server: HttpServer) -> None:
    both = b"HTTP/1.1 100 Continue\r\n\r\n" + answers.head(200, [("Content-Length", str(len(CRL)))]) + CRL
    server.behave("/ca.crl", answers.raw(both))
    assert fetch(server.url("/ca.crl"))[0] == CRL


def test_a_compressed_answer_is_unpacked(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.zipped(CRL))
    assert fetch(server.url("/ca.crl"))[0] == CRL


def test_a_server_on_ipv6_is_asked_with_its_host_in_brackets() -> None:
    with HttpServer(host="::1") as server:
        server.serve("/ca.crl", CRL)
        assert fetch(server.url("/ca.crl"))[0] == CRL
        assert server.requests[0].header("host") == f"[::1]:{server.port}"


def test_the_environment_brings_in_no_proxy(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    server.serve("/ca.crl", CRL)
    assert fetch(server.url("/ca.crl"))[0] == CRL


# --- status -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [201, 204, 206, 300, 304, 305, 400, 401, 403, 404, 410, 429, 500, 502, 503])
def test_any_other_status_is_a_failure(server: HttpServer, code: int) -> None:
    server.behave("/ca.crl", answers.status(code, body=b"" if code == 204 else b"words"))
    result, detail = refused(server.url("/ca.crl"))
    assert result is FetchResult.HTTP_STATUS
    assert str(code) in detail


def test_a_304_counts_only_when_it_was_asked_for(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.status(304))
    assert refused(server.url("/ca.crl"))[0] is FetchResult.HTTP_STATUS
    assert fetch(server.url("/ca.crl"), Validators('"v1"')) == (b"", None)


def test_a_304_to_validators_that_could_not_be_sent_is_a_failure(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.status(304))
    with pytest.raises(FetchError) as caught:
        Fetcher(QUICK).fetch(server.url("/ca.crl"), Validators('"a"\r\nX: y', "never"), io.BytesIO())
    assert caught.value.result is FetchResult.HTTP_STATUS


def test_a_flapping_server_gives_its_crl_when_it_is_up(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.in_turn(answers.status(503), answers.reset(), answers.content(CRL)))
    assert refused(server.url("/ca.crl"))[0] is FetchResult.HTTP_STATUS
    assert refused(server.url("/ca.crl"))[0] is FetchResult.NETWORK
    assert fetch(server.url("/ca.crl"))[0] == CRL


# --- URL and address --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://u:p@127.0.0.1/", "nonsense", ""])
def test_a_url_that_is_not_fetched_is_refused(url: str) -> None:
    assert refused(url)[0] is FetchResult.URL_REFUSED


def test_an_operators_url_may_be_private_and_a_certificates_may_not(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    result, detail = refused(server.url("/ca.crl"), trusted=False)
    assert result is FetchResult.ADDRESS_REFUSED
    assert "127.0.0.1" in detail
    assert server.count("/ca.crl") == 0


def test_a_certificates_url_may_be_private_where_that_is_allowed(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    into = io.BytesIO()
    Fetcher(limits(private_addresses=True)).fetch(server.url("/ca.crl"), NOTHING, into, trusted_host=False)
    assert into.getvalue() == CRL


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "[fe80::1]", "[::ffff:169.254.169.254]"])  # noqa: S104  (refused)
def test_a_metadata_service_is_refused_to_operators_too(host: str) -> None:
    assert refused(f"http://{host}/", within=limits(private_addresses=True))[0] is FetchResult.ADDRESS_REFUSED


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(server: HttpServer) -> None:
    """DNS rebinding: the second answer, for the connection, would be another one."""
    asked = []

    def rebinding(host: str, port: int, timeout: float) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("192.0.2.1",)

    server.serve("/ca.crl", CRL)
    into = io.BytesIO()
    Fetcher(QUICK, resolve_host=rebinding).fetch(server.url("/ca.crl", host="crl.example.com"), NOTHING, into)
    assert into.getvalue() == CRL
    assert asked == ["crl.example.com"]
    assert server.requests[0].header("host") == f"crl.example.com:{server.port}"


def test_a_name_with_one_private_address_among_public_ones_is_not_connected_to(server: HttpServer) -> None:
    fetcher = Fetcher(QUICK, resolve_host=lambda *_: ("8.8.8.8", "127.0.0.1"))
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(server.url("/", host="crl.example.com"), NOTHING, io.BytesIO(), trusted_host=False)
    assert caught.value.result is FetchResult.ADDRESS_REFUSED
    assert server.requests == ()


def test_a_name_without_an_address_is_a_failure() -> None:
    def unknown(host: str, port: int, timeout: float) -> tuple[str, ...]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(FetchError) as caught:
        Fetcher(QUICK, resolve_host=unknown).fetch("http://crl.example.com/", NOTHING, io.BytesIO())
    assert caught.value.result is FetchResult.NAME_RESOLUTION
    assert "crl.example.com" in caught.value.detail


# --- redirects --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_server_is_followed(server: HttpServer, code: int) -> None:
    server.behave("/old", answers.redirect("new.crl?a=b", code))
    server.serve("/new.crl", CRL)
    assert fetch(server.url("/old"))[0] == CRL
    assert server.requests[-1].target == "/new.crl?a=b"


@pytest.mark.parametrize(("hops", "followed"), [(3, True), (4, False)])
def test_three_redirects_are_followed_and_no_more(server: HttpServer, hops: int, followed: bool) -> None:
    for hop in range(hops):
        server.behave(f"/{hop}", answers.redirect(f"/{hop + 1}"))
    server.serve(f"/{hops}", CRL)
    if followed:
        assert fetch(server.url("/0"))[0] == CRL
    else:
        assert refused(server.url("/0"))[0] is FetchResult.REDIRECT_REFUSED
        assert server.count(f"/{hops}") == 0


def test_a_loop_of_redirects_ends(server: HttpServer) -> None:
    server.behave("/a", answers.redirect("/b"))
    server.behave("/b", answers.redirect("/a"))
    assert refused(server.url("/a"))[0] is FetchResult.REDIRECT_REFUSED
    assert len(server.requests) == QUICK.max_redirects + 1


def test_no_redirect_is_followed_where_none_is_allowed(server: HttpServer) -> None:
    server.behave("/old", answers.redirect("/new.crl"))
    server.serve("/new.crl", CRL)
    assert refused(server.url("/old"), within=limits(max_redirects=0))[0] is FetchResult.REDIRECT_REFUSED


@pytest.mark.parametrize(
    "location",
    ["ftp://127.0.0.1/a", "file:///etc/passwd", "http://u:p@127.0.0.1/", "gopher://x", "http://", "http://a b/", "//["],
)
def test_a_redirect_to_what_is_no_http_url_is_refused(server: HttpServer, location: str) -> None:
    server.behave("/old", answers.redirect(location))
    assert refused(server.url("/old"))[0] is FetchResult.REDIRECT_REFUSED


def test_a_redirect_to_nowhere_is_refused(server: HttpServer) -> None:
    server.behave("/old", answers.status(302))
    assert refused(server.url("/old"))[0] is FetchResult.REDIRECT_REFUSED


def test_a_redirect_with_two_locations_is_refused(server: HttpServer) -> None:
    server.behave("/old", answers.status(302, [("Location", "/a"), ("Location", "/b")]))
    assert refused(server.url("/old"))[0] is FetchResult.REDIRECT_REFUSED


def test_a_redirect_to_another_host_needs_that_host_named(server: HttpServer) -> None:
    with HttpServer(host="127.0.0.2") as other:
        other.serve("/ca.crl", CRL)
        server.behave("/old", answers.redirect(other.url("/ca.crl")))
        result, detail = refused(server.url("/old"))
        assert result is FetchResult.REDIRECT_REFUSED
        assert "127.0.0.2" in detail
        assert other.requests == ()


def test_a_redirect_to_a_named_host_still_needs_private_addresses_allowed(server: HttpServer) -> None:
    """The operator trusts the first host with a private address, not what that host says."""
    with HttpServer(host="127.0.0.2") as other:
        other.serve("/ca.crl", CRL)
        server.behave("/old", answers.redirect(other.url("/ca.crl")))
        named = frozenset({"127.0.0.2"})
        assert refused(server.url("/old"), within=limits(redirect_hosts=named))[0] is FetchResult.ADDRESS_REFUSED
        assert other.requests == ()
        allowed = limits(redirect_hosts=named, private_addresses=True)
        assert fetch(server.url("/old"), within=allowed)[0] == CRL


def test_a_redirect_to_the_same_host_at_another_port_is_one_to_another_server(server: HttpServer) -> None:
    with HttpServer() as other:
        server.behave("/old", answers.redirect(other.url("/ca.crl")))
        assert refused(server.url("/old"))[0] is FetchResult.REDIRECT_REFUSED
        assert other.requests == ()


def test_a_redirect_to_a_metadata_service_is_refused_whatever_is_allowed(server: HttpServer) -> None:
    server.behave("/old", answers.redirect("http://169.254.169.254/latest/"))
    allowed = limits(redirect_hosts=frozenset({"169.254.169.254"}), private_addresses=True)
    assert refused(server.url("/old"), within=allowed)[0] is FetchResult.ADDRESS_REFUSED


def test_a_redirect_may_lead_away_and_back(server: HttpServer) -> None:
    with HttpServer(host="127.0.0.2") as other:
        server.behave("/old", answers.redirect(other.url("/back")))
        other.behave("/back", answers.redirect(server.url("/ca.crl")))
        server.serve("/ca.crl", CRL)
        allowed = limits(redirect_hosts=frozenset({"127.0.0.2"}), private_addresses=True)
        assert fetch(server.url("/old"), within=allowed)[0] == CRL


def test_the_body_of_a_redirect_is_not_written(server: HttpServer) -> None:
    server.behave("/old", answers.status(302, [("Location", "/ca.crl")], b"moved"))
    server.serve("/ca.crl", CRL)
    assert fetch(server.url("/old"))[0] == CRL

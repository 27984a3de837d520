"""https: the certificate is verified, for the host's name, by the system's store or by one file."""

import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extauthz.refresh.http_fetch import Fetcher, FetchError, FetchLimits, FetchResult, Validators
from support import http_answers as answers
from support import pki
from support.edge_pki import EdgePki, now
from support.http_server import HttpServer, server_context

CRL = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def secure(authority: EdgePki, tmp_path: Path) -> Iterator[HttpServer]:
    leaf = authority.issue("crl", dns=["crl.example.com"], ips=["127.0.0.1"], eku=[pki.SERVER_AUTH])
    with HttpServer(tls=server_context(leaf, tmp_path)) as running:
        running.serve("/ca.crl", CRL)
        yield running


def limits(authority: EdgePki, **options: object) -> FetchLimits:
    given = {"timeout": 10, "ca_file": authority.directory / "root.pem", **options}
    return FetchLimits(**given)  # type: ignore[arg-type]  # passed on


def fetch(url: str, within: FetchLimits) -> bytes:
    into = io.BytesIO()
    Fetcher(within, resolve_host=lambda *_: ("127.0.0.1",)).fetch(url, Validators(), into)
    return into.getvalue()


def refused(url: str, within: FetchLimits) -> tuple[FetchResult, str]:
    with pytest.raises(FetchError) as caught:
        fetch(url, within)
    return caught.value.result, caught.value.detail


@pytest.mark.parametrize("host", ["crl.example.com", "127.0.0.1"])
def test_a_certificate_for_the_host_by_a_known_ca_is_good(secure: HttpServer, authority: EdgePki, host: str) -> None:
    assert fetch(secure.url("/ca.crl", host=host), limits(authority)) == CRL


def test_the_name_and_not_the_address_is_asked_for_in_tls(authority: EdgePki, tmp_path: Path) -> None:
    leaf = authority.issue("crl", dns=["crl.example.com"], eku=[pki.SERVER_AUTH])
    context = server_context(leaf, tmp_path)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with HttpServer(tls=context) as server:
        server.serve("/ca.crl", CRL)
        assert fetch(server.url("/ca.crl", host="crl.example.com"), limits(authority)) == CRL
    assert asked == ["crl.example.com"]


def test_a_certificate_for_another_host_is_refused(secure: HttpServer, authority: EdgePki) -> None:
    result, detail = refused(secure.url("/ca.crl", host="other.example.com"), limits(authority))
    assert result is FetchResult.TLS_FAILED
    assert "other.example.com" in detail
    assert secure.requests == ()


def test_a_common_name_is_no_host(authority: EdgePki, tmp_path: Path) -> None:
    leaf = authority.issue("crl.example.com", emails=["crl@example.com"], eku=[pki.SERVER_AUTH])
    with HttpServer(tls=server_context(leaf, tmp_path)) as server:
        result, _ = refused(server.url("/ca.crl", host="crl.example.com"), limits(authority))
    assert result is FetchResult.TLS_FAILED


def test_a_certificate_for_the_name_is_none_for_its_address(authority: EdgePki, tmp_path: Path) -> None:
    leaf = authority.issue("crl", dns=["crl.example.com"], eku=[pki.SERVER_AUTH])
    with HttpServer(tls=server_context(leaf, tmp_path)) as server:
        assert refused(server.url("/ca.crl"), limits(authority))[0] is FetchResult.TLS_FAILED


def test_without_a_ca_file_the_systems_store_decides(secure: HttpServer) -> None:
    result, detail = refused(secure.url("/ca.crl", host="crl.example.com"), FetchLimits(timeout=10))
    assert result is FetchResult.TLS_FAILED
    assert "certificate verify failed" in detail


def test_the_systems_store_is_where_openssl_is_told_it_is(
    secure: HttpServer, authority: EdgePki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.directory / "root.pem"))
    assert fetch(secure.url("/ca.crl", host="crl.example.com"), FetchLimits(timeout=10)) == CRL


def test_a_ca_file_counts_instead_of_the_systems_store(
    secure: HttpServer, authority: EdgePki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authority.authority("Other Root").pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.directory / "root.pem"))
    result, _ = refused(secure.url("/ca.crl", host="crl.example.com"), FetchLimits(timeout=10, ca_file=other))
    assert result is FetchResult.TLS_FAILED


def test_an_expired_certificate_is_refused(authority: EdgePki, tmp_path: Path) -> None:
    over = now() - pki.HOUR
    leaf = authority.issue("crl", ips=["127.0.0.1"], eku=[pki.SERVER_AUTH], not_after=over)
    with HttpServer(tls=server_context(leaf, tmp_path)) as server:
        result, detail = refused(server.url("/ca.crl"), limits(authority))
    assert result is FetchResult.TLS_FAILED
    assert "expired" in detail


@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_a_ca_file_that_cannot_be_used_is_named(
    secure: HttpServer, authority: EdgePki, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    result, detail = refused(secure.url("/ca.crl"), FetchLimits(timeout=10, ca_file=file))
    assert result is FetchResult.TLS_FAILED
    assert str(file) in detail
    assert secure.requests == ()


def test_a_server_that_speaks_no_tls_is_refused(authority: EdgePki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(1 << 16)

        thread = threading.Thread(target=answer)
        thread.start()
        result, detail = refused(f"https://127.0.0.1:{plain.getsockname()[1]}/", limits(authority))
        thread.join()
    assert result is FetchResult.TLS_FAILED
    assert "SSL" in detail


def test_an_old_tls_version_is_refused(authority: EdgePki, tmp_path: Path) -> None:
    context = server_context(authority.issue("crl", ips=["127.0.0.1"], eku=[pki.SERVER_AUTH]), tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with HttpServer(tls=context) as server:
        assert refused(server.url("/ca.crl"), limits(authority))[0] is FetchResult.TLS_FAILED


def test_a_handshake_that_never_ends_is_given_up_in_connect_time(authority: EdgePki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        start = time.monotonic()
        result, detail = refused(
            f"https://127.0.0.1:{mute.getsockname()[1]}/", limits(authority, timeout=20, connect_timeout=0.3)
        )
    assert result is FetchResult.TLS_FAILED
    assert "0.3 s" in detail
    assert time.monotonic() - start < 5


def test_a_handshake_that_takes_all_the_time_is_a_timeout(authority: EdgePki) -> None:
    """The server sends a record of the handshake byte by byte, as slowly as the connect timeout allows."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def drip() -> None:
            connection, _ = slow.accept()
            with connection:
                connection.sendall(b"\x16\x03\x03\x40\x00")
                while not done.wait(0.1):
                    connection.sendall(b"\x02")

        thread = threading.Thread(target=drip)
        thread.start()
        start = time.monotonic()
        try:
            within = limits(authority, timeout=0.6, connect_timeout=5)
            result, _ = refused(f"https://127.0.0.1:{slow.getsockname()[1]}/", within)
        finally:
            done.set()
            thread.join()
    assert result is FetchResult.TIMEOUT
    assert time.monotonic() - start < 3


def test_a_drip_over_tls_ends_in_time(secure: HttpServer, authority: EdgePki) -> None:
    slow = answers.drip(answers.head(200, [("Content-Length", "9000")]) + CRL, step=50, every=0.05)
    secure.behave("/ca.crl", slow)
    start = time.monotonic()
    result, _ = refused(secure.url("/ca.crl"), limits(authority, timeout=0.6))
    assert result is FetchResult.TIMEOUT
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (answers.cut_short(CRL, 100), FetchResult.TRUNCATED),
        (answers.reset(), FetchResult.NETWORK),
        (answers.raw(b""), FetchResult.NETWORK),
        (answers.bomb(128 << 20), FetchResult.TOO_LARGE),
    ],
)
def test_what_goes_wrong_after_the_handshake_has_its_own_name(
    secure: HttpServer, authority: EdgePki, answer: answers.Answer, result: FetchResult
) -> None:
    secure.behave("/ca.crl", answer)
    assert refused(secure.url("/ca.crl"), limits(authority))[0] is result


def test_https_is_never_left_for_http(secure: HttpServer, authority: EdgePki, server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    secure.behave("/ca.crl", answers.redirect(server.url("/ca.crl")))
    allowed = limits(authority, redirect_hosts=frozenset({"127.0.0.1"}), private_addresses=True)
    result, detail = refused(secure.url("/ca.crl"), allowed)
    assert result is FetchResult.REDIRECT_REFUSED
    assert "https to http" in detail
    assert server.requests == ()


def test_http_may_lead_to_https_on_an_allowed_host(secure: HttpServer, authority: EdgePki, server: HttpServer) -> None:
    server.behave("/old", answers.redirect(secure.url("/ca.crl")))
    allowed = limits(authority, redirect_hosts=frozenset({"127.0.0.1"}), private_addresses=True)
    assert fetch(server.url("/old"), allowed) == CRL


def test_the_same_hosts_own_https_is_the_same_server(server: HttpServer, authority: EdgePki) -> None:
    """Port 443 has no listener here; that it was tried shows that the redirect was allowed."""
    server.behave("/old", answers.redirect("https://127.0.0.1/ca.crl"))
    result, detail = refused(server.url("/old"), limits(authority, connect_timeout=1))
    assert result is FetchResult.CONNECT_FAILED
    assert "443" in detail

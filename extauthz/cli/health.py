"""``extauthz health``: whether a service serves, by its gRPC health check (grpc.health.v1) or its admin listener."""

import http.client
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

import click
import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extauthz.cli.errors import CommandError
from extauthz.cli.health_denied import StrangerError, denied_over_grpc, denied_over_http, tls_of

_FILE = click.Path(path_type=Path, dir_okay=False)
_HTTP: Final = "http://"
_HTTPS: Final = "https://"
_READY: Final = "/readyz"
_SAID: Final[Mapping[int, str]] = {200: "SERVING", 503: "NOT_SERVING"}


class _Tls(NamedTuple):
    """The files and the name for TLS, as far as they are given."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None


@click.command()
@click.option(
    "--address",
    default="127.0.0.1:9191",
    show_default=True,
    help=(
        "HOST:PORT or unix:/path/to/socket of the gRPC listener, or http://HOST:PORT of the admin listener. With "
        "--denied also http(s)://HOST:PORT/PREFIX of the HTTP listener."
    ),
)
@click.option("--service", default="", help="Service to ask for, such as envoy.service.auth.v3.Authorization.")
@click.option("--denied", is_flag=True, help="Also ask for a request without a certificate, which must be denied.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=2.0, show_default=True, help="Seconds.")
@click.option("--tls-ca", type=_FILE, help="CA certificates (PEM) to verify the server with; turns TLS on.")
@click.option("--tls-cert", type=_FILE, help="Client certificate (PEM), where the server asks for one.")
@click.option("--tls-key", type=_FILE, help="Its private key (PEM).")
@click.option("--tls-server-name", help="Name that the server's certificate must have. Default: the host.")
def command(
    *,
    address: str,
    service: str,
    denied: bool,
    timeout: float,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_server_name: str | None,
) -> None:
    """Ask a running service whether it is serving.

    Prints the status. Exits with 0 for SERVING and with 1 for anything else, also for no answer.

    The admin listener says the same as the gRPC listener, and is there where proxies only ask over HTTP.

    With --denied it asks for a decision, too, about a request without a certificate, and prints DENIED, or ALLOWED and
    exits with 1. Of the HTTP listener it asks only that. A policy with `certificate: optional` for every host is a
    reason for ALLOWED. The service counts it as any other check. Where `allowed_clients` or `callers`
    does not let in whoever runs this, it is DENIED for that, and no policy is looked at.
    """
    if (tls_cert is None) != (tls_key is None):
        raise CommandError("--tls-cert and --tls-key go together: give both, or neither")
    tls = _Tls(tls_ca, tls_cert, tls_key, tls_server_name)
    if not address.startswith((_HTTP, _HTTPS)):
        _ask_grpc(address, service, timeout, tls, denied=denied)
    elif denied:
        if service:
            raise CommandError("--service is for the gRPC listener; the HTTP listener knows none")
        _ask_http(address, timeout, tls)
    else:
        if service or tls != _Tls():
            raise CommandError("--service and --tls-… are for the gRPC listener; the admin listener knows neither")
        _ask_admin(address, timeout)


def _ask_grpc(address: str, service: str, timeout: float, tls: _Tls, *, denied: bool) -> None:
    """Print what the health check says and, if it is asked for, how a question is answered; end."""
    if tls.ca is None and tls != _Tls():
        raise CommandError("TLS needs --tls-ca, the CA certificates to verify the server with")
    with _channel(address, tls) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=service), timeout=timeout, wait_for_ready=False
            )
            click.echo(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
            if answer.status != health_pb2.HealthCheckResponse.SERVING:
                click.get_current_context().exit(1)
            if denied:
                _end(denied=denied_over_grpc(channel, timeout))
        except StrangerError as error:
            click.echo(f"extauthz: {address} {error}", err=True)
            click.get_current_context().exit(1)
        except grpc.RpcError as error:
            # What a call raises is the call itself, with its status.
            click.echo(f"extauthz: {_what_failed(cast('grpc.Call', error), address, service)}", err=True)
            click.get_current_context().exit(1)


def _end(*, denied: bool) -> None:
    """Print how the question was answered and end with its exit status."""
    click.echo("DENIED" if denied else "ALLOWED")
    click.get_current_context().exit(0 if denied else 1)


def _ask_http(url: str, timeout: float, tls: _Tls) -> None:
    """Print how the HTTP listener answers and end with its exit status."""
    place = urlsplit(url)
    if url.startswith(_HTTPS) != (tls.ca is not None):
        raise CommandError("https:// and --tls-ca, the CA certificates to verify the server with, go together")
    if place.hostname is None or _port(place) is None or not place.path or place.query:
        raise CommandError(f"--address {url} is not http://HOST:PORT/PREFIX or https://HOST:PORT/PREFIX")
    try:
        context = None if tls.ca is None else tls_of(tls.ca, tls.certificate, tls.key)
    except OSError as error:
        raise CommandError(f"the certificates for TLS cannot be read: {error}") from error
    try:
        denied = denied_over_http(place, timeout, context, tls.server_name)
    except StrangerError as error:
        click.echo(f"extauthz: {url} {error}", err=True)
        click.get_current_context().exit(1)
    except (OSError, http.client.HTTPException) as error:
        click.echo(f"extauthz: {url} cannot be reached: {error}", err=True)
        click.get_current_context().exit(1)
    _end(denied=denied)


def _port(place: SplitResult) -> int | None:
    try:
        return place.port
    except ValueError:
        return None


def _ask_admin(url: str, timeout: float) -> None:
    """Print what ``GET /readyz`` says and end with its exit status."""
    if url.startswith(_HTTPS):
        raise CommandError(f"--address {url}: the admin listener speaks no TLS, and the HTTP listener needs --denied")
    place = urlsplit(url)
    port = _port(place)
    if place.hostname is None or port is None or place.path.rstrip("/") or place.query:
        raise CommandError(f"--address {url} is not http://HOST:PORT")
    connection = http.client.HTTPConnection(place.hostname, port, timeout=timeout)
    try:
        connection.request("GET", _READY)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        click.echo(f"extauthz: {url} cannot be reached: {error}", err=True)
        click.get_current_context().exit(1)
    finally:
        connection.close()
    said = _SAID.get(status)
    if said is None:
        click.echo(f"extauthz: {url} answered {status}: it is not the admin listener of extauthz", err=True)
        click.get_current_context().exit(1)
    click.echo(said)
    click.get_current_context().exit(0 if status == http.HTTPStatus.OK else 1)


def _channel(address: str, tls: _Tls) -> grpc.Channel:
    # A probe must see this very server: no proxy from the environment, no connection kept by another probe.
    options: list[tuple[str, str | int]] = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    if tls.ca is None:
        return grpc.insecure_channel(address, options)
    if tls.server_name is not None:
        options.append(("grpc.ssl_target_name_override", tls.server_name))
    try:
        credentials = grpc.ssl_channel_credentials(
            tls.ca.read_bytes(),
            None if tls.key is None else tls.key.read_bytes(),
            None if tls.certificate is None else tls.certificate.read_bytes(),
        )
    except OSError as error:
        raise CommandError(f"cannot read {error.filename}: {error.strerror}") from error
    return grpc.secure_channel(address, credentials, options)


def _what_failed(call: grpc.Call, address: str, service: str) -> str:
    if call.code() is grpc.StatusCode.NOT_FOUND:
        return f"{address} does not know a service {service!r}"
    if call.code() is grpc.StatusCode.UNIMPLEMENTED:
        return f"{address} speaks gRPC but has no health service: it is not extauthz"
    if call.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"{address} did not answer in time"
    return f"{address} cannot be reached: {call.details()}"

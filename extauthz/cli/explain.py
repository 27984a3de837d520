"""``extauthz explain``: how a request would be decided, step by step."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.configuration import load_or_exit
from extauthz.cli.crl_sources import load_crls
from extauthz.cli.errors import CommandError
from extauthz.cli.explain_options import read_context, read_headers, read_time
from extauthz.cli.explain_over import OVER, Explained, explained
from extauthz.cli.explain_report import decision_json, decision_lines
from extauthz.cli.explain_request import (
    Overrides,
    apply_overrides,
    default_request,
    parse_json,
    read_json,
    read_request,
)
from extauthz.cli.material import read_input, recognise
from extauthz.cli.present import present
from extauthz.config.build import BuiltEngine
from extauthz.model.decision import Decision
from extauthz.model.errors import DecodeError
from extauthz.model.request import AuthRequest
from extauthz.model.visible import visible
from extauthz.policy.token import JWT_NAMESPACE

_FILE = click.Path(path_type=Path, dir_okay=False)
DEFAULT_PAYLOAD_KEY = "jwt_payload"
"""Where ``--token`` goes in the metadata unless the configuration names a key."""


@click.command()
@click.option("--config", "config_file", type=click.Path(path_type=Path), required=True, help="Configuration file.")
@click.option("--cert", metavar="CERT", help="Client certificate: PEM, DER, or as headers have it; - for stdin.")
@click.option("--chain", metavar="CERT", help="The intermediates that the client sends (PEM).")
@click.option("--request", "request_file", type=_FILE, help="The whole request, as JSON.")
@click.option("--over", type=click.Choice(OVER), help="Which listener is asked. Default: grpc, where there is one.")
@click.option("--method", help="HTTP method. Default: GET.")
@click.option("--host", help="Host, with the port if the client sends one. Default: localhost.")
@click.option("--path", help="Path and query, undecoded. Default: /.")
@click.option(
    "--header",
    "headers",
    metavar="NAME:VALUE",
    multiple=True,
    callback=read_headers,
    help="A request header. Repeatable.",
)
@click.option(
    "--context", metavar="KEY=VALUE", multiple=True, callback=read_context, help="A context extension. Repeatable."
)
@click.option("--sni", help="Server name of the TLS session.")
@click.option("--token", help="Payload of a verified token: a JSON object, or a file with one.")
@click.option("--at", metavar="RFC3339", callback=read_time, help="Decide as of this time. Default: now.")
@click.option("--fetch", is_flag=True, help="Fetch the CRLs of `url:` sources. Default: those that are on disk.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    *,
    config_file: Path,
    cert: str | None,
    chain: str | None,
    request_file: Path | None,
    over: str | None,
    method: str | None,
    host: str | None,
    path: str | None,
    headers: Sequence[tuple[str, str]],
    context: Sequence[tuple[str, str]],
    sni: str | None,
    token: str | None,
    at: datetime | None,
    fetch: bool,
    as_json: bool,
) -> None:
    """Say how a request would be decided, step by step.

    The client's certificate comes from --cert, and is put where the configured sources look; or the whole request
    comes from --request. The other options win over the file. Exits with 0 for allow, 1 for deny, 2 when it cannot run.
    """
    if cert is not None and request_file is not None:
        raise CommandError("--cert and --request exclude each other: the request brings its own certificate")
    if chain is not None and cert is None:
        raise CommandError("--chain needs --cert, the certificate that it belongs to")
    built = load_or_exit(config_file)
    listener = explained(built, over)
    if listener.over == "http" and (sni is not None or context or token is not None):
        raise CommandError("--sni, --context and --token say what no proxy tells over HTTP; leave them away")
    request = default_request() if request_file is None else read_request(request_file)
    if cert is not None:
        request = _with_certificate(request, listener, cert, chain)
    overrides = Overrides(
        method=method,
        host=host,
        path=path,
        sni=sni,
        headers=headers,
        context=dict(context),
        metadata={} if token is None else _metadata(token, built),
    )
    now = datetime.now(UTC) if at is None else at
    load_crls(built, now, fetch=fetch)
    decision = _decide(listener, apply_overrides(request, overrides), now)
    if as_json:
        click.echo(json.dumps(decision_json(decision, now)))
    else:
        for line in decision_lines(decision):
            click.echo(line)
    click.get_current_context().exit(0 if decision.allowed else 1)


def _decide(listener: Explained, request: AuthRequest, now: datetime) -> Decision:
    try:
        read = listener.read(request)
    except DecodeError as error:
        return Decision(allowed=False, reason=error.reason, detail=error.detail)
    return listener.engine.decide(read, now)


def _with_certificate(request: AuthRequest, listener: Explained, cert: str, chain: str | None) -> AuthRequest:
    leaf, *others = _certificates(cert)
    if chain is not None:
        # Some files have the leaf first again, as servers and clients are given them.
        others = [one for one in _certificates(chain) if one != leaf]
    presentation = present(listener.sources, leaf, others)
    if others and not presentation.chain_is_carried:
        click.echo("The chain is left out: no configured source carries one.", err=True)
    return request._replace(
        source_certificate=presentation.source_certificate,
        headers={name: (value,) for name, value in presentation.headers},
    )


def _certificates(name: str) -> Sequence[bytes]:
    try:
        return recognise(read_input(name)).certificates
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
    except DecodeError as error:
        raise CommandError(f"{name}: {visible(error.detail)}") from error


def _metadata(token: str, built: BuiltEngine) -> Mapping[str, Mapping[str, object]]:
    """Return the payload where Envoy's JWT filter would leave it."""
    inline = token.lstrip().startswith("{")
    payload = parse_json(token.encode(), "--token") if inline else read_json(Path(token))
    if not isinstance(payload, dict):
        raise CommandError(f"{token}: the payload of a token must be a JSON object")
    keys = built.config.token_binding.payload_keys
    return {JWT_NAMESPACE: {keys[0] if keys else DEFAULT_PAYLOAD_KEY: payload}}

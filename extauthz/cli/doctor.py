"""``extauthz doctor``: what is wired wrong between a proxy and extauthz."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from extauthz.cli.configuration import loaded_or_exit
from extauthz.cli.errors import CommandError
from extauthz.cli.explain_request import read_request
from extauthz.config.build import build
from extauthz.doctor.catalogue.catalogue import CATALOGUE
from extauthz.doctor.code import Severity
from extauthz.doctor.examine import Given, examine
from extauthz.doctor.examined import Examined
from extauthz.doctor.finding import Finding, UnreadableError
from extauthz.model.request import AuthRequest
from extauthz.model.visible import visible

_File = click.Path(path_type=Path)


@click.command()
@click.option("--config", "-c", type=_File, required=True, help="The configuration of extauthz.")
@click.option("--request", "request_path", type=_File, help="A captured request, as `explain --request` takes it.")
@click.option("--envoy", type=_File, help="What a running Envoy's /config_dump gives, or a bootstrap file.")
@click.option(
    "--istio", type=_File, multiple=True, help="YAML with MeshConfig, AuthorizationPolicy, Gateway; may be repeated."
)
@click.option("--nginx", type=_File, help="nginx.conf, or what `nginx -T` prints.")
@click.option(
    "--traefik", type=_File, multiple=True, help="Static and dynamic configuration, or resources; may be repeated."
)
@click.option("--caddy", type=_File, help="Caddy's JSON; `caddy adapt` makes it of a Caddyfile.")
@click.option("--haproxy", type=_File, multiple=True, help="haproxy.cfg; may be repeated, in the order of -f.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a finding.")
def command(
    *,
    config: Path,
    request_path: Path | None,
    envoy: Path | None,
    istio: Sequence[Path],
    nginx: Path | None,
    traefik: Sequence[Path],
    caddy: Path | None,
    haproxy: Sequence[Path],
    as_json: bool,
) -> None:
    """Say what is wired wrong between a proxy and extauthz.

    Reads files only; no running program is asked. Every finding has a severity, a code, the place, what it means and
    what to do. "error": requests can get past the decision, or an identity can be forged. "warning": some requests are
    not decided, perhaps on purpose, or it cannot be told; others are refused for no good reason or decided by the wrong
    policy, or an outage is hidden. "note": worth knowing.

    In the place of one file, - is standard input. Caddyfiles are not read, as their syntax is Caddy's own business:
    give what `caddy adapt` makes of them.

    At its end stands what was examined. Without a proxy's files that is extauthz' own configuration alone.

    Exits with 0 when nothing is found, with 1 when something is, and with 2 when a file cannot be examined.
    """
    loaded = loaded_or_exit(config)
    request = AuthRequest() if request_path is None else read_request(request_path)
    given = Given(
        request=None if request_path is None else request,
        request_file=str(request_path),
        envoy=envoy,
        istio=istio,
        nginx=nginx,
        traefik=traefik,
        caddy=caddy,
        haproxy=haproxy,
    )
    try:
        examination = examine(build(loaded), config, loaded.document, given, cores=usable_cores())
    except UnreadableError as error:
        raise CommandError(visible(str(error))) from None
    found = examination.findings
    for one in found:
        click.echo(_as_json(one) if as_json else _as_text(one))
    if not as_json:
        click.echo(_summary(found), err=True)
        for line in _examined(config, request_path, examination.proxies):
            click.echo(visible(line), err=True)
    click.get_current_context().exit(1 if found else 0)


def usable_cores() -> int:
    """Return how many cores this process may use; systems other than Linux do not tell, and count them all."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _as_json(finding: Finding) -> str:
    advice = CATALOGUE[finding.code]
    return json.dumps(
        {
            "severity": advice.severity,
            "code": finding.code,
            "file": finding.file,
            "line": finding.line or None,
            "path": finding.path,
            "meaning": advice.meaning,
            "detail": finding.detail,
            "remedy": advice.remedy,
        }
    )


def _as_text(finding: Finding) -> str:
    advice = CATALOGUE[finding.code]
    detail = f" ({visible(finding.detail)})" if finding.detail else ""
    return (
        f"{advice.severity} {finding.code}: {visible(finding.place)}\n"
        f"  {advice.meaning}{detail}.\n"
        f"  Do: {advice.remedy}."
    )


def _examined(config: Path, request: Path | None, proxies: Sequence[Examined]) -> Iterator[str]:
    yield f"examined {config}"
    if request is not None:
        yield f"examined {request} (a captured request)"
    for one in proxies:
        yield f"examined {one}"
    if not proxies:
        yield "no file of a proxy was given: only extauthz' own configuration was examined"


def _summary(found: Sequence[Finding]) -> str:
    if not found:
        return "nothing found"
    counts = {severity: sum(CATALOGUE[one.code].severity == severity for one in found) for severity in Severity}
    return ", ".join(f"{count} {severity}{'s' if count != 1 else ''}" for severity, count in counts.items())

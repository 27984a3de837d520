"""Choices in the configuration of extauthz that weaken it, or that do not fit the machine."""

from collections.abc import Iterator, Sequence
from typing import Final

from extauthz.config.loopback import is_loopback
from extauthz.config.schema.address import UNIX_PREFIX
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.model.errors import Problem

_ANY_CALLER: Final = "listen.http.unsafe_any_caller"
_BY_PATH: Final = {
    "trust.chain": Code.CONFIG_CHAIN_NOT_VERIFIED,
    "decision_log.path": Code.CONFIG_DECISION_LOG_UNWRITABLE,
    "listen.http.callers.addresses": Code.CONFIG_HTTP_PROXY_REFUSED,
}


def warnings(problems: Sequence[Problem], wants: Expectations) -> Iterator[Finding]:
    """Yield what ``extauthz validate`` warns about, under the codes that stand for it."""
    http = wants.config.listen.http
    for one in problems:
        code = _BY_PATH.get(one.path, Code.CONFIG_WEAK)
        if one.path == _ANY_CALLER and http is not None and is_exposed(http.address):
            code = Code.CONFIG_HTTP_ANY_CALLER
        yield Finding(code=code, file=one.file, line=one.line, path=one.path, detail=one.message)


def exposure(wants: Expectations) -> Iterator[Finding]:
    """Yield the listeners that more can reach than need to."""
    grpc, admin = wants.config.listen.grpc, wants.config.listen.admin
    listening = wants.config.sources is not None
    if listening and is_exposed(grpc.address) and (grpc.tls is None or grpc.tls.client_ca is None):
        yield wants.found(Code.CONFIG_GRPC_ANY_CALLER, ("listen", "grpc"), grpc.address)
    if is_exposed(admin.address):
        yield wants.found(Code.CONFIG_ADMIN_EXPOSED, ("listen", "admin", "address"), admin.address)


def workers(wants: Expectations, cores: int) -> Iterator[Finding]:
    """Yield it when there are more workers than cores."""
    if wants.config.workers > cores:
        yield wants.found(Code.CONFIG_TOO_MANY_WORKERS, ("workers",), f"{wants.config.workers} on {cores} cores")


def is_exposed(address: str) -> bool:
    """Say whether other machines may reach an address. A name may lead anywhere, unless it is ``localhost``."""
    if address.startswith(UNIX_PREFIX):
        return False
    return not is_loopback(address.rpartition(":")[0])

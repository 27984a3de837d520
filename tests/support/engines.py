"""An engine of given parts, as ``config.build`` puts it together."""

from collections.abc import Sequence

from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.judgement import REMEMBERED_CLIENTS, Judge
from extauthz.policy.routes import When
from extauthz.sources.select import SourceReader
from extauthz.trust.assess import CertificateTrust


def assembled(
    *,
    sources: SourceReader,
    policies: Sequence[tuple[When, Policy]],
    trust: CertificateTrust,
    headers: HeaderRenderer | None = None,
    digest: str = "",
    clients: int = REMEMBERED_CLIENTS,
    explained: bool = True,
) -> Engine:
    judge = Judge(sources, headers or HeaderRenderer(), trust, clients=clients, explained=explained)
    return Engine(judge=judge, policies=policies, digest=digest)

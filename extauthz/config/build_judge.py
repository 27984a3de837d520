"""``sources``, ``headers`` and ``cache`` in, what judges the clients of one listener out."""

from dataclasses import dataclass

from extauthz.config.build_sources import build_sources
from extauthz.config.schema.deny import Deny
from extauthz.config.schema.headers import Headers
from extauthz.config.schema.sources import Source
from extauthz.headers import HeaderRenderer
from extauthz.judgement import Judge
from extauthz.sources.select import SourceReader
from extauthz.trust.assess import CertificateTrust


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeInputs:
    """Everything that it is built from. What it remembers is by policy, so these are none of them."""

    name: str
    """Of the API, and over HTTP of its dialect."""
    sources: tuple[Source, ...]
    headers: Headers
    deny: Deny
    """Of the answers that are kept with what is judged: with each other form of them there would be more to keep."""
    clients: int
    explained: bool
    trust: CertificateTrust


def build_judge(inputs: JudgeInputs) -> Judge:
    """Build it."""
    headers = inputs.headers
    return Judge(
        SourceReader(build_sources(inputs.sources)),
        HeaderRenderer(prefix=headers.prefix, emit=headers.emit, mapping=headers.map),
        inputs.trust,
        clients=inputs.clients,
        explained=inputs.explained,
    )

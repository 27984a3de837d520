"""Reading for one engine: of a question just what its decisions look at."""

from extauthz.engine import Engine
from extauthz.wire.request import CheckRequestReader


def reader_for(engine: Engine) -> CheckRequestReader:
    """Return the reader of an engine's questions."""
    return CheckRequestReader(
        engine.wanted_headers, engine.managed_prefix, context=engine.reads_context, metadata=engine.reads_metadata
    )

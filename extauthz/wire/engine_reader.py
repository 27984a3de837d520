"""Reading for one engine: of a question just what its decisions look at."""

from extauthz.engine import Engine
from extauthz.wire.http.dialect import RequestForm
from extauthz.wire.http.question import HttpQuestionReader
from extauthz.wire.request import CheckRequestReader


def reader_for(engine: Engine) -> CheckRequestReader:
    """Return the reader of an engine's questions."""
    return CheckRequestReader(
        engine.wanted_headers, engine.managed_prefix, context=engine.reads_context, metadata=engine.reads_metadata
    )


def http_reader_for(engine: Engine, form: RequestForm, prefix: str) -> HttpQuestionReader:
    """Return the reader of the questions that an engine is asked over HTTP."""
    return HttpQuestionReader(
        form, prefix.encode("ascii"), wanted_headers=engine.wanted_headers, managed_prefix=engine.managed_prefix
    )

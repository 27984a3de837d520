"""Whether the configured sources find a certificate in a captured request."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.finding import Finding
from extauthz.doctor.request.lookalike import lookalikes
from extauthz.model.errors import DecodeError
from extauthz.model.request import AuthRequest
from extauthz.sources.select import SourceReader


def certificate(request: AuthRequest, reader: SourceReader, file: str) -> Iterator[Finding]:
    """Yield it when none of the sources has one, with what else looks like one; and when it cannot be used."""
    try:
        presented = reader.read(request)
    except DecodeError as error:
        detail = f"{error.reason}: {error.detail}"
        yield Finding(code=Code.REQUEST_CERTIFICATE_REFUSED, file=file, path="headers", detail=detail)
        return
    if presented is not None:
        return
    yield Finding(code=Code.REQUEST_NO_CERTIFICATE, file=file)
    if request.source_certificate:
        yield Finding(code=Code.REQUEST_OTHER_HEADER, file=file, path="source_certificate", detail="{type: envoy_peer}")
    unread = {name: lines for name, lines in request.headers.items() if name not in reader.wanted_headers}
    for name, source in lookalikes(unread):
        yield Finding(code=Code.REQUEST_OTHER_HEADER, file=file, path=f"headers.{name}", detail=source)

"""Whether the configured sources find a certificate in a captured request."""

from collections.abc import Iterator, Sequence

from extauthz.doctor.code import Code
from extauthz.doctor.finding import Finding
from extauthz.doctor.request.lookalike import lookalikes
from extauthz.model.errors import DecodeError
from extauthz.model.request import AuthRequest
from extauthz.sources.select import SourceReader


def certificate(request: AuthRequest, readers: Sequence[SourceReader], file: str) -> Iterator[Finding]:
    """Yield it when none of the sources has one, with what else looks like one; and when it cannot be used.

    ``readers`` are those of the listeners; a request was made for one of them, and nobody knows for which.
    """
    refusals: list[DecodeError] = []
    for reader in readers:
        try:
            presented = reader.read(request)
        except DecodeError as error:
            refusals.append(error)
        else:
            if presented is not None:
                return
    for refusal in refusals:
        detail = f"{refusal.reason}: {refusal.detail}"
        yield Finding(code=Code.REQUEST_CERTIFICATE_REFUSED, file=file, detail=detail)
    if refusals:
        return
    yield Finding(code=Code.REQUEST_NO_CERTIFICATE, file=file)
    if request.source_certificate:
        yield Finding(code=Code.REQUEST_OTHER_HEADER, file=file, path="source_certificate", detail="{type: envoy_peer}")
    wanted = {name for reader in readers for name in reader.wanted_headers}
    unread = {name: lines for name, lines in request.headers.items() if name not in wanted}
    for name, source in lookalikes(unread):
        yield Finding(code=Code.REQUEST_OTHER_HEADER, file=file, path=f"headers.{name}", detail=source)

"""A header that a proxy writes once: one line, or none."""

from collections.abc import Mapping

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_TEXT_LENGTH


def header_line(headers: Mapping[str, tuple[str, ...]], name: str) -> str | None:
    """Return the one line of a header, not over the limit in length; None when there is no such header.

    ``name`` is lower case. Raises ``DecodeError``: SOURCE_AMBIGUOUS for two lines, be they equal or empty, since one of
    them may be the client's; SOURCE_TOO_LARGE. A transport that joins lines by a comma hides that there were two: then
    the comma must be malformed for whoever reads the value.
    """
    lines = headers.get(name, ())
    if not lines:
        return None
    if len(lines) > 1:
        raise DecodeError(
            Reason.SOURCE_AMBIGUOUS,
            f"{len(lines)} lines of {name}, which the proxy writes once: it must replace what a client sends",
        )
    (line,) = lines
    if len(line) > MAX_TEXT_LENGTH:
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_TEXT_LENGTH} characters in {name}")
    return line

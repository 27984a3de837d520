"""The name of a header in which a proxy hands over the certificate, chosen by the operator."""

import re
from typing import Annotated

from pydantic import AfterValidator

from extauthz.config.schema.headers import NAME_LENGTH, NAME_PATTERN, RESERVED_NAMES, RESERVED_STARTS

_XFCC = "x-forwarded-client-cert"


def _check_source_header(name: str) -> str:
    if len(name) > NAME_LENGTH or re.fullmatch(NAME_PATTERN, name) is None:
        raise ValueError(f"{name!r} is not a header name; write lower-case letters, digits and single `-` between them")
    if name == _XFCC:
        raise ValueError(f"the header {name!r} is for `type: xfcc`, which knows how to read it")
    if name in RESERVED_NAMES or name.startswith(RESERVED_STARTS):
        raise ValueError(f"the header {name!r} has a meaning of its own; have the proxy write another one")
    return name


SourceHeader = Annotated[str, AfterValidator(_check_source_header)]
"""A lower-case header name without a meaning of its own."""

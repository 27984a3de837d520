"""URLs of CRLs, and names of hosts."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from extauthz.config.schema.section import Text

_VISIBLE_ASCII = re.compile(r"[!-~]+")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_ADDRESS = re.compile(r"[0-9.]+|\[[0-9a-f:.]+\]")


def _check_url(text: str) -> str:
    if not _VISIBLE_ASCII.fullmatch(text):
        raise ValueError("a URL is written in ASCII without spaces; percent-encode anything else")
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise ValueError(f"{text!r} is not a URL: {error}") from None
    if url.scheme not in {"http", "https"} or not host:
        raise ValueError(f"{text!r} is not an absolute `http:` or `https:` URL")
    if "@" in url.netloc:
        raise ValueError("a URL must not carry a user name or password: it is shown in metrics and logs")
    if "#" in text:
        raise ValueError("a fragment (#…) is never sent to a server; leave it out")
    return text


def _check_host(text: str) -> str:
    if not _HOST.fullmatch(text) and not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of a host: lower case, without scheme, port or `*`")
    return text


CrlUrl = Annotated[Text, AfterValidator(_check_url)]
"""An absolute http or https URL without user information and fragment."""
HostName = Annotated[Text, AfterValidator(_check_host)]
"""A host name in lower case, an IPv4 address, or an IPv6 address in brackets."""

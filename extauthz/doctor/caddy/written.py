"""Identity headers that a configuration itself fills with something of the request, and other spellings of them.

A value that takes its way through a variable of Caddy's is not followed.
"""

import re
from collections.abc import Iterator
from typing import Final

from extauthz.doctor.caddy.rules import is_removed, needs_to_ask, removes
from extauthz.doctor.caddy.view import CaddyView, Upstream, changes
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.wiring import HttpWiring

_OF_REQUEST: Final = re.compile(
    r"\{http\.request\.(?:header\.(?P<header>[^}]*)|(?:orig_)?(?:uri|method|host|hostport|cookie|body)\b[^}]*)\}"
    r"|\{http\.request\.tls\.server_name\}"
)
"""What a client writes; with a name where it is a header."""
_WRITING: Final = ("add", "set", "replace")


def identity_overwritten(view: CaddyView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that nothing of the request gets into an identity header, if it is not removed again."""
    seen = set()
    for upstream in view.upstreams:
        for name in wants.identity_headers if upstream.authorizers else ():
            node = _forged(upstream, name, wants)
            if node is not None and node.path not in seen:
                seen.add(node.path)
                yield node.found(Code.CADDY_IDENTITY_OVERWRITTEN, ", ".join(_values(node)))


def underscores(view: CaddyView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that identity headers are removed in the spelling that many upstreams take for the same."""
    for upstream in view.upstreams:
        removed = [name for name in wants.identity_headers if is_removed(upstream, name)]
        spelled = [name.replace("-", "_") for name in removed if upstream.authorizers]
        left = [name for name in spelled if not is_removed(upstream, name)]
        if left:
            yield upstream.node.found(Code.CADDY_UNDERSCORES, ", ".join(left))


def files(view: CaddyView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no server that asks serves files to everybody."""
    for one in view.files if view.authorizers else ():
        if not one.authorizers and needs_to_ask(view, one):
            yield one.node.found(Code.CADDY_FILES_OPEN)


def _forged(upstream: Upstream, name: str, wants: Expectations) -> Located | None:
    """Return what writes a header from the request last, if nothing that always happens removes it again."""
    surely = {one.path for one in upstream.before}
    found: Located | None = None
    for handler in upstream.perhaps:
        for change in changes(handler):
            found = _written(change, name, wants) or found
            if handler.path in surely and removes(change, name):
                found = None
    change = upstream.node.at("headers", "request")
    found = _written(change, name, wants) or found
    return None if removes(change, name) else found


def _written(change: Located, name: str, wants: Expectations) -> Located | None:
    for kind in _WRITING:
        for key, node in change[kind].entries.items():
            values = (one for value in _values(node) for one in _OF_REQUEST.finditer(value))
            sources = [one["header"] for one in values]
            # An identity header has been removed or decided itself, or is a finding of its own.
            foreign = [one for one in sources if one is None or one.lower() not in wants.identity_headers]
            if key.lower() == name and foreign:
                return node
    return None


def _values(node: Located) -> tuple[str, ...]:
    """Return what is written: a list of values, or of replacements."""
    return tuple(filter(None, (*node.texts, *(one["replace"].text for one in node.items))))

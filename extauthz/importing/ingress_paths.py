"""The paths of a host's rules as patterns of ``when.paths``.

ingress-nginx asks for certificates by host, so paths decide nothing about clients. They say what is served at all: the
rest is 404 there, and here it should not be allowed either.
"""

from collections.abc import Iterable, Sequence

from extauthz.importing.foreign import Node
from extauthz.importing.ingress_objects import Ingress
from extauthz.importing.remark import Remark, Weight
from extauthz.importing.san_pattern import escaped
from extauthz.model.quoted import quoted
from extauthz.policy.patterns import REGEX_PREFIX, PatternError
from extauthz.policy.routes import compile_when

EVERY_PATH: Sequence[str] = ()
"""No restriction."""


def host_paths(host: str, ingresses: Iterable[Ingress], remarks: list[Remark]) -> Sequence[str] | None:
    """Return the patterns of all the rules of a host; EVERY_PATH where every path is served, None where no path is."""
    patterns: dict[str, None] = {}
    restricted = False
    for ingress in ingresses:
        rules = [rule for rule in ingress.rules() if _host(rule) == host]
        if not rules:  # a host by `server-alias`: the server's paths are those of the rules that it is an alias of
            rules = list(ingress.rules())
        regexes = next((one for one in map(ingress.annotation, ("use-regex", "rewrite-target")) if one), None)
        if regexes is not None:
            message = f"the paths of {quoted(host)} may be regular expressions: left to the proxy, all are allowed here"
            remarks.append(Remark(regexes.place, Weight.NOTE, message))
            return EVERY_PATH
        for rule in rules:
            paths = _paths(rule)
            if ingress.has_default_backend or not paths:
                return EVERY_PATH
            restricted = True
            for path in paths:
                pattern = _pattern(path, remarks)
                if pattern == "/**":
                    return EVERY_PATH
                if pattern is not None:
                    patterns[pattern] = None
    return None if restricted and not patterns else tuple(patterns)


def _host(rule: Node) -> str:
    node = rule.child("host")
    return "" if node is None else (node.text() or "").lower()


def _paths(rule: Node) -> list[Node]:
    http = rule.child("http")
    paths = None if http is None else http.child("paths")
    return [] if paths is None else list(paths.items())


def _pattern(node: Node, remarks: list[Remark]) -> str | None:
    path_node, type_node = node.child("path"), node.child("pathType")
    path = ("" if path_node is None else path_node.text() or "") or "/"
    match "" if type_node is None else type_node.text():
        case "Exact":
            pattern = _literal(path)
        case "Prefix" if "*" in path:
            pattern = f"{REGEX_PREFIX}{escaped(path.rstrip('/'))}(?:/.*)?"
        case "Prefix":
            pattern = f"{path.rstrip('/')}/**"
        case (
            _
        ):  # ImplementationSpecific: NGINX takes the text as the beginning of a path, in the middle of a segment too
            pattern = "/**" if path == "/" else f"{REGEX_PREFIX}{escaped(path)}.*"
    try:
        if not path.isprintable():
            raise PatternError("it holds a character that does not print")  # noqa: TRY301  (refused like the others)
        compile_when(paths=[pattern])
    except PatternError as error:
        message = f"the path {quoted(path)} cannot be used ({error}); it is denied"
        remarks.append(Remark(node.place, Weight.LEFT_OUT, message))
        return None
    return pattern


def _literal(path: str) -> str:
    return REGEX_PREFIX + escaped(path) if "*" in path else path

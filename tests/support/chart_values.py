"""Values for tests of the chart: the least that it takes, and how values are put over others."""

from typing import Any, Final

MINIMAL: Final[dict[str, Any]] = {
    "config": {"sources": [{"type": "xfcc"}], "policies": [{"name": "all", "when": {}, "require": {}}]},
    "trust": {"anchors": [{"configMap": "roots"}]},
    "crls": "unsafe_none",
    "networkPolicy": {"proxies": [{"podSelector": {}}]},
}
ABSENT: Final = "ABSENT"
"""In the place of a value: leave out what is there."""
EXISTING: Final[dict[str, Any]] = {"config": None, "existingConfigMap": "one"}
"""Over ``MINIMAL``: the configuration is somebody else's."""
SERVER: Final[dict[str, Any]] = {"grpc": {"tls": True}, "tls": {"secretName": "server"}}
"""gRPC speaks TLS."""
PERSISTENT: Final[dict[str, Any]] = {"crls": [{"configMap": "crls"}], "state": {"persistence": {"enabled": True}}}
"""Each pod has a claim."""
MONITORING: Final = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
"""The peers that scrape."""


def merged(first: Any, second: Any) -> Any:  # noqa: ANN401  (values are what YAML can say)
    """Merge values as Helm does, and leave out what is ``ABSENT``."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second
    both = {**first, **{key: merged(first.get(key), value) for key, value in second.items()}}
    return {key: value for key, value in both.items() if value != ABSENT}


def nested(path: str, value: object) -> Any:  # noqa: ANN401  (the same)
    """Return the values that give one of them, by its dotted path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def minimal(**values: object) -> dict[str, Any]:
    """Return the least that the chart takes, with other values over it."""
    return dict(merged(MINIMAL, values))

"""Certificate sources, as the configuration has them, in the form in which they are read."""

from collections.abc import Sequence

from extauthz.config.schema.sources import EnvoyPeerSource as EnvoyPeerSection
from extauthz.config.schema.sources import FromRight as FromRightSection
from extauthz.config.schema.sources import Source as Section
from extauthz.config.schema.sources import XfccSource as XfccSection
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.source import Source
from extauthz.sources.xfcc import ElementChoice, FromRight, Last, Only, XfccSource


def build_sources(sections: Sequence[Section]) -> list[Source]:
    """Return the sources in their order."""
    return [_source(section) for section in sections]


def _source(section: Section) -> Source:
    if isinstance(section, EnvoyPeerSection):
        return EnvoyPeerSource()
    return _xfcc(section)


def _xfcc(section: XfccSection) -> XfccSource:
    element: ElementChoice
    if isinstance(section.element, FromRightSection):
        element = FromRight(section.element.from_right)
    else:
        element = Only() if section.element == "only" else Last()
    return XfccSource(element, section.by or ())

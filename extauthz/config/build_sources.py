"""Sections of sources in, the readers that they mean out. For ``sources`` and for ``listen.http.sources``."""

from collections.abc import Sequence

from extauthz.config.schema.sources import AwsAlbSource as AwsAlbSection
from extauthz.config.schema.sources import Base64DerSource as Base64DerSection
from extauthz.config.schema.sources import EnvoyPeerSource as EnvoyPeerSection
from extauthz.config.schema.sources import FromRight as FromRightSection
from extauthz.config.schema.sources import NginxSource as NginxSection
from extauthz.config.schema.sources import Rfc9440Source as Rfc9440Section
from extauthz.config.schema.sources import Source as SourceSection
from extauthz.config.schema.sources import XfccSource as XfccSection
from extauthz.sources.aws_alb import AlbMode, AwsAlbSource
from extauthz.sources.base64_der import Base64DerSource, Form
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.nginx import NginxSource, NginxVerify
from extauthz.sources.rfc9440 import Rfc9440Source
from extauthz.sources.source import Source
from extauthz.sources.xfcc import ElementChoice, FromRight, Last, Only, XfccFormat, XfccSource


def build_sources(sections: Sequence[SourceSection]) -> list[Source]:
    """Build the sources of checked sections, in their order."""
    return [_source(section) for section in sections]


def _source(section: SourceSection) -> Source:
    match section:
        case EnvoyPeerSection():
            return EnvoyPeerSource()
        case XfccSection():
            return XfccSource(
                _element(section), section.by or (), XfccFormat(section.format), identity_only=_identity_only(section)
            )
        case NginxSection():
            return NginxSource(section.header, section.verify_header, NginxVerify(section.verify))
        case Base64DerSection():
            return Base64DerSource(section.header, section.chain_header, Form(section.form))
        case Rfc9440Section():
            return Rfc9440Source()
        case AwsAlbSection():
            return AwsAlbSource(AlbMode(section.mode), section.header_in_use)


def _element(section: XfccSection) -> ElementChoice:
    if isinstance(section.element, FromRightSection):
        return FromRight(section.element.from_right)
    return Only() if section.element == "only" else Last()


def _identity_only(section: XfccSection) -> tuple[str, ...]:
    only = section.unsafe_identity_only
    return () if only is None else only.trust_domains

"""What must hold between sources, and between them and the other sections."""

from collections.abc import Callable, Iterator, Sequence

from extauthz.config.key_path import KeyPath, dotted
from extauthz.config.schema.headers import Headers
from extauthz.config.schema.sources import AwsAlbSource, Base64DerSource, NginxSource, Rfc9440Source, Source
from extauthz.config.schema.trust import Trust
from extauthz.sources.rfc9440 import CHAIN_HEADER, HEADER

Found = tuple[KeyPath, str]
"""A path of the configuration, and what is wrong there."""


def check_sources(
    path: KeyPath,
    sources: Sequence[Source],
    *,
    trust: Trust | None,
    headers: Headers | None,
    is_whole: Callable[[KeyPath], bool],
) -> Iterator[Found]:
    """Yield every contradiction of one list of sources, which stands at ``path``.

    ``trust`` and ``headers`` are None where they could not be read: then what depends on them is not checked.
    ``is_whole`` says whether nothing was left out under a path.
    """
    yield from _kinds(path, sources)
    whole = [(index, source) for index, source in enumerate(sources) if is_whole((*path, index))]
    read: dict[str, KeyPath] = {}
    for index, source in whole:
        for key, name in _headers_of(source):
            place = (*path, index, key)
            if name in read:
                yield place, f"{name!r} is already read by `{dotted(read[name])}`; a header has one meaning"
            read.setdefault(name, place)
            if headers is not None:
                yield from _written_here(place, name, headers)
        if trust is not None and trust.chain != "verify":
            yield from _unverified((*path, index), source, trust)


def _kinds(path: KeyPath, sources: Sequence[Source]) -> Iterator[Found]:
    first: dict[str, int] = {}
    for index, source in enumerate(sources):
        if source.type in first:
            message = f"{source.type} is already `{dotted((*path, first[source.type]))}`; list each kind once"
            yield (*path, index, "type"), message
        first.setdefault(source.type, index)


def _headers_of(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the headers that a source reads, each with the key that decides its name."""
    match source:
        case NginxSource():
            yield "header", source.header
            yield "verify_header", source.verify_header
        case Base64DerSource():
            yield "header", source.header
            if source.chain_header is not None:
                yield "chain_header", source.chain_header
        case Rfc9440Source():
            yield "type", HEADER
            yield "type", CHAIN_HEADER
        case AwsAlbSource():
            yield "mode" if source.header is None else "header", source.header_in_use
        case _:  # No other source can be given a name that these have: the schema reserves theirs.
            return


def _written_here(place: KeyPath, name: str, headers: Headers) -> Iterator[Found]:
    if name.startswith(headers.prefix):
        yield place, f"{name!r} is under `headers.prefix`: what arrives there is a forgery; choose another name"
    elif name in headers.map:
        yield place, f"{name!r} is written by `headers.map`; choose another name"


def _unverified(place: KeyPath, source: Source, trust: Trust) -> Iterator[Found]:
    """Yield what hands over certificates that nobody has verified, where they are not verified here either."""
    match source:
        case NginxSource(verify="here"):
            key, value = "verify", "here"
        case AwsAlbSource(mode="passthrough"):
            key, value = "mode", "passthrough"
        case _:
            return
    message = f"`{value}` needs `trust.chain: verify`; with `chain: {trust.chain}` nobody would verify the certificate"
    yield (*place, key), message

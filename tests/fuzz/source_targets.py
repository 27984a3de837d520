"""Certificates in headers: whatever a header holds is decided on, and an allow is for a good certificate.

An input is the values of the headers that a source reads, in its order, with line breaks between them; what follows
them is a second line of the first.
"""

from collections.abc import Callable, Sequence
from functools import partial

from fuzz.world import Target, engine_of, must_be_earned, small_engine, world

from extauthz.engine import Engine
from extauthz.model.decision import Decision
from extauthz.model.request import AuthRequest
from extauthz.sources.aws_alb import AlbMode, AwsAlbSource
from extauthz.sources.base64_der import Base64DerSource, Form
from extauthz.sources.nginx import NginxSource, NginxVerify
from extauthz.sources.rfc9440 import Rfc9440Source
from extauthz.sources.source import Source
from extauthz.sources.xfcc import Last, XfccFormat, XfccSource
from support import pki

Write = Callable[[pki.Leaf], str]


def decide(source: Source, engine: Engine, data: bytes) -> Decision:
    """Decide on one input."""
    values = data.decode("utf-8", "surrogateescape").split("\n")
    headers: dict[str, tuple[str, ...]] = {name: (value,) for name, value in zip(source.headers, values, strict=False)}
    first, further = source.headers[0], values[len(source.headers) :]
    headers[first] = (*headers[first], *further)
    return engine.decide(AuthRequest(headers=headers, path="/"), pki.NOW)


def _ask(source: Source, engine: Engine, data: bytes) -> None:
    must_be_earned(decide(source, engine, data))


def _xfcc(data: bytes) -> None:
    header = data.decode("utf-8", "surrogateescape")
    request = AuthRequest(headers={"x-forwarded-client-cert": (header,)}, path="/")
    must_be_earned(small_engine().decide(request, pki.NOW))


def _peer(data: bytes) -> None:
    request = AuthRequest(source_certificate=data.decode("utf-8", "surrogateescape"), path="/")
    must_be_earned(small_engine().decide(request, pki.NOW))


def _nginx(leaf: pki.Leaf) -> str:
    return f"{pki.nginx_pem(leaf.der)}\nSUCCESS"


def _not_known_to_nginx(leaf: pki.Leaf) -> str:
    return f"{pki.nginx_pem(leaf.der)}\nFAILED:unable to verify the first certificate"


def _with_chain_header(leaf: pki.Leaf) -> str:
    return f"{pki.base64_text(leaf.der)}\n{pki.base64_text(*leaf.chain[1:])}"


def _comma_list(leaf: pki.Leaf) -> str:
    return ",".join(map(pki.base64_text, leaf.chain))


def _concatenated(leaf: pki.Leaf) -> str:
    return pki.base64_text(*leaf.chain)


def _rfc9440(leaf: pki.Leaf) -> str:
    return f"{pki.byte_sequence(leaf.der)}\n{', '.join(map(pki.byte_sequence, leaf.chain[1:]))}"


def _alb(leaf: pki.Leaf) -> str:
    return pki.alb_pem(*leaf.chain)


def _xfcc_json(leaf: pki.Leaf) -> str:
    subject, issuer = pki.rfc2253(leaf.name), pki.rfc2253(leaf.cert.issuer)
    element = pki.json_element(leaf.der, chain=leaf.chain, by=["spiffe://gateway"], subject=subject, issuer=issuer)
    return pki.xfcc_json(pki.json_element(None, by=["spiffe://other"]), element)


IN_HEADERS: Sequence[tuple[str, Source, Write]] = (
    ("nginx", NginxSource(), _nginx),
    ("nginx_here", NginxSource(verify=NginxVerify.HERE), _not_known_to_nginx),
    ("base64_der", Base64DerSource("a", "b"), _with_chain_header),
    ("comma_list", Base64DerSource("a", form=Form.COMMA_LIST), _comma_list),
    ("concatenated", Base64DerSource("a", form=Form.CONCATENATED), _concatenated),
    ("rfc9440", Rfc9440Source(), _rfc9440),
    ("aws_alb", AwsAlbSource(AlbMode.PASSTHROUGH, "a"), _alb),
    ("xfcc_json", XfccSource(Last(), format=XfccFormat.EITHER), _xfcc_json),
)


def targets() -> tuple[Target, ...]:
    """Return the targets of this theme."""
    here = world()
    ders = [*(leaf.der for leaf in here.leaves), here.ca.der, here.root.der]
    xfccs = [
        pki.xfcc(leaf.der, chain=leaf.chain, subject=pki.rfc2253(leaf.name), by=["spiffe://gateway"]).encode()
        for leaf in here.leaves
    ]
    xfccs.append(xfccs[0] + b"," + xfccs[1])
    return (
        Target("xfcc", xfccs, _xfcc),
        Target("peer", [pki.url_pem(der).encode() for der in ders], _peer),
        *(
            Target(name, [write(leaf).encode() for leaf in here.leaves], partial(_ask, source, engine_of(source)))
            for name, source, write in IN_HEADERS
        ),
    )

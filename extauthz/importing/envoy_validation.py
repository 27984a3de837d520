"""A ``CertificateValidationContext`` -> what a policy, and the trust of its configuration, ask of certificates."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from extauthz.importing.envoy_field import field, fields, is_true, snake_case, text_field
from extauthz.importing.envoy_names import SanRequirement
from extauthz.importing.envoy_tls import ClientValidation
from extauthz.importing.foreign import Node
from extauthz.importing.pem_bundle import SPLIT, PemBundle, holds_crl
from extauthz.importing.remark import Remark, Weight
from extauthz.importing.written import file_name
from extauthz.model.quoted import quoted
from extauthz.trust.pins import CertPin, SpkiPin

_UNDERSTOOD = frozenset(
    {
        "@type",
        "trusted_ca",
        "watched_directory",  # files are watched here without being told
        "verify_certificate_spki",
        "verify_certificate_hash",
        "match_typed_subject_alt_names",
        "match_subject_alt_names",
        "verify_subject_alt_name",
        "require_signed_certificate_timestamp",  # Envoy has never implemented it
        "crl",
        "allow_expired_certificate",
        "trust_chain_verification",
        "only_verify_leaf_cert_crl",
        "max_verify_depth",
    }
)
_UNSEEN_CAS = (
    "CAs of trusted_ca that are not their own issuer are not looked up in the CRLs here, as they are anchors; Envoy "
    "looks them up. Name such CAs in `trust.intermediates` instead"
)
_ACCEPT_UNTRUSTED = frozenset({"ACCEPT_UNTRUSTED", "1"})


NewFiles = dict[tuple[str, bytes | str | None], str]
"""Ending and content of a file that the operator has to write -> its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRequirement:
    """What a filter chain asks of clients."""

    anchors: str
    """A file; empty where none is trusted and pins alone tell the certificates."""
    anchor_comments: tuple[str, ...]
    intermediates: str
    """A file; empty where every CA is an anchor, as it is in Envoy."""
    crl: str
    """A file; empty where revocation is not checked."""
    crl_comments: tuple[str, ...]
    crl_check: Literal["leaf", "chain"]
    require: Mapping[str, object]
    certificate: Literal["required", "optional"]
    refusals: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def policy_key(self) -> str:
        """The same text for requirements whose policies ask the same."""
        return json.dumps([self.anchors, self.require, self.certificate, self.refusals], sort_keys=True)


class RequirementReader:
    """Works out what filter chains ask, and remembers the files that the operator has to write for them."""

    def __init__(self) -> None:
        self._files: NewFiles = {}

    def read(self, validation: ClientValidation, label: tuple[str, ...], place: Node) -> ChainRequirement:
        """Work out what one filter chain asks. ``label`` names it, and the files that it is the first to need."""
        return _Reading(validation, label, place, self._files).requirement()


class _Reading:
    def __init__(self, validation: ClientValidation, label: tuple[str, ...], place: Node, files: NewFiles) -> None:
        self._files = files
        self._validation = validation
        self._contexts = validation.contexts
        self._label = label
        self._place = place
        self._refusals = list(validation.unknown)
        self._remarks: list[Remark] = []

    def requirement(self) -> ChainRequirement:
        for context in self._contexts:
            for key in context.names():
                if snake_case(key) not in _UNDERSTOOD:
                    self._refusals.append(f"{key} cannot be carried over")
        anchors, anchor_comments, content = self._file("trusted_ca", "ca.pem", "CA certificates")
        crl, crl_comments, _ = self._file("crl", "crl.pem", "CRLs")
        bundle = None if content is None else PemBundle.read(content)
        if content is not None and holds_crl(content) and not crl:
            crl = self._new_file("crl.pem", content)
            crl_comments = (
                "Write the CRLs that stand among the CA certificates into this file, and remove them there.",
            )
        intermediates = ""
        if crl and not self._is_true("only_verify_leaf_cert_crl"):
            # Envoy looks up its trusted CAs, too, if it knows their issuers. Here nobody looks up an anchor.
            if bundle is not None and bundle.is_mixed:
                intermediates = self._new_file("intermediates.pem", content)
                anchor_comments = (*anchor_comments, f"Split them: {SPLIT}.")
            elif bundle is None:
                self._remarks.append(Remark(self._place.place, Weight.LEFT_OUT, _UNSEEN_CAS))
        names, pins = self._names(), self._pins()
        self._lenience()
        self._depth(bundle)
        require = {**names.condition(), **({"pins": pins} if pins else {})}
        untrusting = self._last_text("trust_chain_verification") in _ACCEPT_UNTRUSTED
        demands = names.is_asked or bool(self._all("verify_certificate_hash") or self._all("verify_certificate_spki"))
        required = self._validation.requires_certificate or (demands and not untrusting)
        if not anchors and not (pins and not untrusting):
            anchors = self._new_file("ca.pem", None)
            anchor_comments = (
                "The input names no CA for this: put the CA certificates that you trust into this file.",
            )
            if not self._refusals:
                self._refusals.append("the original trusts no CA and verifies nothing; say here whom you trust")
        return ChainRequirement(
            anchors=anchors,
            anchor_comments=anchor_comments,
            intermediates=intermediates,
            crl=crl,
            crl_comments=crl_comments,
            crl_check="leaf" if self._is_true("only_verify_leaf_cert_crl") else "chain",
            require=require,
            certificate="required" if required else "optional",
            refusals=tuple(self._refusals),
            remarks=(*self._remarks, *(Remark(self._place.place, Weight.DENIED, why) for why in self._refusals)),
        )

    def _names(self) -> SanRequirement:
        names = SanRequirement()
        typed = self._all("match_typed_subject_alt_names")
        names.add_typed(typed)
        if not typed:  # Envoy ignores the older form beside the newer one
            names.add_untyped(self._all("match_subject_alt_names"))
        names.add_exact(self._all("verify_subject_alt_name"))
        self._remarks.extend(names.remarks)
        if names.is_asked and not names.patterns:
            self._refusals.append("none of the subjectAltName matchers has a counterpart")
        return names

    def _pins(self) -> dict[str, list[str]]:
        forms: tuple[tuple[str, str, Callable[[str], object]], ...] = (
            ("verify_certificate_hash", "cert_sha256", CertPin.from_hex),
            ("verify_certificate_spki", "spki_sha256", SpkiPin.from_base64),
        )
        pins: dict[str, list[str]] = {}
        asked = False
        for name, key, parse in forms:
            for node in self._all(name):
                asked = True
                text = node.text() or ""
                try:
                    parse(text)
                except ValueError as error:
                    self._leave_out(node, f"{quoted(text)} is no pin ({error}); only the others are accepted")
                    continue
                pins.setdefault(key, []).append(text)
        if asked and not pins:
            self._refusals.append("none of the pins can be used")
        return pins

    def _lenience(self) -> None:
        for context in self._contexts:
            expired = field(context, "allow_expired_certificate")
            if expired is not None and is_true(context, "allow_expired_certificate"):
                self._leave_out(expired, "expired certificates are denied here, whatever this says")
            untrusted = field(context, "trust_chain_verification")
            if untrusted is not None and untrusted.text() in _ACCEPT_UNTRUSTED:
                self._leave_out(untrusted, "certificates that do not verify are denied here; Envoy lets them through")

    def _depth(self, bundle: PemBundle | None) -> None:
        node = next((one for one in map(self._field_of("max_verify_depth"), reversed(self._contexts)) if one), None)
        if node is None:
            return
        text = node.text() or ""
        limit = int(text) if text.isascii() and text.isdecimal() else 0
        certificates = None if bundle is None else bundle.roots + bundle.intermediates
        if certificates is None:
            self._leave_out(
                node,
                f"max_verify_depth: {limit} has no counterpart. With more than {limit} CA certificates in the file of "
                "trusted_ca, longer chains are accepted here than there: keep only the CAs that issue to clients in it",
            )
        elif certificates > limit:
            self._refusals.append(
                f"max_verify_depth: {limit} has no counterpart, and the {certificates} CA certificates of trusted_ca "
                "can make longer chains"
            )

    def _file(self, name: str, ending: str, what: str) -> tuple[str, tuple[str, ...], bytes | None]:
        """Return the file of a ``DataSource``, what to do about it, and its content where that is known."""
        source = next((one for one in map(self._field_of(name), reversed(self._contexts)) if one), None)
        if source is None:
            return "", (), None
        if (path := text_field(source, "filename")) and path.isprintable():
            return (
                path,
                (f"Envoy reads this file as {name}; a relative path starts at this file's directory here.",),
                None,
            )
        content = _inline(source)
        path = self._new_file(ending, content or text_field(source, "environment_variable"))
        if content is None:
            variable = text_field(source, "environment_variable")
            whence = f"the environment variable {quoted(variable)}" if variable else "a place that is not known here"
            return path, (f"Write the {what} into this file. They come from {whence}: {source.place}",), None
        return path, (f"Write the {what} into this file. They stand in the input: {source.place}",), content

    def _new_file(self, ending: str, content: bytes | str | None) -> str:
        """Name a file that the operator has to write: what is the same in several chains is in one file."""
        return self._files.setdefault((ending, content), file_name(self._label, ending))

    def _all(self, name: str) -> list[Node]:
        return [one for context in self._contexts for one in fields(context, name)]

    def _last_text(self, name: str) -> str:
        return next((text for one in reversed(self._contexts) if (text := text_field(one, name))), "")

    def _is_true(self, name: str) -> bool:
        return any(is_true(context, name) for context in self._contexts)

    def _leave_out(self, node: Node, message: str) -> None:
        self._remarks.append(Remark(node.place, Weight.LEFT_OUT, message))

    @staticmethod
    def _field_of(name: str) -> Callable[[Node], Node | None]:
        return lambda context: field(context, name)


def _inline(source: Node) -> bytes | None:
    if text := text_field(source, "inline_string"):
        return text.encode()
    try:
        return base64.b64decode(text_field(source, "inline_bytes"), validate=True) or None
    except ValueError:  # no base64, or no ASCII
        return None

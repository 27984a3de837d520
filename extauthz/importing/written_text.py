"""A ``WrittenConfig`` as YAML with comments."""

import io
import textwrap
from collections.abc import Iterable, Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from extauthz.config.schema.policy import Policy
from extauthz.importing.written import NEVER, Front, WrittenConfig, WrittenPolicy
from extauthz.model.visible import visible

_WIDTH = 110
_ENDLESS = 1 << 20
"""Characters of a line before a long text would be broken: never, as a pattern in two lines is hard to read."""
_STEP = 2
_CALLERS = "Only these may ask: write the addresses or networks of the controller's pods here."


def configuration_text(config: WrittenConfig) -> str:
    """Return the file: UTF-8 text that ends with a newline. The same configuration gives the same text."""
    top = CommentedMap()
    top["version"] = 1
    if config.front is Front.ENVOY:
        top["sources"] = CommentedSeq([_flow({"type": "envoy_peer"})])
    else:
        http = _mapping(
            {"address": "0.0.0.0:9192", "dialect": "ingress_nginx", "callers": {"addresses": ["127.0.0.1"]}}
        )
        _comment(http, "callers", (_CALLERS,), 2 * _STEP)
        top["listen"] = CommentedMap({"http": http})
    top["trust"] = trust = CommentedMap()
    if config.anchors:
        trust["anchors"] = CommentedSeq(config.anchors)
        _comment(trust, "anchors", config.anchor_comments, _STEP)
    else:
        trust["chain"] = "unsafe_none"
        _comment(trust, "chain", config.anchor_comments, _STEP)
    if config.intermediates:
        trust["intermediates"] = CommentedSeq(config.intermediates)
    if config.crls:
        top["revocation"] = revocation = CommentedMap()
        revocation["crls"] = CommentedSeq([_flow({"path": path}) for path in config.crls])
        revocation["check"] = config.crl_check
        _comment(revocation, "crls", config.crl_comments, _STEP)
    if config.header_map:
        top["headers"] = CommentedMap({"map": CommentedMap(config.header_map)})
    top["policies"] = CommentedSeq([_policy(policy) for policy in config.policies])
    _comment(top, "version", config.comments, 0)
    text = io.StringIO()
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _ENDLESS
    yaml.indent(mapping=_STEP, sequence=2 * _STEP, offset=_STEP)
    yaml.dump(top, text)
    return text.getvalue()


def _policy(policy: WrittenPolicy) -> CommentedMap:
    comments = [*policy.comments]
    require = policy.require
    if policy.closed is not None:
        require = NEVER
        comments.append(f"DENIES EVERY REQUEST, and has to: {policy.closed}.")
    elif policy.refusals:
        require = {**NEVER, **policy.require}
        remedy = "delete `san_present` and `not`" if policy.require else "write {} for `require`"
        comments.append(f"DENIES EVERY REQUEST: {remedy} below once you have decided about this:")
        comments.extend(f"- {one}" for one in policy.refusals)
        if policy.certificate == "optional":
            comments.append("Then add `certificate: optional`: requests without a certificate passed there.")
    plain = {"name": policy.name, "when": policy.when, "require": require}
    if policy.certificate == "optional" and require is policy.require:
        plain["certificate"] = "optional"
    Policy.model_validate(plain)  # a defect of the import shows here, and not when the file is used
    entry = _mapping(plain)
    _comment(entry, "when", comments, 2 * _STEP)
    return entry


def _mapping(value: Mapping[str, object]) -> CommentedMap:
    return CommentedMap({key: _block(inner) for key, inner in value.items()}) if value else _flow({})


def _block(value: object) -> object:
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return CommentedSeq([_block(inner) for inner in value])
    return value


def _flow(value: Mapping[str, object]) -> CommentedMap:
    mapping = CommentedMap(value)
    mapping.fa.set_flow_style()
    return mapping


def _comment(mapping: CommentedMap, key: str, sentences: Iterable[str], indent: int) -> None:
    lines = [
        line
        for sentence in sentences
        for line in textwrap.wrap(
            # Nothing of the input may end a comment: what is not printable, line breaks above all, is written out.
            visible(sentence),
            _WIDTH - indent,
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
    ]
    if lines:
        mapping.yaml_set_comment_before_after_key(key, before="\n".join(lines), indent=indent)

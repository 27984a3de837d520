"""Envoy's validation of clients as policies.

A connection's filter chain says what its client must show. Here that is a policy: its ``when`` names the server names
of the chain, and several listeners are told apart by a key of ``context_extensions``, which the operator sets. Policies
are tried in order and Envoy takes the most special server name, so special names come first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extauthz.importing.envoy_chain import Chain, read_chains
from extauthz.importing.envoy_input import read_envoy
from extauthz.importing.foreign import Node, UnreadableError
from extauthz.importing.remark import Remark, Weight
from extauthz.importing.trust_choice import PINS_ALONE, choose_trust, other_trust
from extauthz.importing.written import Import, PolicyNames, WrittenConfig, WrittenPolicy
from extauthz.model.quoted import quoted
from extauthz.policy.patterns import PatternError
from extauthz.policy.routes import compile_when

LISTENER = "listener"
"""The key of ``context_extensions`` that tells listeners apart."""
_WILDCARD = "*."
_CONFLICT = "another filter chain has the same server names and asks something else; nothing here tells the two apart"
_FILTER = (
    "Imported from Envoy. In its ext_authz filter set `include_peer_certificate: true`, and "
    "`include_tls_session: true` where policies below name `sni`."
)
_INTERMEDIATES = (
    "Envoy sends the client's certificate alone: name the intermediate CAs that clients used to send along in "
    "`trust.intermediates`."
)
_PINS_ALONE = "The original trusts no CA: every policy below pins its certificates. One without pins lets anybody in."


@dataclass(frozen=True, slots=True)
class _Route:
    """One policy to be: a chain, with such of its server names as are equally special."""

    chain: Chain
    names: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """What sorts special names before general ones."""
        if not self.names:
            return (2, 0)
        name = self.names[0]
        return (1, -name.count(".")) if name.startswith(_WILDCARD) else (0, 0)


def import_envoy(documents: Sequence[Node], *, trust: str | None = None) -> Import:
    """Turn bootstraps, configuration dumps, and files of listeners and secrets into a configuration.

    ``trust``: the file of the CAs that are written, where there are several. Raises UnreadableError when there is
    nothing to import.
    """
    return _EnvoyImport(documents, trust).run()


class _EnvoyImport:
    def __init__(self, documents: Sequence[Node], trust: str | None) -> None:
        chains = read_chains(read_envoy(documents))
        if not chains.asking:
            raise UnreadableError(
                "no filter chain of the input asks clients for certificates: there is nothing to import"
            )
        self._chains = chains.asking
        self._chosen = choose_trust([one.requirement.anchors for one in chains.asking], trust)
        self._remarks = [remark for one in chains.asking for remark in one.requirement.remarks]
        if chains.silent:
            several = "filter chains ask for no certificate: no policy is for them"
            one = "filter chain asks for no certificate: no policy is for it"
            self._note(documents[0].file, f"{chains.silent} {one if chains.silent == 1 else several}")
        self._all_same = len({one.requirement.policy_key for one in self._chains}) == 1
        self._listeners = {one.listener for one in self._chains}
        self._names = PolicyNames()

    def run(self) -> Import:
        """Write the policies, the trust and the revocation."""
        policies = self._policies()
        if not policies:
            raise UnreadableError("no server name that asks for certificates can be used: there is nothing to import")
        own = [one.requirement for one in self._chains if one.requirement.anchors == self._chosen]
        crls = {one.crl: one.crl_comments for one in own if one.crl}
        if crls and not all(one.crl in crls for one in own):
            place = self._chains[0].node.file
            self._note(place, "CRLs are checked for all policies here; some of the filter chains did not check them")
        config = WrittenConfig(
            comments=(_FILTER, _INTERMEDIATES),
            anchors=(self._chosen,) if self._chosen != PINS_ALONE else (),
            anchor_comments=own[0].anchor_comments if self._chosen != PINS_ALONE else (_PINS_ALONE,),
            intermediates=tuple(dict.fromkeys(one.intermediates for one in own if one.intermediates)),
            crls=tuple(crls),
            crl_comments=tuple(dict.fromkeys(one for comments in crls.values() for one in comments)),
            crl_check="chain" if any(one.crl_check == "chain" for one in own if one.crl) else "leaf",
            policies=tuple(policies),
        )
        remarks = sorted(dict.fromkeys(self._remarks), key=lambda one: one.weight is Weight.NOTE)
        return Import(config, tuple(remarks))

    def _policies(self) -> list[WrittenPolicy]:
        if self._all_same and any(not one.server_names for one in self._chains):
            return [self._policy(_Route(self._chains[0], ()), {}, refusal=None)]
        by_context = len(self._listeners) > 1 and not self._all_same
        if by_context:
            message = (
                f"set `context_extensions: {{{LISTENER}: NAME}}` of the listener's own name on its virtual hosts: the "
                "policies below tell listeners apart by it, and deny without it"
            )
            self._note(self._chains[0].node.file, message)
        policies, written = [], {}
        for route in sorted(self._routes(), key=lambda one: one.rank):
            when = self._when(route, by_context=by_context)
            if when is None:
                continue
            key = repr(when)
            if key not in written:
                written[key] = route.chain.requirement.policy_key
                policies.append(self._policy(route, when, refusal=self._conflict(route, by_context=by_context)))
        return policies

    def _routes(self) -> list[_Route]:
        routes = []
        for chain in self._chains:
            if not chain.server_names:
                routes.append(_Route(chain, ()))
            ranked: dict[tuple[int, int], list[str]] = {}
            for name in chain.server_names:
                ranked.setdefault(_Route(chain, (name,)).rank, []).append(name)
            routes.extend(_Route(chain, tuple(names)) for names in ranked.values())
        return routes

    def _when(self, route: _Route, *, by_context: bool) -> Mapping[str, object] | None:
        when: dict[str, object] = {"context": {LISTENER: route.chain.listener}} if by_context else {}
        patterns = []
        for name in route.names:
            # Envoy's wildcard takes one label and more, `*` here one and `**` any number.
            pattern = f"*.**.{name.removeprefix(_WILDCARD)}" if name.startswith(_WILDCARD) else name
            try:
                compile_when(sni=[pattern if "*" not in name.removeprefix(_WILDCARD) else ""])
            except PatternError as error:
                message = f"the server name {quoted(name)} cannot be used ({error}); no policy is for it"
                self._remarks.append(Remark(route.chain.node.place, Weight.LEFT_OUT, message))
                continue
            patterns.append(pattern)
        if route.names and not patterns:
            return None
        if patterns:
            when["sni"] = patterns
        elif any(one.server_names for one in self._peers(route, by_context=by_context)):
            # Without include_tls_session every request would come without a name, and pass all other policies by.
            when["sni"] = ["re:.+"]
            message = "clients that send no server name are denied, so that a missing `include_tls_session` is no hole"
            self._remarks.append(Remark(route.chain.node.place, Weight.LEFT_OUT, message))
        return when

    def _peers(self, route: _Route, *, by_context: bool) -> list[Chain]:
        """Return the chains from which a policy for this one must be told apart."""
        return [one for one in self._chains if not by_context or one.listener == route.chain.listener]

    def _conflict(self, route: _Route, *, by_context: bool) -> str | None:
        own = route.chain.requirement.policy_key
        others = [one for one in self._peers(route, by_context=by_context) if one.requirement.policy_key != own]
        if not others:
            return None
        siblings = [one for one in self._chains if one.listener == route.chain.listener]
        if not all(one.is_told_by_sni for one in siblings):
            return (
                "the filter chains of its listener are told apart by more than the server name, such as ports or ALPN"
            )
        same = any(set(route.names) & set(one.server_names) or not (route.names or one.server_names) for one in others)
        return _CONFLICT if same else None

    def _policy(self, route: _Route, when: Mapping[str, object], *, refusal: str | None) -> WrittenPolicy:
        requirement = route.chain.requirement
        if requirement.anchors != self._chosen:
            refusal = other_trust(requirement.anchors, self._chosen)
        if refusal is not None:
            self._remarks.append(Remark(route.chain.node.place, Weight.DENIED, refusal))
        label = [route.chain.listener, *(route.names[:1] if when else ())]
        return WrittenPolicy(
            name=self._names.name(label),
            when=when,
            require=requirement.require,
            certificate=requirement.certificate,
            comments=(f"From {route.chain.node.place}",),
            refusals=requirement.refusals,
            closed=refusal,
        )

    def _note(self, place: str, message: str) -> None:
        self._remarks.append(Remark(place, Weight.NOTE, message))

"""ingress-nginx's client certificate annotations as policies.

It asks for certificates by host: what one Ingress says holds for every path of the host, those of other Ingresses
included. So there is one policy a host, exact names first, then wildcards, then the rules without a host.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from extauthz.importing.foreign import Node, UnreadableError
from extauthz.importing.ingress_objects import Ingress, read_objects
from extauthz.importing.ingress_paths import host_paths
from extauthz.importing.ingress_settings import NO_SECRET, TlsSettings, tls_settings
from extauthz.importing.ingress_trust import SecretFiles, secret_doubts, secret_files
from extauthz.importing.remark import Remark, Weight
from extauthz.importing.trust_choice import choose_trust, other_trust
from extauthz.importing.written import Front, Import, PolicyNames, WrittenConfig, WrittenPolicy
from extauthz.model.quoted import quoted

ANY_HOST = ""
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_HEADERS: Mapping[str, str] = {"ssl-client-subject-dn": "subject", "ssl-client-issuer-dn": "issuer"}
"""What ingress-nginx tells the upstream of every certificate, and the field of it. ``ssl-client-verify`` has none."""
_WIRING: Mapping[Front, str] = {
    Front.ENVOY: (
        "Imported from ingress-nginx, for an Envoy in its place. In its ext_authz filter set "
        "`include_peer_certificate: true`. ingress-nginx overwrote `ssl-client-cert`, `ssl-client-verify`, "
        "`ssl-client-subject-dn` and `ssl-client-issuer-dn` in every request, and upstreams may believe them. Have "
        "Envoy remove the first two from requests, by `request_headers_to_remove`. The other two are set or removed "
        "with extauthz's answer; on that list they would be lost. Where a route does not ask, remove all four."
    ),
    Front.INGRESS_NGINX: (
        "Imported from ingress-nginx, to stay behind it. Set `auth-url` to this listener, path /check, "
        "`auth-tls-pass-certificate-to-upstream` to true, `auth-tls-verify-client` to optional_no_ca and every "
        "identity header in `auth-response-headers`; keep `auth-tls-secret`, or the certificate is the client's word."
    ),
}
_INTERMEDIATES = (
    "The proxy sends the client's certificate alone: name the intermediate CAs that clients used to send along in "
    "`trust.intermediates`."
)


def import_ingress_nginx(documents: Sequence[Node], *, trust: str | None = None, front: Front = Front.ENVOY) -> Import:
    """Turn Ingresses, and the Secrets beside them, into a configuration.

    ``trust``: the ``namespace/name`` of the Secret whose CAs are written, where there are several. ``front``: the proxy
    that will ask. Raises UnreadableError when there is nothing to import.
    """
    return _IngressImport(documents, trust, front).run()


class _IngressImport:
    def __init__(self, documents: Sequence[Node], trust: str | None, front: Front) -> None:
        self._front = front
        found = read_objects(documents)
        self._secrets = found.secrets
        self._remarks: list[Remark] = []
        self._untold: list[str] = []
        """Hosts that no policy can be for, and that a general one might take."""
        self._settings: dict[int, tuple[Ingress, TlsSettings]] = {}
        self._by_host: dict[str, list[Ingress]] = {}
        for ingress in found.ingresses:
            if (
                ingress.annotation_text("canary") == "true"
            ):  # its other annotations are ignored: the main Ingress's hold
                continue
            settings = tls_settings(ingress, self._remarks)
            if settings is not None:
                self._settings[id(ingress)] = (ingress, settings)
            for host in dict.fromkeys(self._hosts(ingress)):
                self._by_host.setdefault(host, []).append(ingress)
        asking = [one.secret for _, one in self._settings.values() if one.verify != "off" and one.secret != NO_SECRET]
        if not asking:
            raise UnreadableError("no Ingress of the input asks for client certificates: there is nothing to import")
        self._chosen = choose_trust(asking, trust)
        self._names = PolicyNames()

    def run(self) -> Import:
        """Write the policies, the trust and the revocation."""
        policies: list[WrittenPolicy] = []
        hosts = sorted(self._by_host, key=lambda host: (host == ANY_HOST, host.startswith("*."), -host.count(".")))
        general = any(_is_general(host) for host in hosts if self._asked(host))
        for host in hosts:
            policies.extend(self._policies(host, general=general))
        if not policies:
            raise UnreadableError("no host that asks for client certificates can be used: there is nothing to import")
        files = self._files()
        self._remarks.extend(files.remarks)
        config = WrittenConfig(
            comments=(_WIRING[self._front], _INTERMEDIATES),
            front=self._front,
            anchors=(files.anchors,),
            anchor_comments=(files.anchor_comment,),
            intermediates=(files.intermediates,) if files.intermediates else (),
            crls=(files.crl,) if files.crl else (),
            crl_comments=(files.crl_comment,),
            # ingress-nginx goes on to write these itself.
            header_map=_HEADERS if self._front is Front.ENVOY else {},
            policies=tuple(policies),
        )
        remarks = sorted(dict.fromkeys(self._remarks), key=lambda one: one.weight is Weight.NOTE)
        return Import(config, tuple(remarks))

    def _hosts(self, ingress: Ingress) -> Iterator[str]:
        """Yield the hosts of an Ingress, aliases included."""
        rules = list(ingress.rules())
        nodes = [node for rule in rules if (node := rule.child("host")) is not None]
        if len(nodes) < len(rules) or not rules:
            yield ANY_HOST
        texts = [(node, (node.text() or "").lower()) for node in nodes]
        if (alias := ingress.annotation("server-alias")) is not None:
            # In an alias a wildcard takes any number of labels, and `~` starts a regular expression.
            names = [one.strip().lower() for one in (alias.text() or "").split(",") if one.strip()]
            texts += [(alias, f"alias {name}" if "*" in name else name) for name in names]
        for node, text in texts:
            if not text:
                yield ANY_HOST
            elif _HOST.fullmatch(text):
                yield text
            else:
                message = f"the host {quoted(text)} cannot be used; no policy is for it"
                self._remarks.append(Remark(node.place, Weight.LEFT_OUT, message))
                self._untold.append(text)

    def _asked(self, host: str) -> list[tuple[Ingress, TlsSettings]]:
        return [self._settings[id(one)] for one in self._by_host[host] if id(one) in self._settings]

    def _policies(self, host: str, *, general: bool) -> Iterator[WrittenPolicy]:
        asked = self._asked(host)
        if not asked:
            return
        ingress, settings = asked[0]
        place = ingress.node.place
        paths = host_paths(host, self._by_host[host], self._remarks)
        closed = self._closed(host, asked)
        if closed is None and paths is None:
            closed = "none of its paths can be used"
        if closed is None and settings.verify == "off" and not settings.refusals:
            message = f"{quoted(host)} asks for no certificate (auth-tls-verify-client: off): no policy is for it"
            self._remarks.append(Remark(place, Weight.NOTE, message))
            return
        refusals = (*settings.refusals, *(self._doubts(settings) if closed is None else ()))
        self._remarks.extend(Remark(place, Weight.DENIED, why) for why in ((closed,) if closed else refusals))
        hosts = {} if host == ANY_HOST else {"hosts": [host]}
        comments = [f"From the Ingress {ingress.namespace}/{ingress.name}, {place}"]
        if settings.subject is not None:
            comments.append(
                "As in NGINX, found anywhere in the subject: other attributes count, and longer names, too."
            )
        yield WrittenPolicy(
            name=self._names.name([host or "any-host"]),
            when={**hosts, **({"paths": list(paths)} if paths else {})},
            require={} if settings.subject is None else {"subject": [settings.subject]},
            certificate="required" if settings.verify == "on" or settings.subject is not None else "optional",
            comments=tuple(comments),
            refusals=refusals,
            closed=closed,
        )
        if paths and general and host != ANY_HOST:
            yield WrittenPolicy(
                name=self._names.name([host, "rest"]),
                when=hosts,
                require={},
                closed="ingress-nginx serves no other paths of this host, and policies below are not for it",
            )

    def _closed(self, host: str, asked: Sequence[tuple[Ingress, TlsSettings]]) -> str | None:
        """Say why every request to a host is denied, whatever its certificate; None where it is not."""
        settings = asked[0][1]
        if len({one for _, one in asked}) > 1:
            names = " and ".join(f"{one.namespace}/{one.name}" for one, _ in asked)
            return f"the Ingresses {names} ask different things of clients of {quoted(host)}; make them ask the same"
        if settings.secret == NO_SECRET:
            return "auth-tls-secret is not namespace/name, so ingress-nginx denies every request there, too"
        if settings.verify == "off" and settings.subject is not None:
            return (
                "auth-tls-match-cn without a certificate (auth-tls-verify-client: off) denies every request there, too"
            )
        if settings.verify != "off" and settings.secret != self._chosen:
            return other_trust(settings.secret, self._chosen)
        if self._untold and _is_general(host):
            return f"it would also take {' and '.join(map(quoted, self._untold))}, of which something else may be asked"
        return None

    def _doubts(self, settings: TlsSettings) -> list[str]:
        return secret_doubts(settings.secret, self._secrets.get(settings.secret), settings.depth)

    def _files(self) -> SecretFiles:
        name = self._chosen
        naming = [(one, settings) for one, settings in self._settings.values() if settings.secret == name]
        depth = min(settings.depth for _, settings in naming)
        return secret_files(name, self._secrets.get(name), depth, naming[0][0].node.place)


def _is_general(host: str) -> bool:
    return host == ANY_HOST or host.startswith("*.")

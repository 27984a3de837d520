"""Mistakes in the configuration, its files and volumes that the chart refuses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_refusals_listeners import MISSING_CALLERS, NGINX
from support.chart_values import ABSENT, EXISTING

VOLUME: Final = {"extraVolumes": [{"name": "a", "emptyDir": {}}]}
OF_CONFIG: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    # the sentence: values over the minimal ones, and what else is said of them
    "config is empty: write at least its `sources` and `policies`, or name an existingConfigMap": (
        {"config": None},
        (),
    ),
    "config and existingConfigMap are given: the configuration comes from one of them": (
        {"existingConfigMap": "a"},
        (),
    ),
    "existingConfigMap and existingSecret are given: the configuration comes from one of them": (
        {**EXISTING, "existingSecret": "a"},
        (),
    ),
    "config.policies is empty: without a policy everybody is denied": ({"config": {"policies": ABSENT}}, ()),
    "trust.anchors is empty: name the ConfigMaps, Secrets or bundles with the CAs of your clients": (
        {"trust": {"anchors": []}},
        (),
    ),
    "crls is empty: a revoked certificate would get in until it expires; name the CRLs of every CA that issues to "
    "clients, or write `crls: unsafe_none`": ({"crls": []}, ()),
    "crls is unsafe_none, and config.revocation says how revocation is checked: take one of them away": (
        {"config": {"revocation": {"grace": "2h"}}},
        (),
    ),
    "config.sources is empty: say where the proxy puts the certificate, such as [{type: xfcc}], or set grpc.enabled to "
    "false": ({"config": {"sources": ABSENT}}, ()),
    "config.sources is for the gRPC listener, and grpc.enabled is false: enable it, or write listen.http.sources": (
        {"grpc": {"enabled": False}, "http": {"enabled": True}, "config": {"listen": {"http": NGINX}}},
        (),
    ),
    "config.listen.http.dialect is missing: http.enabled needs to know which proxy asks": (
        {"http": {"enabled": True}},
        (MISSING_CALLERS,),
    ),
    "config.listen.http is given and http.enabled is false: enable it, so that the Service has its port": (
        {"config": {"listen": {"http": NGINX}}},
        (),
    ),
    "config.listen.grpc.address is the chart's to set: use grpc.port and bindAddress": (
        {"config": {"listen": {"grpc": {"address": "0.0.0.0:1"}}}},
        (),
    ),
    "config.listen.grpc.tls is given and grpc.tls is false: set it, and `tls` for the certificate": (
        {"config": {"listen": {"grpc": {"tls": {"client_ca": "a"}}}}},
        ("config.listen.grpc.tls.client_ca is the chart's to set: use `tls`",),
    ),
    "config.listen.http.tls.cert is the chart's to set: use `tls`": (
        {
            "http": {"enabled": True, "tls": True},
            "tls": {"secretName": "a"},
            "config": {"listen": {"http": {**NGINX, "tls": {"cert": "a"}}}},
        },
        (),
    ),
    "config.trust.anchors: pki/root.pem would be looked for beside the configuration, where no other file is: name its "
    "ConfigMap or Secret in trust.anchors, or an absolute path": (
        {"config": {"trust": {"anchors": ["pki/root.pem"]}}},
        (),
    ),
    "config.revocation.crls: crls would be looked for beside the configuration, where no other file is: name its "
    "ConfigMap or Secret in crls, or an absolute path": (
        {"crls": [], "config": {"revocation": {"crls": [{"path": "crls"}]}}},
        (),
    ),
    "config.listen.admin.address is the chart's to set: use admin.port and bindAddress": (
        {"config": {"listen": {"admin": {"address": "a"}}}},
        (),
    ),
    "config.revocation.state_directory is the chart's to set: each pod has its own": (
        {"crls": [], "config": {"revocation": {"state_directory": "/a"}}},
        (),
    ),
    "terminationGracePeriodSeconds is 45, and preStopSeconds, shutdown.drain_delay and shutdown.grace take 95500 ms "
    "together: the pod would be killed before it is done": (
        {"config": {"shutdown": {"drain_delay": "1m30s", "grace": "500ms"}}},
        (),
    ),
    "reload.strategy is rollout: the chart cannot see when a ConfigMap or Secret of yours changes; use watch": (
        {**EXISTING, "reload": {"strategy": "rollout"}},
        (),
    ),
    "grpc.enabled and http.enabled are both false: nobody could ask": ({**EXISTING, "grpc": {"enabled": False}}, ()),
    "trust.anchors[0] has none of configMap, secret, bundle, path, url: it comes from exactly one place": (
        {"trust": {"anchors": [{"key": "ca.crt"}]}},
        (),
    ),
    "crls[1] has configMap and url: it comes from exactly one place": (
        {"crls": [{"configMap": "a"}, {"configMap": "b", "url": "http://c"}]},
        (),
    ),
    "crls[0].key takes one key of a ConfigMap, Secret or bundle; with url it means nothing": (
        {"crls": [{"url": "http://a", "key": "b"}]},
        (),
    ),
    "crls[0].url is part of the configuration: write it there, as the chart does not change yours": (
        {**EXISTING, "crls": [{"url": "http://a"}]},
        (),
    ),
    "crls[0].refresh is for a url: files are watched": ({"crls": [{"configMap": "a", "refresh": "1h"}]}, ()),
    "two objects would be mounted at /etc/extauthz/anchors/a: give them different names, or merge them": (
        {"trust": {"anchors": [{"configMap": "a"}, {"secret": "a"}]}},
        (),
    ),
    "extraVolumeMounts: /a is mounted by subPath, and would never change: mount the whole directory": (
        {**VOLUME, "extraVolumeMounts": [{"name": "a", "mountPath": "/a", "subPath": "b"}]},
        (),
    ),
    "extraVolumeMounts: there is no volume b in extraVolumes to mount at /a: add it": (
        {**VOLUME, "extraVolumeMounts": [{"name": "b", "mountPath": "/a"}]},
        (),
    ),
    "extraVolumeMounts: at /etc/extauthz/anchors/roots the chart mounts something itself: choose another place": (
        {**VOLUME, "extraVolumeMounts": [{"name": "a", "mountPath": "/etc/extauthz/anchors/roots"}]},
        (),
    ),
    "extraVolumeMounts: at /var/lib/extauthz/ the chart mounts something itself: choose another place": (
        {**VOLUME, "extraVolumeMounts": [{"name": "a", "mountPath": "/var/lib/extauthz/"}]},
        (),
    ),
    "extraVolumes: the chart has a volume tmp of its own: give yours another name": (
        {"extraVolumes": [{"name": "tmp", "emptyDir": {}}]},
        (),
    ),
    "extraVolumes: the chart has a volume anchors-0 of its own: give yours another name": (
        {"extraVolumes": [{"name": "anchors-0", "emptyDir": {}}]},
        (),
    ),
}

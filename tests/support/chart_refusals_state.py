"""Mistakes in a memory that outlives the pod, and in how its pods are replaced, that the chart refuses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_values import PERSISTENT, merged

OF_STATE: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    # the sentence: values over the minimal ones, and what else is said of them
    "state.persistence.enabled needs service.headless.enabled: a StatefulSet names its pods by that Service": (
        {**PERSISTENT, "service": {"headless": {"enabled": False}}},
        (),
    ),
    "updateStrategy.type is Recreate, which a StatefulSet (state.persistence.enabled) does not know: use RollingUpdate "
    "or OnDelete": ({**PERSISTENT, "updateStrategy": {"type": "Recreate"}}, ()),
    "updateStrategy.rollingUpdate.maxSurge is given and state.persistence.enabled: there is no claim for a pod too "
    "many, so the old pod goes first; leave it out": (
        {**PERSISTENT, "updateStrategy": {"rollingUpdate": {"maxSurge": 0}}},
        (),
    ),
    "updateStrategy.rollingUpdate.maxUnavailable is 0% and state.persistence.enabled: a pod is away while it is "
    "replaced; leave it out": (
        {**PERSISTENT, "updateStrategy": {"rollingUpdate": {"maxUnavailable": "0%"}}},
        (),
    ),
    "updateStrategy.rollingUpdate.maxUnavailable is 2: before Kubernetes 1.37 a StatefulSet replaces one pod at a "
    "time; leave it out": (
        {**PERSISTENT, "updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}},
        (),
    ),
    "podSecurityContext.fsGroupChangePolicy is Always and state.persistence.enabled: each start would let the group "
    "write the state directory, which extauthz then refuses; leave it out": (
        {**PERSISTENT, "podSecurityContext": {"fsGroupChangePolicy": "Always"}},
        (),
    ),
    "state.persistence.enabled and there are no crls: nothing would be remembered; name them in crls, or leave it "
    "off": (
        merged(PERSISTENT, {"crls": [], "config": {"revocation": {"check": "chain"}}}),
        (),
    ),
    "updateStrategy.type is OnDelete, which a Deployment does not know: use RollingUpdate or Recreate, or "
    "state.persistence.enabled": ({"updateStrategy": {"type": "OnDelete"}}, ()),
    "updateStrategy.rollingUpdate.partition is given, which a Deployment does not know: leave it out, or use "
    "state.persistence.enabled": ({"updateStrategy": {"rollingUpdate": {"partition": 0}}}, ()),
    "updateStrategy.rollingUpdate has maxSurge and maxUnavailable of 0: no pod could ever be replaced; let one of "
    "them be 1": (
        {"updateStrategy": {"rollingUpdate": {"maxSurge": "0%"}}},
        (),
    ),
}

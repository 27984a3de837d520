"""A pod of the chart on this machine: its files where its mounts would be, as the kubelet writes them; no container.

Paths below ``/etc/extauthz`` and ``/var/lib/extauthz`` are below a folder instead, and ports are free ones. Nothing
else of the configuration and of the arguments is changed. A claim is a folder of its own, which outlives the pod.
"""

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from support.chart_claim import ALWAYS, attach
from support.helm import Rendered

ROOTS: Final = ("/etc/extauthz", "/var/lib/extauthz")
Files = Mapping[str, bytes]
Objects = Mapping[str, Files]
"""ConfigMaps and Secrets, which the chart does not make, by name."""
_generations = itertools.count(1)


class Pod:
    """The files of one pod. ``spec`` is that of the workload's pods or of a Pod."""

    def __init__(
        self,
        folder: Path,
        rendered: Rendered,
        spec: Mapping[str, Any],
        objects: Objects,
        claims: Path | None = None,
    ) -> None:
        """``claims`` has what the pod's claims hold, by name; unless given they are new ones."""
        self.folder = folder
        self._claims = claims or folder / "claims"
        self._change_policy = spec.get("securityContext", {}).get("fsGroupChangePolicy", ALWAYS)
        self._rendered = rendered
        self._container = spec["containers"][0]
        self._objects = {**objects, **{one["metadata"]["name"]: self._own(one) for one in rendered.of("ConfigMap")}}
        self._volumes = {one["name"]: one for one in spec.get("volumes", ())}
        for mount in self._container.get("volumeMounts", ()):
            if mount["mountPath"].startswith(ROOTS):
                place = self.path(mount["mountPath"])
                if mount["name"] in rendered.claims:
                    self._mount_claim(place, self._claims / mount["name"])
                else:
                    self._mount(place, self._volumes[mount["name"]])

    def _own(self, config_map: Mapping[str, Any]) -> Files:
        return {key: self.here(text).encode() for key, text in config_map.get("data", {}).items()}

    def here(self, text: str) -> str:
        """Return a text of the chart with places that are below the folder, and addresses that any program may have."""
        for root in ROOTS:
            text = text.replace(root, f"{self.folder}{root}")
        for port in self._rendered.container["ports"]:
            text = text.replace(f"0.0.0.0:{port['containerPort']}", "127.0.0.1:0")
        return text

    def path(self, text: str) -> Path:
        return Path(self.here(text))

    @property
    def command(self) -> Sequence[str]:
        """What the container runs: program and arguments."""
        return [self.here(one) for one in (*self._container["command"], *self._container["args"])]

    def _mount(self, place: Path, volume: Mapping[str, Any]) -> None:
        place.mkdir(parents=True)
        if "emptyDir" in volume:
            place.chmod(0o777)  # as the kubelet makes it
            return
        write_volume(place, self._shown(volume))

    def _mount_claim(self, place: Path, claim: Path) -> None:
        attach(claim, self._change_policy)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(claim)

    def _shown(self, volume: Mapping[str, Any]) -> Files:
        source = volume.get("configMap") or volume["secret"]
        files = self._objects[source.get("name") or source["secretName"]]
        if "items" in source:
            return {one["path"]: files[one["key"]] for one in source["items"]}
        return files

    def change(self, name: str, files: Files) -> None:
        """Change a ConfigMap or Secret; the pod sees it at once."""
        self._objects[name] = files
        for mount in self._container["volumeMounts"]:
            volume = self._volumes.get(mount["name"], {})
            source = volume.get("configMap") or volume.get("secret") or {}
            if name in (source.get("name"), source.get("secretName")):
                write_volume(self.path(mount["mountPath"]), self._shown(volume))


def write_volume(place: Path, files: Files) -> None:
    """Write a new generation and swap the link to it, which is how the kubelet changes all files at once."""
    generation = f"..{next(_generations)}"
    (place / generation).mkdir(parents=True)
    for name, content in files.items():
        (place / generation / name).write_bytes(content)
    beside = place / "..data_tmp"
    beside.symlink_to(generation)
    beside.replace(place / "..data")
    for name in files:
        if not (place / name).is_symlink():
            (place / name).symlink_to(os.path.join("..data", name))  # noqa: PTH118  (the text of a link)

"""Building and running the image with buildah and podman, in a store of their own, without a registry.

The store is thrown away at the end: nothing of it is among the machine's images and containers.
"""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import image_base
import image_tools

import extauthz
from support.service import RealService

PROJECT: Final = Path(__file__).parents[2]
IMAGE: Final = "localhost/extauthz:test"
BASE: Final = os.environ.get("EXTAUTHZ_IMAGE_BASE")
"""A base image to pull, for a machine that reaches a registry; without it, Debian's packages stand in for it."""
_STAND_IN: Final = "localhost/base:stand-in"
_SECONDS: Final = 600.0
RESTRICTIONS: Final = (
    "--network=none",
    "--read-only",
    "--read-only-tmpfs=false",  # otherwise podman puts file systems that can be written over /tmp, /run and others
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    # Podman asks for a million files, which a machine that is a sandbox itself does not allow.
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=1024:1024",
)
"""More than a strict cluster asks for: its pods have a network."""


class Containers:
    """buildah and podman as a context manager; leaving it removes every container and image that was made in it."""

    def __enter__(self) -> Self:
        image_tools.require(*(("buildah", "podman", "runc") if BASE else image_tools.PACKAGES))
        # Not below pytest's folder: Unix sockets are made in it, whose paths may not be long.
        self._folder = Path(tempfile.mkdtemp(prefix="extauthz-image-"))
        places = (f"--root={self._folder}/store", f"--runroot={self._folder}/run")
        self._store = (*places, "--storage-driver=overlay")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.podman("rm", "--all", "--force", "--time", "0")
        shutil.rmtree(self._folder)

    def podman_command(self, *arguments: str) -> Sequence[str]:
        """Return the command line of podman with the store, and with a runtime that starts everywhere."""
        return ("podman", *self._store, "--runtime=runc", "--cgroup-manager=cgroupfs", *arguments)

    def podman(self, *arguments: str) -> str:
        """Run podman and return what it printed."""
        return _run(self.podman_command(*arguments))

    def build(self, labels: Mapping[str, str]) -> None:
        """Build the project's Dockerfile as ``IMAGE``, with build arguments."""
        if not BASE:
            self.podman("import", "--quiet", str(image_base.base_archive()), _STAND_IN)
        authorities = ssl.get_default_verify_paths().cafile  # the machine's, that pip may have to trust its index
        configuration = self._folder / "pip.conf"
        configuration.write_text("[global]\ncert = /run/authorities.pem\n" if authorities else "")
        _run((
            "buildah",
            *self._store,
            "bud",
            "--isolation=chroot",  # no runtime, no network of its own
            f"--pull={'true' if BASE else 'false'}",
            f"--build-arg=BASE={BASE or _STAND_IN}",
            *(f"--build-arg={name}={value}" for name, value in labels.items()),
            f"--secret=id=pip.conf,src={configuration}",
            *((f"--volume={authorities}:/run/authorities.pem:ro",) if authorities else ()),
            f"--tag={IMAGE}",
            str(PROJECT),
        ))  # fmt: skip

    def components(self) -> Mapping[str, str]:
        """Return the Python packages that syft finds in the image: versions by name."""
        archive = self._folder / "image.tar"
        self.podman("save", "--quiet", "--format=oci-archive", f"--output={archive}", IMAGE)
        syft = Path(sys.executable).with_name("syft")
        document = json.loads(_run((str(syft), "scan", f"oci-archive:{archive}", "--quiet", "--output=cyclonedx-json")))
        archive.unlink()
        return {
            one["name"]: one["version"] for one in document["components"] if one.get("purl", "").startswith("pkg:pypi/")
        }

    def inspect(self) -> Mapping[str, Any]:
        """Return what the image says of itself."""
        (described,) = json.loads(self.podman("image", "inspect", IMAGE))
        return dict(described)


class ContainerService(RealService):
    """The service in a container, with everything taken from it that can be; ``folder`` is at the same place inside.

    Its listeners have to be Unix sockets in that folder, as there is no network.
    """

    def __init__(self, containers: Containers, config: Path, *options: str) -> None:
        super().__init__(config)
        self._containers = containers
        self.name = f"extauthz-{uuid.uuid4().hex}"
        folder = config.parent
        self.command = containers.podman_command(
            "run", f"--name={self.name}", *RESTRICTIONS, f"--volume={folder}:{folder}", *options,
            IMAGE, "serve", "--config", str(config),
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """The service's process as this machine numbers it; in the container it is another number."""
        return int(self._containers.podman("inspect", "--format={{.State.Pid}}", self.name))

    def send(self, name: str) -> None:
        """Send a signal (``TERM``) to the first process of the container, as the kubelet does."""
        self._containers.podman("kill", f"--signal={name}", self.name)

    def execute(self, *command: str) -> str:
        """Run a command in the container and return what it printed; one that fails raises AssertionError."""
        return self._containers.podman("exec", self.name, *command)

    def close(self) -> None:
        """End the container, at once, and remove it."""
        self._containers.podman("rm", "--force", "--ignore", "--time", "0", self.name)
        super().close()


def version_arguments() -> Mapping[str, str]:
    """Return the build arguments that a release gives."""
    return {"VERSION": extauthz.__version__, "REVISION": "0" * 40, "SOURCE": "https://git.example/extauthz"}


def _run(command: Sequence[str]) -> str:
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=_SECONDS)
    last = "\n".join(ended.stderr.splitlines()[-20:])
    assert ended.returncode == 0, f"`{' '.join(command)}` ended with {ended.returncode}:\n{last}"
    return ended.stdout

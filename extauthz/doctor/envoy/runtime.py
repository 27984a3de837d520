"""What the bootstrap sets for keys of the runtime. Layers of a disk, a server or the admin port are not in the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from extauthz.doctor.located import Located


@dataclass(frozen=True, slots=True)
class Runtime:
    """The static layers of a bootstrap, or of the one in a dump."""

    top: Located

    def value(self, key: str) -> Located | None:
        """Return what the last layer that has a key says; None when none has it."""
        found = [value for layer in self._layers() for value in _under(layer["static_layer"], key)] if key else []
        return found[-1] if found else None

    def _layers(self) -> Iterator[Located]:
        for bootstrap in (self.top, *(one["bootstrap"] for one in self.top["configs"].items)):
            yield from bootstrap.at("layered_runtime", "layers").items


def _under(layer: Located, key: str) -> Iterator[Located]:
    """Yield the value of a key, which may be written as one, or as keys in each other."""
    for known, value in layer.entries.items():
        if known == key:
            yield value
        elif key.startswith(f"{known}."):
            yield from _under(value, key.removeprefix(f"{known}."))

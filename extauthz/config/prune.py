"""Take what is wrong out of the data, so that what is left can be checked in the same pass.

Lists close up where an item is taken out, so paths in the remainder are counted anew; ``original`` counts them back.
"""

from extauthz.config.key_path import KeyPath


class Remainder:
    """Data without the removed paths."""

    def __init__(self, data: object, removed: set[KeyPath]) -> None:
        """Copy what is left of ``data``; ``removed`` are paths in it, not the empty one."""
        self._kept: dict[KeyPath, list[int]] = {}
        self.value = self._copy(data, (), removed)

    def original(self, path: KeyPath) -> KeyPath:
        """Return where a path of the remainder stands in the original data."""
        found: KeyPath = ()
        for part in path:
            kept = self._kept.get(found)
            is_counted = isinstance(part, int) and kept is not None and part < len(kept)
            found = (*found, kept[part] if is_counted else part)  # type: ignore[index]  # checked just above
        return found

    def _copy(self, data: object, path: KeyPath, removed: set[KeyPath]) -> object:
        if isinstance(data, dict):
            return {
                key: self._copy(value, (*path, key), removed)
                for key, value in data.items()
                if (*path, key) not in removed
            }
        if isinstance(data, list):
            kept = [index for index in range(len(data)) if (*path, index) not in removed]
            self._kept[path] = kept
            return [self._copy(data[index], (*path, index), removed) for index in kept]
        return data

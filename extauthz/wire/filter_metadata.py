"""``metadata_context.filter_metadata`` as plain Python values, each namespace converted when it is first asked for.

A proxy may pass on more namespaces than any policy looks at, and a converted claim set costs more than all the rest of
reading a request. So a namespace that nobody asks for costs nothing.
"""

from collections.abc import Iterator, Mapping

from google.protobuf.struct_pb2 import Struct, Value


class FilterMetadata(Mapping[str, Mapping[str, object]]):
    """Namespace -> its Struct as ``dict``, ``list``, ``str``, ``float``, ``bool`` and ``None``, read-only by type.

    Numbers stay floats, as they are in a Struct. A value without a kind, which no proxy should send, is ``None``.

    Asking cannot fail but with ``KeyError``: the text was checked by the parser, and its limit of 100 nested messages
    allows at most 50 nested values, far from Python's own limit.
    """

    __slots__ = ("_converted", "_structs")

    def __init__(self, structs: Mapping[str, Struct]) -> None:
        self._structs = structs
        self._converted: dict[str, dict[str, object]] = {}

    def __getitem__(self, namespace: str) -> Mapping[str, object]:
        converted = self._converted.get(namespace)
        if converted is None:
            # A message map makes a new entry when it is indexed by a name that it does not have.
            if namespace not in self._structs:
                raise KeyError(namespace)
            converted = self._converted[namespace] = _plain_dict(self._structs[namespace])
        return converted

    def __iter__(self) -> Iterator[str]:
        return iter(self._structs)

    def __len__(self) -> int:
        return len(self._structs)

    def __repr__(self) -> str:
        return f"FilterMetadata({sorted(self._structs)})"


def _plain_dict(struct: Struct) -> dict[str, object]:
    return {key: _plain(value) for key, value in struct.fields.items()}


def _plain(value: Value) -> object:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return _plain_dict(value.struct_value)
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case _:
            return None

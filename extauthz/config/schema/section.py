"""What every section of the configuration shares: strict, closed, immutable."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Strict
from pydantic_core import PydanticKnownError

Item = TypeVar("Item")

AnyNumber = Annotated[tuple[Item, ...], Strict(strict=False)]
"""A list that may be empty. Only the list itself is read leniently (YAML has lists, not tuples); its items are not."""
AtLeastOne = Annotated[tuple[Item, ...], Strict(strict=False), MinLen(1)]
"""A list that holds something: where a list restricts, an empty one could be read as "anything"."""
Text = Annotated[str, MinLen(1)]
"""Text that is not empty."""


class Section(BaseModel):
    """A mapping with known keys only. Values are never converted from another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def exactly(kind: type) -> BeforeValidator:
    """Refuse values of another type before a ``Literal`` compares: to Python, ``1``, ``1.0`` and ``True`` are equal."""

    def check(value: object) -> object:
        if type(value) is not kind:
            raise PydanticKnownError("literal_error", {"expected": kind.__name__})
        return value

    return BeforeValidator(check)


def accepted_by(compile_list: Callable[[Sequence[str]], object]) -> AfterValidator:
    """Check one text with a function that compiles lists of them and raises ValueError; the text stays as it is."""

    def check(text: str) -> str:
        compile_list([text])
        return text

    return AfterValidator(check)

"""The JSON Schema of the configuration: what ``extauthz schema`` prints, and where error messages take their words."""

from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from extauthz.config.schema.config import Config
from extauthz.config.schema.duration import format_duration

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """pydantic's generator, held to what the file format means."""

    schema_dialect = DIALECT

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        # A key that is not needed is left out: nothing in the file may be null.
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        # The default of a section is that of its keys, and no default at all is no `null`.
        if schema.get("default") is None or isinstance(schema["default"], BaseModel):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401  (the signature of pydantic)
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  (the signature of pydantic)
        # The key itself is the title.
        return False


@cache
def config_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12). It is shared: do not change it."""
    return Config.model_json_schema(by_alias=True, schema_generator=_Generator)

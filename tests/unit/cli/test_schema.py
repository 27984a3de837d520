import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_the_schema_is_json_and_knows_the_sections(run: Run) -> None:
    outcome = run("schema")
    assert (outcome.status, outcome.err) == (0, "")
    schema = json.loads(outcome.out)
    assert {"version", "listen", "sources", "trust", "policies"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False

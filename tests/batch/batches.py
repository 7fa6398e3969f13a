"""Files of records for the tests of batches, and how the command runs over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

import validator.batch
from validator.cli import main

SCHEMA = json.loads(
    Path(validator.batch.__file__).with_name("batch-v1.schema.json").read_text(encoding="utf-8")
)

HELLO = "```python\nprint('hello')\n```\n"
ADD = "def add(a, b):\n    return a + b\n"
NO_CODE = "I would rather not.\n"


def program(text: str) -> str:
    return f"Here:\n\n```python\n{text}```\n"


def records(*rows: object, name: str = "records.jsonl") -> str:
    """Write the records of a file: objects, or lines as they are."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return name


def batch(*arguments: str, out: str = "out.jsonl", sandbox: str = "none") -> int:
    return main(["batch", *arguments, "--out", out, "--sandbox", sandbox, "--offline"])


def results(name: str = "out.jsonl") -> dict[str, dict[str, Any]]:
    """Return the results by record; each line has to keep to the schema, and no record is twice."""
    found: dict[str, dict[str, Any]] = {}
    for line in Path(name).read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        jsonschema.validate(data, SCHEMA)
        assert data["record"] not in found, f"record {data['record']} has two results"
        found[data["record"]] = data
    return found


def timeless(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return results without how long they took, which is different every time."""
    return {key: {**data, "seconds": None} for key, data in found.items()}


def codes(result: dict[str, Any]) -> list[str]:
    return [each["code"] for each in result["findings"]]

"""Whole outputs of every format; UPDATE_SNAPSHOTS=1 writes them anew after a wanted change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from reporter_samples import SAMPLES

from validator.reporters import RENDERERS, text

SNAPSHOTS = Path(__file__).parent / "snapshots"
FORMATS = dict(RENDERERS)
WHOLE_JSON = ("worm",)
"""One is enough to see the order of the keys; the schema is held against every sample."""


def expect(name: str, output: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(output, encoding="utf-8")
    assert output == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("form", ["text", "github", "prompt"])
def test_the_whole_output(sample: str, form: str) -> None:
    expect(f"{sample}.{form}.txt", FORMATS[form](SAMPLES[sample]()))


@pytest.mark.parametrize("sample", WHOLE_JSON)
def test_the_whole_json(sample: str) -> None:
    expect(f"{sample}.json", FORMATS["json"](SAMPLES[sample]()))


def test_the_text_of_a_narrow_terminal() -> None:
    output = text.render(SAMPLES["worm"](), width=60)
    expect("worm.text.60-columns.txt", output)


def test_the_text_in_colour() -> None:
    expect("worm.text.colour.txt", text.render(SAMPLES["worm"](), color=True, width=100))

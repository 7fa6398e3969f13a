"""What reading finds in the replies of VALIDATOR_CORPUS, beside a first-fence expression."""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.facts import Part, Reply
from validator.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST_FENCE = re.compile(r"```(?:\w*)\n(.*?)```", re.DOTALL)
_CUTS = 60
_TURNS = 5


def told() -> Iterator[str]:
    """Yield a line a figure; none where no corpus is named."""
    folder = os.environ.get("VALIDATOR_CORPUS")
    if not folder:
        return
    rows = {
        name: [json.loads(line) for line in (Path(folder) / f"{name}.jsonl").open(encoding="utf-8")]
        for name in ("shapes", "graded", "replies", "programs")
    }
    yield from _scores(rows)
    yield from _times([row["reply"] for row in rows["replies"] + rows["graded"]])
    yield from _continuations([row["code"].replace("\r\n", "\n") for row in rows["programs"]])


def _by_fence(reply: str) -> str:
    match = FIRST_FENCE.search(reply)
    return match[1] if match else ""


def _by_reading(*parts: str) -> str:
    found = read(Reply(tuple(Part(text, "reply.md") for text in parts)))
    file = found.file(found.entry_point)
    return file.text if file else ""


def _plain(text: str | None) -> list[str]:
    return [line.rstrip() for line in (text or "").splitlines() if line.strip()]


def _scores(rows: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    cases = {
        # Shapes that were cut off, or whose guard is left to a rule's fix, cannot come out exactly.
        "shapes, the exact program": [(row["reply"], row["program"]) for row in rows["shapes"]],
        "graded, the oracle's code": [
            (row["reply"], row["expected"]["code"]) for row in rows["graded"]
        ],
    }
    for name, pairs in cases.items():
        counts = [
            sum(_plain(by(reply)) == _plain(wanted) for reply, wanted in pairs)
            for by in (_by_fence, _by_reading)
        ]
        yield f"  {name}: first fence {counts[0]}, read {counts[1]} of {len(pairs)}"


def _times(replies: list[str]) -> Iterator[str]:
    """Yield the median time of a reply of 2.5 to 10 KB, each taken as the best of some turns."""
    middling = [reply for reply in replies if 2_500 <= len(reply.encode()) <= 10_000]
    for name, by in (("first fence", _by_fence), ("read", _by_reading)):
        seconds = [min(_timed(by, reply) for _ in range(_TURNS)) for reply in middling]
        p95 = sorted(seconds)[int(len(seconds) * 0.95)]
        median = statistics.median(seconds)
        yield (
            f"  {name}, {len(middling)} replies of 2.5 to 10 KB: median {median * 1e3:.2f} ms,"
            f" p95 {p95 * 1e3:.2f} ms"
        )


def _timed(by: Callable[[str], str], reply: str) -> float:
    began = time.perf_counter()
    by(reply)
    return time.perf_counter() - began


def _line(program: str, cut: int, back: int = 0) -> int:
    start = program.rfind("\n", 0, cut) + 1
    for _ in range(back):
        start = program.rfind("\n", 0, max(start - 1, 0)) + 1
    return start


_WAYS: dict[str, Callable[[str, int], str]] = {
    "at the character": lambda program, cut: "```python\n" + program[cut:],
    "at the character, no label": lambda program, cut: "```\n" + program[cut:],
    "at the character, plain text": lambda program, cut: program[cut:],
    "at the character, after words": lambda program, cut: (
        "Here is the rest:\n\n```python\n" + program[cut:]
    ),
    "at the line": lambda program, cut: "```python\n" + program[_line(program, cut) :],
    "at the line, without its margin": lambda program, cut: (
        "```python\n" + program[_line(program, cut) :].lstrip(" ")
    ),
    "two lines back": lambda program, cut: "```python\n" + program[_line(program, cut, 2) :],
}


def _continuations(programs: list[str]) -> Iterator[str]:
    """Yield how many programs come back that were cut at any character, beside a plain join."""
    chance = random.Random(1)
    fit = [program for program in programs if 500 < len(program) < 12_000]
    cuts = [
        (program, chance.randrange(len(program) // 10, len(program) - 8))
        for program in chance.choices(fit, k=_CUTS)
    ]
    for name, taken_up in _WAYS.items():
        joined = exact = 0
        for program, cut in cuts:
            first = f"Here you are:\n\n```python\n{program[:cut]}"
            second = f"{taken_up(program, cut)}\n```\n\nEnjoy!\n"
            exact += _plain(_by_reading(first, second)) == _plain(program)
            both = f"{first}{_by_fence(second) or second}\n```"
            joined += _plain(_by_fence(both)) == _plain(program)
        yield f"  cut, taken up {name}: parts joined {joined}, read {exact} of {_CUTS}"

"""A batch beside a loop of `docker run` and beside bare Python; its memory; kills and resumes.

    python benchmarks/batching.py rate [RECORDS]     # ours and theirs in one run; peak memory
    python benchmarks/batching.py kills [RECORDS]    # kill -9 at five random points, then resume

The records are HumanEval's problems with their tests, each with a line of its own so that no two
are the same; VALIDATOR_CORPUS names the folder they are in.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from humaneval import problems

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = 100
LOOPED = 20
"""Programs given to `docker run` and to bare Python; the rest is extrapolated."""
IMAGE = "python:3.11-slim-bookworm"


def main(what: str = "rate", records: str = "1000") -> None:
    with tempfile.TemporaryDirectory() as name:
        {"rate": rate, "kills": kills}[what](Path(name), int(records))


def write(folder: Path, count: int) -> Path:
    """Write `count` records, no two of which are the same."""
    programs = problems()
    path = folder / f"{count}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            code = f"{programs[number % len(programs)]}\n# variation {number}\n"
            row = {"id": f"r{number}", "code": code, "expected": {"stdout": "OK\n"}}
            file.write(json.dumps(row) + "\n")
    return path


def command(records: Path, out: Path, *more: str) -> list[str]:
    batch = [sys.executable, "-m", "validator", "batch", str(records), "--out", str(out)]
    return [*batch, "--sandbox", "bubblewrap", *more]


# ── how fast, in how much memory ─────────────────────────────────────────────────────────────────


def rate(folder: Path, count: int) -> None:
    """Print records a second beside bare Python and a loop of `docker run`, and peak memory."""
    _, few = _batch(folder, FEW)
    ours, many = _batch(folder, count)
    print(f"validate batch, {count} records: {ours:.1f}/s (linted, jailed, compared)")
    print(f"peak memory: {few:.0f} MiB for {FEW} records, {many:.0f} MiB: {many / few:.2f} of that")
    programs = problems()[:LOOPED]
    bare = _per_second(_python, programs)
    print(f"bare python, one after another: {bare:.1f}/s, {bare / ours:.2f} of ours")
    image = _image()
    if image is None:
        print("docker run: no engine with a Python image answers")
        return
    docker = _per_second(lambda program: _docker(image, program), programs)
    print(f"a loop of `docker run`: {docker:.1f}/s, {docker / ours:.2f} of ours")


def _batch(folder: Path, count: int) -> tuple[float, float]:
    """Return records a second, and the peak of the batch's own resident memory in MiB."""
    records, began, peak = write(folder, count), time.monotonic(), 0
    start = command(records, folder / f"out-{count}")
    process = subprocess.Popen(start, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        found = re.search(r"VmHWM:\s+(\d+) kB", _status(process.pid))
        peak = int(found[1]) if found else peak
        time.sleep(0.05)
    return count / (time.monotonic() - began), peak / 1024


def _status(process: int) -> str:
    try:
        return Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _per_second(work: Callable[[str], None], programs: list[str]) -> float:
    began = time.monotonic()
    for program in programs:
        work(program)
    return len(programs) / (time.monotonic() - began)


def _python(program: str) -> None:
    _feed([sys.executable], program)


def _docker(image: str, program: str) -> None:
    start = ["docker", "run", "--rm", "-i", "--network", "none", "--entrypoint", "python3"]
    _feed([*start, image], program)


def _feed(python: list[str], program: str) -> None:
    done = subprocess.run(
        [*python, "-I", "-"], input=program.encode(), capture_output=True, check=True
    )
    assert done.stdout == b"OK\n"


def _image() -> str | None:
    """Return an image with Python: the usual one, or the one this product has built for itself."""
    listed = subprocess.run(
        ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"],
        capture_output=True,
        check=False,
        text=True,
    ).stdout.split()
    ours = [each for each in listed if "reply-validator" in each and "none" not in each]
    return next(iter([each for each in listed if each == IMAGE] + ours), None)


# ── killed ───────────────────────────────────────────────────────────────────────────────────────


def kills(folder: Path, count: int) -> None:
    """Kill the batch at five random points, resume it, and compare with an undisturbed run."""
    records, pieces, whole = write(folder, count), folder / "pieces", folder / "whole"
    run(command(records, whole))
    points = sorted(random.sample(range(1, count), 5))
    for point in points:
        process = subprocess.Popen(command(records, pieces, "--resume"), stdout=subprocess.DEVNULL)
        while process.poll() is None and _lines(pieces) < point:
            time.sleep(0.005)
        process.kill()
        process.wait()
        print(f"killed after {_lines(pieces)} of {count} results")
    run(command(records, pieces, "--resume"))
    same = _results(whole) == _results(pieces)
    print(f"the union {'equals' if same else 'DIFFERS FROM'} an undisturbed run")
    sys.exit(not same)


def run(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _results(path: Path) -> dict[str, object]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len({row["record"] for row in rows}) == len(rows), "a record has two results"
    return {row["record"]: {**row, "seconds": None} for row in rows}


if __name__ == "__main__":
    main(*sys.argv[1:])

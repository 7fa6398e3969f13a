"""What a command comes to: its exit code, and where its result goes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

    from validator.findings import Verdict

PASSED, FAILED, USAGE, INCONCLUSIVE = 0, 1, 2, 3
INTERRUPTED = 130


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return the code of several verdicts: the worst, and a failure is worse than not knowing."""
    from validator.findings import Verdict

    found = set(verdicts)
    if Verdict.FAILED in found:
        return FAILED
    return INCONCLUSIVE if Verdict.INCONCLUSIVE in found else PASSED


def say(line: str) -> None:
    """Say something that is no part of the report."""
    print(line, file=sys.stderr)


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write a text to a file of the user's, a piece at a time.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def color(output: Path | None) -> bool:
    """Colour only on a terminal, and not where https://no-color.org says no."""
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def width() -> int:
    """Return how wide a report is to be, in columns."""
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 120)


def refuse_to_overwrite(options: argparse.Namespace) -> None:
    """Say before the work, not after it, that its result would have nowhere to go."""
    folder = options.write
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    if folder.is_dir() and not options.force and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty (--force writes into it)")

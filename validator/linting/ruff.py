"""Ruff, run once a file over its standard input, with the rules that find bugs and no others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.errors import LinterUnavailable
from validator.facts import Diagnostic, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile

SECONDS = 20.0
"""Ruff takes 25 ms for a program of 70 lines; more than this and something is wrong with it."""

SELECTED = (
    # Syntax errors need no code: ruff always reports them, as `invalid-syntax`. Nor does whatever
    # else the compiler refuses, `return` outside a function and the like: the rules compile.
    # Format strings and their arguments: each raises ValueError, TypeError, KeyError or IndexError.
    *("F501", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524", "F525"),
    # Conditions that are always true, and `print >>`.
    *("F631", "F633", "F634"),
    # Names: never bound, not exported, read before the function has bound them.
    *("F821", "F822", "F823"),
    # `raise NotImplemented` and `raise "text"` raise a TypeError instead.
    *("F901", "B016"),
    # `++n` does nothing, and a comparison or an exception on a line of its own is a lost statement.
    *("B002", "B015", "PLW0133"),
    # A loop that eats the name it loops over, and closures that all see the last turn of a loop.
    *("B020", "B023"),
    # `x: 5` for `x = 5`, a `{key: ...}` comprehension with one key, `except (A or B)`.
    *("B030", "B032", "B035", "PLW0711"),
    # Class bodies and special methods that Python refuses when they are used.
    *("PLE0100", "PLE0101", "PLE0237", "PLE0241", "PLE0302"),
    *("PLE0303", "PLE0304", "PLE0305", "PLE0307", "PLE0308", "PLE0309"),
    # An index past the end of a literal, a bare `raise` outside a handler.
    *("PLE0643", "PLE0704"),
    # Arguments of the wrong kind for logging, `%`, `open`, `os.getenv` and `super`.
    *("PLE1205", "PLE1206", "PLE1300", "PLE1307", "PLE1507", "PLW0245", "PLW1501"),
)
"""Every rule asked for predicts a crash or a statement without effect; none is about style.

Left out on purpose: F811 (a later definition of a function replaces an earlier one in many replies
that are told in steps), F841 and F401 (harmless), B006 (a mutable default is wrong only at times).
"""


def diagnose(file: SourceFile, *, python: str) -> tuple[Diagnostic, ...]:
    """Return what ruff finds in one file, in the order of its lines.

    `python` is the version to judge for, `X.Y`. Suppressions in the text are not obeyed: whoever
    wrote the program does not decide what is said about it.

    Raises:
        LinterUnavailable: ruff is missing, broke off, or took longer than `SECONDS`.
    """
    command = (
        *(find(), "check", "--isolated", "--no-cache", "--quiet", "--ignore-noqa"),
        *("--output-format", "json", "--target-version", f"py{python.replace('.', '')}"),
        # The name is ours: the reply's own could choose another dialect (`.pyi`, `.ipynb`).
        *("--select", ",".join(SELECTED), "--stdin-filename", "program.py", "-"),
    )
    try:
        process = subprocess.run(  # noqa: PLW1510 - status 1 means that there are findings
            command, input=file.text.encode(), capture_output=True, env={}, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LinterUnavailable(f"ruff did not run: {error}", remedy=_REMEDY) from error
    return tuple(_read(process, file.path))


def find() -> str:
    """Return the path of ruff: beside the interpreter first, then on the search path.

    Raises:
        LinterUnavailable: there is none.
    """
    beside = Path(sys.executable).with_name("ruff")
    found = str(beside) if beside.is_file() else shutil.which("ruff")
    if found is None:
        raise LinterUnavailable("ruff is not installed", remedy=_REMEDY)
    return found


_REMEDY = "pip install ruff"


def _read(process: subprocess.CompletedProcess[bytes], path: str) -> Iterator[Diagnostic]:
    try:
        rows = json.loads(process.stdout)
    except ValueError as error:
        said = process.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"status {process.returncode}"
        raise LinterUnavailable(f"ruff gave no answer: {why}", remedy=_REMEDY) from error
    for row in rows:
        yield _diagnostic(row, path)


def _diagnostic(row: dict[str, Any], path: str) -> Diagnostic:
    start, end = row["location"], row["end_location"]
    return Diagnostic(
        tool="ruff",
        # Before 0.13 a syntax error had no code.
        code=row["code"] or "invalid-syntax",
        message=row["message"],
        path=path,
        span=Span(start["row"], max(start["row"], end["row"])),
        column=start["column"],
        end_column=end["column"],
    )

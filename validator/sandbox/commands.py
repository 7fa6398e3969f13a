"""The arguments a command-line program is run with: those its reply shows, and none, and help."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from validator.facts import ProgramKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Command, Submission
    from validator.sandbox.shape import Shape

MAX_SHOWN = 3
"""Invocations taken from the reply; each is a run."""
MAX_ARGUMENTS = 32
_PYTHON = re.compile(r"^(?:.*/)?(?:python|py)[\d.]*$")
_FILLERS = re.compile(r"^<.*>$|^\[.*\]$|\.\.\.|^\{.*\}$|^(?:/|~/)?path/to|^your[_-]", re.IGNORECASE)
_SHELL = frozenset({"|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1"})
_HELPFUL = ("argparse", "click", "typer", "fire", "docopt", "optparse")


def invocations(
    submission: Submission, shape: Shape, kind: ProgramKind
) -> tuple[tuple[str, ...], ...]:
    """Return the arguments of each run: none first, then what the reply shows, then `--help`.

    Only a program that takes arguments is run more than once. Words of the reply become arguments
    of the program in its jail and of nothing else.
    """
    shown = tuple(dict.fromkeys(_shown(submission)))[:MAX_SHOWN]
    if "execute_from_command_line" in shape.calls:
        return (("runserver", "--noreload", "8000"),)
    if kind is not ProgramKind.CLI:
        return ((),)
    helps = any(module.partition(".")[0] in _HELPFUL for module in shape.modules)
    return ((), *(each for each in shown if each), *((("--help",),) if helps else ()))


def _shown(submission: Submission) -> Iterator[tuple[str, ...]]:
    known = {file.path.rpartition("/")[2] for file in submission.files}
    entry = (submission.entry_point or "").rpartition("/")[2]
    for command in submission.commands:
        arguments = _arguments(command, entry, known)
        if arguments and not any(map(_FILLERS.search, arguments)):
            yield arguments[:MAX_ARGUMENTS]


def _arguments(command: Command, entry: str, known: set[str]) -> tuple[str, ...] | None:
    """Return what a command hands to the program; None where it starts something else."""
    try:
        words = shlex.split(command.text, comments=True)
    except ValueError:
        return None
    end = next((at for at, word in enumerate(words) if word in _SHELL), len(words))
    words = words[:end]
    script = next((at for at, word in enumerate(words) if word.endswith(".py")), None)
    if script is not None:
        before = words[:script]
        starts = script == 0 or any(_PYTHON.match(word) for word in before)
        other = words[script].rpartition("/")[2] in known - {entry}
        return tuple(words[script + 1 :]) if starts and "-m" not in before and not other else None
    stem = entry.removesuffix(".py")
    return tuple(words[1:]) if len(words) > 1 and words[0].rpartition("/")[2] == stem else None

"""`validate doctor`: what works on this machine, and how to get the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.commands import flags
from validator.commands.outcome import INCONCLUSIVE, PASSED

if TYPE_CHECKING:
    import argparse

INDENT = 22
"""Where what was found begins, after whether it works and its name."""
WIDTH = 78


def parser() -> flags.Parser:
    """Return the flags of `doctor`."""
    found = flags.new_parser(
        "doctor", "Try everything this machine needs, and say how to get the rest."
    )
    flags.add_machine(found)
    return found


def run(options: argparse.Namespace) -> int:
    """Print what was tried, and return 3 where something needed is missing."""
    from validator.doctor import examine
    from validator.terminal import ProgressLine

    settings = flags.settings(options)
    with ProgressLine() as progress:
        examination = examine(settings, progress)
    for check in examination.checks:
        print(f"{'ok     ' if check.works else 'missing'}  {check.name:<12}", end="")
        print(_laid_out(f"{check.found}\n{check.remedy}"))
    return PASSED if examination.enough else INCONCLUSIVE


def _laid_out(text: str) -> str:
    """Return lines that begin in one column and end in another; paths and addresses stay whole."""
    from textwrap import fill

    margin = " " * INDENT
    lines = (
        fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in text.strip().splitlines()
    )
    return " " + "\n".join(lines).replace("\n", f"\n{margin}")

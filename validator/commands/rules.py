"""`validate rules`: every code there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.commands import flags
from validator.commands.outcome import PASSED

if TYPE_CHECKING:
    import argparse


def parser() -> flags.Parser:
    """Return the flags of `rules`: none."""
    return flags.new_parser("rules", "List every code, its severity and what it says.")


def run(options: argparse.Namespace) -> int:
    """Print the codes, ours first."""
    from validator import rules

    rows = rules.catalogue()
    own = [row for row in rows if row[0].startswith("RV")]
    # A table each: the linters' long names would push our summaries off the screen.
    for table in (own, [row for row in rows if row not in own]):
        codes, names = (max(len(row[column]) for row in table) for column in range(2))
        for code, name, severity, summary in table:
            print(f"{code:<{codes}}  {name:<{names}}  {severity:<7}  {summary}")
    return PASSED

"""`validate explain CODE`: what a finding means and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.commands import flags
from validator.commands.outcome import PASSED
from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse


def parser() -> flags.Parser:
    """Return the flags of `explain`."""
    found = flags.new_parser("explain", "Say what a finding means, why it matters and what to do.")
    found.add_argument("code", metavar="CODE", help="a code or a name: RV202, broken-main-guard")
    return found


def run(options: argparse.Namespace) -> int:
    """Print the page of the rule."""
    from validator import rules

    page = rules.explain(options.code)
    if page is None:
        raise UsageError(f"there is no rule {options.code!r}; see: validate rules")
    print(page)
    return PASSED

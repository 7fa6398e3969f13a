"""`validate extract`: write the program of a reply and its requirements, and judge nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.commands import flags, replies
from validator.commands.outcome import FAILED, PASSED, say
from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse


def parser() -> flags.Parser:
    """Return the flags of `extract`."""
    found = flags.new_parser("extract", "Write the program found in a reply and its requirements.")
    flags.add_replies(found)
    return found


def run(options: argparse.Namespace) -> int:
    """Write each program, print the paths written, and return 1 where there was no code."""
    from validator.writing import write

    if options.write is None:
        raise UsageError("extract needs --write DIR")
    opened = replies.opened(options)
    for line in opened.left_out:
        say(f"validate: {line}: left out")
    submissions = [each for reply in opened for each in replies.programs(options, reply)]
    found = True
    for number, submission in enumerate(submissions, 1):
        if not submission.files:
            found = False
            say(f"validate: there is no code in {submission.reply.origin}")
            continue
        folder = options.write / f"reply-{number}" if len(submissions) > 1 else options.write
        for path in write(folder, submission, force=options.force):
            print(path)
    return PASSED if found else FAILED

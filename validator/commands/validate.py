"""`validate REPLY...`: judge replies and show what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator import __version__
from validator.commands import flags, outcome, replies
from validator.commands.gate import compared

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Container, Iterator

    from validator.facts import Reply
    from validator.findings import Report, Verdict
    from validator.opening import Opened
    from validator.pipeline import Validator
    from validator.settings import Settings
    from validator.summary import Row

_EPILOG = """\
other commands:
  validate batch FILE.jsonl --out OUT.jsonl  judge every record of a file
  validate extract REPLY... --write DIR   write the program and its requirements, judge nothing
  validate repair REPLY|PROMPT --model URL  ask a model until the program works
  validate explain CODE                   what a finding means and what to do about it
  validate rules                          every code there is
  validate doctor                         what works on this machine, and how to get the rest
  validate cache info|clear               what is kept between runs
  validate completion bash|zsh|fish       a script for the shell

exit codes: 0 passed, 1 failed, 2 usage, 3 inconclusive (a part could not be done)
"""


def parser() -> flags.Parser:
    """Return the flags of the verb that goes without saying."""
    found = flags.new_parser(
        "",
        "Find the program in a language model's reply, lint it, resolve what it needs, run it in\n"
        "a jail without a screen or a network, and say what is wrong.",
        _EPILOG,
    )
    found.add_argument("--version", action="version", version=f"reply-validator {__version__}")
    flags.add_replies(found, docs=True)
    flags.add_changed(found)
    flags.add_judging(found)
    flags.add_driving(found)
    flags.add_machine(found)
    flags.add_workers(found)
    return found


def run(options: argparse.Namespace) -> int:
    """Judge every reply, show the reports, write what is to be kept, and return the exit code."""
    if options.unsafe and not options.fix:
        parser().error("--unsafe goes with --fix")
    settings = flags.settings(options)
    opened = replies.opened(options)
    for line in opened.left_out:
        outcome.say(f"validate: {line}: left out")
    if options.changed_since is not None and not opened.targets:
        outcome.say(f"validate: nothing of it changed since {options.changed_since}")
        return outcome.PASSED
    outcome.refuse_to_overwrite(options)
    reports = compared(options, settings, _reports(options, settings, opened))
    several = opened.replies > 1
    if (options.alternatives or options.docs) and not several:
        found = list(reports)
        several, reports = len(found) > 1, iter(found)
    row_of = _row_of(opened.repeated)
    return outcome.exit_code(_written(options, reports, several=several, row_of=row_of))


def _row_of(repeated: Container[bytes]) -> Callable[[Report], Row]:
    """Return what makes rows of reports, in which those of replies told before say so."""
    from dataclasses import replace

    from validator.opening import digest
    from validator.summary import row

    firsts: dict[bytes, str] = {}

    def row_of(report: Report) -> Row:
        origin = report.submission.reply.origin
        made = row(report, id=origin)
        key = digest(report.submission.reply)
        if key not in repeated or firsts.setdefault(key, origin) == origin:
            return made
        return replace(made, same_as=firsts[key], seconds=0.0)

    return row_of


def _written(
    options: argparse.Namespace,
    reports: Iterator[Report],
    *,
    several: bool,
    row_of: Callable[[Report], Row],
) -> Iterator[Verdict]:
    """Show each report, write its program where that is wanted, and return the verdicts."""
    from validator.commands.showing import show
    from validator.commands.step_summary import summed_up
    from validator.findings import Verdict
    from validator.writing import write

    shown = summed_up(options, show(options, reports, several=several, row_of=row_of))
    for number, report in enumerate(shown, 1):
        if options.write is not None:
            folder = options.write / f"reply-{number}" if several else options.write
            write(folder, report.submission, report.resolution, report.run, force=options.force)
        # What the user accepted, with a reason or in a baseline, is no reason to stop a build.
        yield Verdict.PASSED if report.excused else report.verdict


def _reports(options: argparse.Namespace, settings: Settings, opened: Opened) -> Iterator[Report]:
    """Judge the replies by several workers, and yield their reports in the order of the replies."""
    from validator.batch.pace import Pace
    from validator.batch.pool import default_workers, in_order
    from validator.opening import digest
    from validator.pipeline import Validator
    from validator.terminal import ProgressLine

    several = opened.replies > 1
    workers = options.workers or default_workers()
    with ProgressLine() as progress:
        pace = Pace(progress)
        listener = pace.started if several else progress
        with Validator(settings, listener) as validator:
            results = in_order(
                opened,
                lambda reply: _judged(options, validator, reply),
                workers=workers if several else 1,
                key=digest,
                repeated=opened.repeated,
            )
            for number, (reply, reports, again) in enumerate(results, 1):
                if not reports:
                    outcome.say(f"validate: {reply.origin}: no code to run, or excerpts only")
                for report in reports:
                    if several:
                        pace.count(report.verdict, share=number / opened.replies)
                    with progress.aside():
                        # Its words are the same; where they stand is its own.
                        yield _elsewhere(report, reply) if again else report


def _judged(options: argparse.Namespace, validator: Validator, reply: Reply) -> tuple[Report, ...]:
    """Return the report of a reply, or one for each program in it with `--alternatives`."""
    import time

    from validator.batch.mending import mended_report

    began = time.monotonic()
    submissions = replies.programs(options, reply)
    if not submissions:
        return ()
    reading = (time.monotonic() - began) / len(submissions)
    if options.fix:
        return tuple(
            mended_report(validator, each, unsafe=options.unsafe, reading_seconds=reading)
            for each in submissions
        )
    return tuple(
        validator.validate_submission(each, reading_seconds=reading) for each in submissions
    )


def _elsewhere(report: Report, reply: Reply) -> Report:
    from dataclasses import replace

    return replace(report, submission=replace(report.submission, reply=reply))

"""`validate REPLY...`: judge replies and show what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator import __version__
from validator.commands import flags, outcome, replies
from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from validator.facts import Reply, Submission
    from validator.findings import Report
    from validator.pipeline import Validator
    from validator.settings import Settings

_EPILOG = """\
other commands:
  validate extract REPLY... --write DIR   write the program and its requirements, judge nothing
  validate repair REPLY|PROMPT --model URL  ask a model until the program works
  validate explain CODE                   what a finding means and what to do about it
  validate rules                          every code there is
  validate doctor                         what works on this machine, and how to get the rest
  validate cache info|clear               what is kept between runs

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
    flags.add_replies(found)
    flags.add_judging(found)
    flags.add_driving(found)
    flags.add_machine(found)
    return found


def run(options: argparse.Namespace) -> int:
    """Judge every reply, show the reports, write what is to be kept, and return the exit code."""
    if options.unsafe and not options.fix:
        parser().error("--unsafe goes with --fix")
    settings = flags.settings(options)
    named = replies.opened(options)
    outcome.refuse_to_overwrite(options)
    reports = _reports(options, settings, named)
    _show(options, reports)
    for number, report in enumerate(reports, 1):
        _write(options, report, number if len(reports) > 1 else None)
    return outcome.exit_code([report.verdict for report in reports])


def _reports(
    options: argparse.Namespace, settings: Settings, named: tuple[Reply, ...]
) -> list[Report]:
    import time

    from validator.pipeline import Validator
    from validator.terminal import ProgressLine

    with ProgressLine() as progress, Validator(settings, progress) as validator:
        reports: list[Report] = []
        for reply in named:
            began = time.monotonic()
            submissions = replies.programs(options, reply)
            reading = (time.monotonic() - began) / len(submissions)
            for submission in submissions:
                if options.fix:
                    reports.append(_fixed(validator, submission, reading, unsafe=options.unsafe))
                else:
                    reports.append(
                        validator.validate_submission(submission, reading_seconds=reading)
                    )
        return reports


def _fixed(validator: Validator, submission: Submission, reading: float, *, unsafe: bool) -> Report:
    """Mend what can be mended without a model, and judge what came of it."""
    import time
    from dataclasses import replace

    from validator.fixing import mended

    began = time.monotonic() - reading
    report = mended(
        submission,
        examine=validator.examine,
        validate=validator.validate_submission,
        unsafe=unsafe,
    )
    total = time.monotonic() - began
    return replace(report, seconds=replace(report.seconds, reading=reading, total=total))


def _show(options: argparse.Namespace, reports: list[Report]) -> None:
    text = _render(options, reports)
    if options.output is None:
        print(text, end="" if text.endswith("\n") else "\n", flush=True)
        return
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{options.output} cannot be written: {error.strerror}") from None


def _render(options: argparse.Namespace, reports: list[Report]) -> str:
    import json

    from validator import reporters

    if options.format == "text":
        colored, width = outcome.color(options.output), outcome.width()
        texts = [reporters.text.render(report, color=colored, width=width) for report in reports]
    else:
        texts = [dict(reporters.RENDERERS)[options.format](report) for report in reports]
    if options.format == "json" and len(reports) > 1:
        # One reply is one object; several are one object a line, so that each can be read alone.
        texts = [json.dumps(json.loads(text), ensure_ascii=False) + "\n" for text in texts]
        return "".join(texts)
    return "\n".join(texts)


def _write(options: argparse.Namespace, report: Report, number: int | None) -> None:
    from validator.writing import write

    if options.write is None:
        return
    folder = options.write if number is None else options.write / f"reply-{number}"
    write(folder, report.submission, report.resolution, report.run, force=options.force)

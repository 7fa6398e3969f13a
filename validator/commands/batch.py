"""`validate batch FILE.jsonl --out OUT.jsonl`: judge every record of a file."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.commands import flags, gate
from validator.commands.outcome import FAILED, INCONCLUSIVE, INTERRUPTED, PASSED, USAGE, say, write
from validator.errors import UsageError
from validator.findings import Verdict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from validator.baseline import Baseline
    from validator.batch.records import Record, Unreadable
    from validator.batch.results import Results
    from validator.batch.source import Source
    from validator.commands.showing import Pages
    from validator.findings import Report
    from validator.settings import Settings
    from validator.summary import Row

_EPILOG = """\
known as they are: OpenAI's and Anthropic's batch output, HumanEval's samples and problems,
can-ai-code's results, {"messages": [...]}, and {"id": ..., "reply": ...}; the --...-field flags
say it of others, as a key or a path (body.choices[0].text)

each line of OUT has the id, the verdict, the findings and the hash of the reply; it is on disk
before the next begins, so that --resume loses and repeats nothing, whatever ended the run
"""
_FIELDS = ("reply", "id", "tests", "stdin", "expected", "model")
_MEANS = {
    "reply": "the reply",
    "id": "its name",
    "tests": "Python run after the program, in its names",
    "stdin": "what is typed into the program",
    "expected": "what it is to write",
    "model": "who wrote the reply",
}


def parser() -> flags.Parser:
    """Return the flags of `batch`."""
    found = flags.new_parser("batch", "Judge every record of a JSON Lines file.", _EPILOG)
    found.add_argument(
        "file", metavar="FILE", help="records, one a line; plain, .gz, or - for stdin"
    )
    found.add_argument(
        "--out", type=Path, required=True, metavar="OUT.jsonl", help="results, one a line"
    )
    found.add_argument("--resume", action="store_true", help="go on with what OUT has")
    found.add_argument("--force", action="store_true", help="replace OUT")
    found.add_argument("--full", action="store_true", help="put the whole report into each result")
    found.add_argument("--summary", type=Path, metavar="FILE", help="write the summary as JSON")
    found.add_argument("--html", type=Path, metavar="DIR", help="make a page for each reply")
    found.add_argument("--limit", type=flags.above_0, metavar="N", help="stop after the first N")
    flags.add_workers(found)
    fields = found.add_argument_group("where a record has what")
    for name in _FIELDS:
        fields.add_argument(f"--{name}-field", metavar="KEY", help=_MEANS[name])
    judging = found.add_argument_group("judging")
    flags.add_fixing(judging)
    flags.add_weighing(judging)
    flags.add_baseline(judging)
    flags.add_driving(found)
    flags.add_machine(found)
    # Records are models' replies; a setting meant for documentation is not meant for them.
    found.set_defaults(suppressions=False)
    return found


def run(options: argparse.Namespace) -> int:
    """Judge the records, say what they come to, and return the exit code of all verdicts."""
    from validator.batch.records import Fields
    from validator.batch.results import Results
    from validator.batch.source import Source

    if options.unsafe and not options.fix:
        parser().error("--unsafe goes with --fix")
    if options.update_baseline and options.resume:
        raise UsageError(
            "--update-baseline goes with a run from the beginning: what was found before --resume"
            " is not in OUT as a baseline has it"
        )
    settings = flags.settings(options)
    baseline = gate.opened(options)
    fields = Fields(**{name: getattr(options, f"{name}_field") for name in _FIELDS})
    with closing(Source(options.file, fields)) as source:
        _refuse_itself(options)
        results = Results(options.out, resume=options.resume, force=options.force)
        with closing(results):
            pages = _pages(options)
            interrupted = not _judge_all(options, settings, source, results, pages, baseline)
            if interrupted:
                results.recount()
            _say_ids(source)
            if baseline is not None:
                gate.settle(baseline, options)
            _tell(options, results, pages, interrupted=interrupted)
            return INTERRUPTED if interrupted else _code(source, results)


def _judge_all(
    options: argparse.Namespace,
    settings: Settings,
    source: Source,
    results: Results,
    pages: Pages | None,
    baseline: Baseline | None,
) -> bool:
    """Judge what has no result yet; False where that was interrupted."""
    from validator.batch.pace import Pace
    from validator.batch.pool import default_workers
    from validator.batch.running import Run, judging
    from validator.pipeline import Validator
    from validator.terminal import ProgressLine

    with ProgressLine() as progress:
        pace = Pace(progress, skipped=results.before)
        with Validator(settings, pace.started) as validator:
            batch = Run(
                results,
                judging(validator, fix=options.fix, unsafe=options.unsafe),
                workers=options.workers or default_workers(),
                pace=pace,
                keep=_keeping(pages),
                compare=_comparing(settings, baseline),
                render=_rendering(options),
            )
            taken = _Taken(source, options.limit, alone=baseline is not None)
            try:
                batch.all(taken.records(results.index.occurrences), lambda: taken.share)
            except KeyboardInterrupt:
                return False
    return True


def _say_ids(source: Source) -> None:
    if source.repeated_ids:
        from validator.reporters.untrusted import one_line

        first = one_line(source.first_repeated, 80)
        count = source.repeated_ids
        many = "1 record has an id" if count == 1 else f"{count:,} records have ids"
        say(f"validate: {many} of one before; they are told apart as {first}#2 and so on")


class _Taken:
    """The records that are wanted, and how much of them has been read."""

    def __init__(self, source: Source, limit: int | None, *, alone: bool) -> None:
        self._source = source
        self._limit = limit
        self._alone = alone
        self._count = 0

    def records(self, occurrences: Callable[[str], int]) -> Iterator[Record | Unreadable]:
        from dataclasses import replace

        from validator.batch.records import Record

        for item in self._source.records(occurrences):
            self._count += 1
            yield replace(item, alone=self._alone) if isinstance(item, Record) else item
            if self._count == self._limit:
                return

    @property
    def share(self) -> float | None:
        read = self._source.share
        if self._limit is None:
            return read
        return max(read or 0.0, self._count / self._limit)


def _refuse_itself(options: argparse.Namespace) -> None:
    for other in (options.file, options.summary):
        there = other is not None and Path(other).exists() and options.out.exists()
        if there and options.out.samefile(other):
            raise UsageError(f"{options.out} is named for two things")


def _rendering(options: argparse.Namespace) -> Callable[[Report], dict[str, Any]] | None:
    if not options.full:
        return None
    from validator.reporters import json as reporter

    return lambda report: dict(json.loads(reporter.render(report)))


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def _pages(options: argparse.Namespace) -> Pages | None:
    if options.html is None:
        return None
    from validator import reporters
    from validator.commands.showing import Pages

    return Pages(options.html, dict(reporters.SITES)["html"], commands=False)


def _keeping(pages: Pages | None) -> Callable[[Record, Report], None]:
    def keep(record: Record, report: Report) -> None:
        if pages is not None:
            pages.write(record.key, report)

    return keep


def _comparing(
    settings: Settings, baseline: Baseline | None
) -> Callable[[Record, Report], Report] | None:
    if baseline is None:
        return None

    def compare(record: Record, report: Report) -> Report:
        fail_on = settings.for_reply(record.reply.origin).fail_on
        return baseline.compare(report, fail_on=fail_on, name=record.id)

    return compare


def _rows(results: Results, pages: Pages) -> Iterator[Row]:
    from dataclasses import replace

    for row in results.rows():
        page = pages.of(row.same_origin or row.origin)
        yield replace(row, origin=f"record {row.origin}", page=page)


# ── what it comes to ─────────────────────────────────────────────────────────────────────────────


def _tell(
    options: argparse.Namespace, results: Results, pages: Pages | None, *, interrupted: bool
) -> None:
    from validator.reporters import totals

    summary = results.tally.summary()
    print(totals.render(summary), end="", flush=True)
    if interrupted:
        say(f"validate: interrupted; --resume goes on with what {options.out} has")
    if options.summary is not None:
        told = {**totals.as_json(summary), "interrupted": interrupted}
        write(options.summary, (json.dumps(told, ensure_ascii=False, indent=2), "\n"))
    if pages is not None:
        pages.finish(_rows(results, pages), summary)
        say(f"pages: {options.html / 'index.html'}")


def _code(source: Source, results: Results) -> int:
    summary = results.tally.summary()
    if not summary.replies:
        error = next(results.errors(), "none was asked for")
        say(f"validate: no record of {source.name} holds a reply: {error}")
        return USAGE
    if summary.count(Verdict.FAILED):
        return FAILED
    # What somebody excused, in a baseline or with a reason, is no reason to stop.
    unsure = summary.count(Verdict.INCONCLUSIVE) - summary.excused + summary.unreadable
    return INCONCLUSIVE if unsure else PASSED

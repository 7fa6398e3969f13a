"""Flags to settings, one call, an exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from validator.arguments import parse
from validator.errors import Unavailable, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    from validator.events import Listener
    from validator.facts import Reply, Submission
    from validator.findings import Report, Verdict
    from validator.models import Model
    from validator.pipeline import Validator
    from validator.repair import Journal
    from validator.settings import Settings

PASSED, FAILED, USAGE, INCONCLUSIVE = 0, 1, 2, 3
INTERRUPTED = 130
_SETTINGS = (
    "sandbox", "python", "resolver", "seconds", "memory_mib",
    "select", "ignore", "fail_on", "offline",
    "pins", "cutoff", "min_age", "docker_runtime",
    "kind", "instrument", "placeholder_assets",
)  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Interrupted, it leaves at once with 130 after ending what it started: the threads of libraries
    may be anywhere, and are not waited for.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        options = parse(sys.argv[1:] if argv is None else argv)
        code = _VERBS[options.verb](options)
        sys.stdout.flush()  # here, where a reader that has gone away is still ours to handle
        return code
    except UsageError as error:
        return _say(f"validate: {error}", USAGE)
    except Unavailable as error:
        remedy = f"\n  to have it: {error.remedy}" if error.remedy else ""
        return _say(f"validate: {error}{remedy}", INCONCLUSIVE)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        _say("validate: interrupted", INTERRUPTED)
        sys.stdout.flush()
        os._exit(INTERRUPTED)
    except Exception as error:  # a fault of ours: said as such, and never the program's
        if os.environ.get("VALIDATOR_DEBUG"):
            raise
        return _say(
            f"validate: a fault of validate itself: {type(error).__name__}: {error}\n"
            "  please report it with what VALIDATOR_DEBUG=1 shows",
            INCONCLUSIVE,
        )


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code


def _settings(options: argparse.Namespace) -> Settings:
    from validator.settings import load

    return load({name: getattr(options, name, None) for name in _SETTINGS})


def _validate(options: argparse.Namespace) -> int:
    settings = _settings(options)
    replies = _opened(options)
    _refuse_to_overwrite(options)
    reports = _reports(options, settings, replies)
    _show(options, reports)
    for number, report in enumerate(reports, 1):
        _write(options, report, number if len(reports) > 1 else None)
    return _exit_code([report.verdict for report in reports])


def _opened(options: argparse.Namespace) -> tuple[Reply, ...]:
    from validator.opening import open_replies

    replies = open_replies(tuple(options.replies), parts=options.parts)
    if options.block and len(replies) > 1:
        raise UsageError("--block is about one reply; these are several")
    return replies


def _reports(
    options: argparse.Namespace, settings: Settings, replies: tuple[Reply, ...]
) -> list[Report]:
    import time

    from validator.pipeline import Validator
    from validator.terminal import ProgressLine

    with ProgressLine() as progress, Validator(settings, progress) as validator:
        reports: list[Report] = []
        for reply in replies:
            began = time.monotonic()
            submissions = _programs(options, reply)
            reading = (time.monotonic() - began) / len(submissions)
            for submission in submissions:
                if options.fix:
                    reports.append(_fixed(validator, submission, reading, unsafe=options.unsafe))
                else:
                    reports.append(
                        validator.validate_submission(submission, reading_seconds=reading)
                    )
        return reports


def _programs(options: argparse.Namespace, reply: Reply) -> tuple[Submission, ...]:
    """Return the program of a reply as it is found, or as `--block` or `--alternatives` say."""
    from validator.reading import read, read_alternatives

    return (
        read_alternatives(reply) if options.alternatives else (read(reply, blocks=options.block),)
    )


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
        color, width = _color(options.output), _width()
        texts = [reporters.text.render(report, color=color, width=width) for report in reports]
    else:
        texts = [dict(reporters.RENDERERS)[options.format](report) for report in reports]
    if options.format == "json" and len(reports) > 1:
        # One reply is one object; several are one object a line, so that each can be read alone.
        texts = [json.dumps(json.loads(text), ensure_ascii=False) + "\n" for text in texts]
        return "".join(texts)
    return "\n".join(texts)


def _color(output: Path | None) -> bool:
    """Colour only on a terminal, and not where https://no-color.org says no."""
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 120)


def _exit_code(verdicts: list[Verdict]) -> int:
    from validator.findings import Verdict

    if Verdict.FAILED in verdicts:
        return FAILED
    return INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else PASSED


def _refuse_to_overwrite(options: argparse.Namespace) -> None:
    """Say before the work, not after it, that its result would have nowhere to go."""
    folder = options.write
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    if folder.is_dir() and not options.force and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty (--force writes into it)")


def _write(options: argparse.Namespace, report: Report, number: int | None) -> None:
    from validator.writing import write

    if options.write is None:
        return
    folder = options.write if number is None else options.write / f"reply-{number}"
    write(folder, report.submission, report.resolution, report.run, force=options.force)


def _extract(options: argparse.Namespace) -> int:
    from validator.writing import write

    if options.write is None:
        raise UsageError("extract needs --write DIR")
    replies = _opened(options)
    submissions = [each for reply in replies for each in _programs(options, reply)]
    found = True
    for number, submission in enumerate(submissions, 1):
        if not submission.files:
            found = False
            _say(f"validate: there is no code in {submission.reply.origin}", FAILED)
            continue
        folder = options.write / f"reply-{number}" if len(submissions) > 1 else options.write
        for path in write(folder, submission, force=options.force):
            print(path)
    return PASSED if found else FAILED


def _repair(options: argparse.Namespace) -> int:
    from validator import reporters
    from validator.opening import open_replies
    from validator.pipeline import Validator
    from validator.repair import Budget, holds_code, repair
    from validator.repair.judging import mending
    from validator.repair.wording import Writer
    from validator.terminal import ProgressLine
    from validator.writing import write

    settings = _settings(options)
    (reply,) = open_replies(tuple(options.replies), parts=len(options.replies) > 1)
    _refuse_to_overwrite(options)
    is_prompt = options.prompt or not holds_code(reply)
    if is_prompt and not options.prompt:
        _say(f"{reply.origin} holds no code: it is taken for a prompt", 0)
    writer = Writer(reporters.prompt.template(_text(options.template)))
    request = _text(options.request)
    with ProgressLine() as progress:
        model, journal = _model(options, reply, progress)
        with Validator(settings, progress) as validator:
            story = repair(
                reply,
                model=model,
                validate=mending(validator),
                request=request,
                is_prompt=is_prompt,
                budget=Budget(options.rounds, options.tokens, options.in_all, options.reply_tokens),
                writer=writer,
                journal=journal,
            )
    best = story.best.report
    # Commands to go on with would name a reply that is in no file of the user's.
    text = reporters.text.render(best, color=_color(None), width=_width(), commands=False)
    print(text, end="", flush=True)
    asked = len(story.rounds) - 1
    _say(f"asked for {asked} correction{'' if asked == 1 else 's'}: {story.stopped_because}", 0)
    if options.run_dir is not None:
        _say(f"the whole story: {options.run_dir / 'story.md'}", 0)
    if options.write is not None:
        write(options.write, best.submission, best.resolution, best.run, force=options.force)
    if story.failure is not None:
        raise story.failure
    return _exit_code([best.verdict])


def _model(options: argparse.Namespace, reply: Reply, listener: Listener) -> tuple[Model, Journal]:
    """Return the model that `--model` names, and where the run is kept."""
    from pathlib import Path

    from validator.models.continuing import takes_up
    from validator.models.probing import connect
    from validator.models.wire import Server
    from validator.repair import Journal, recorded

    model: Model
    folder, answers = options.run_dir, options.run_dir
    if options.model.startswith("replay:"):
        answers = Path(options.model.removeprefix("replay:"))
        replayed = recorded(answers)
        model, context, words = replayed, replayed.context_tokens, replayed.words
    else:
        name, _, url = options.model.rpartition("@")
        key = os.environ.get(options.api_key_env or "", "")
        if options.api_key_env and not key:
            raise UsageError(f"--api-key-env: {options.api_key_env} is not set")
        found = connect(Server(url, name, key, listener=listener), options.context)
        model, context, words = found.model, found.endpoint.context_tokens, found.words
        _say(f"asking {words}", 0)
    keep = None if folder is None else lambda report: _keep(folder / "best", report)
    journal = Journal(folder, answers=answers, keep=keep)
    journal.begin(reply, words, context, continues=takes_up(model))
    return model, journal


def _keep(folder: Path, report: Report) -> None:
    """Put the best program so far in place of the one before it."""
    import shutil

    from validator.writing import write

    new = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    write(new, report.submission, report.resolution, report.run)
    shutil.rmtree(folder, ignore_errors=True)
    new.replace(folder)


def _text(path: Path | None) -> str | None:
    """Return the text of a file the user named beside the reply; None where none was named."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None


def _explain(options: argparse.Namespace) -> int:
    from validator import rules

    page = rules.explain(options.code)
    if page is None:
        raise UsageError(f"there is no rule {options.code!r}; see: validate rules")
    print(page)
    return PASSED


def _rules(options: argparse.Namespace) -> int:
    from validator import rules

    rows = rules.catalogue()
    own = [row for row in rows if row[0].startswith("RV")]
    # A table each: the linters' long names would push our summaries off the screen.
    for table in (own, [row for row in rows if row not in own]):
        codes, names = (max(len(row[column]) for row in table) for column in range(2))
        for code, name, severity, summary in table:
            print(f"{code:<{codes}}  {name:<{names}}  {severity:<7}  {summary}")
    return PASSED


def _doctor(options: argparse.Namespace) -> int:
    from validator.doctor import examine
    from validator.terminal import ProgressLine

    settings = _settings(options)
    with ProgressLine() as progress:
        examination = examine(settings, progress)
    for check in examination.checks:
        print(f"{'ok     ' if check.works else 'missing'}  {check.name:<12} {check.found}")
        if check.remedy:
            print(f"{'':21}{check.remedy}")
    return PASSED if examination.enough else INCONCLUSIVE


def _cache(options: argparse.Namespace) -> int:
    from validator import storage

    settings = _settings(options)
    print(storage.info(settings) if options.action == "info" else storage.clear(settings))
    return PASSED


_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "validate": _validate,
    "extract": _extract,
    "repair": _repair,
    "explain": _explain,
    "rules": _rules,
    "doctor": _doctor,
    "cache": _cache,
}

"""`validate repair`: ask a model until the program works."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from validator.commands import flags, outcome
from validator.commands.outcome import say
from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from validator.events import Listener
    from validator.facts import Reply
    from validator.findings import Report
    from validator.models import Model
    from validator.repair import Journal

_EPILOG = """\
a server is one of llama.cpp, llama-cpp-python, vLLM, LM Studio, Ollama, or speaks OpenAI's chat or
completions or Anthropic's messages: http://localhost:8080, qwen3@http://localhost:11434,
http://localhost:8080/completion (an endpoint is taken at its word)
"""


def parser() -> flags.Parser:
    """Return the flags of `repair`."""
    found = flags.new_parser(
        "repair",
        "Ask a model to mend a reply until it passes, or for a program in the first place.\n"
        "What needs no model is mended without one.",
        _EPILOG,
    )
    found.add_argument(
        "replies",
        nargs="+",
        metavar="REPLY|PROMPT",
        help="a reply, its parts turn after turn, or a prompt; - for stdin",
    )
    found.add_argument(
        "--prompt",
        action="store_true",
        help="it is a prompt although it holds code; without code it is one anyway",
    )
    flags.add_block(found)
    found.add_argument(
        "--request", type=Path, metavar="FILE", help="what the reply was the answer to"
    )
    _add_model(found)
    _add_budget(found)
    found.add_argument("--write", type=Path, metavar="DIR", help="write the best program to DIR")
    found.add_argument("--force", action="store_true", help="let --write replace existing files")
    found.add_argument(
        "--run-dir",
        type=Path,
        metavar="DIR",
        help="keep every round there as it happens, and go on with what is there",
    )
    flags.add_driving(found)
    flags.add_machine(found, seconds="--run-seconds")
    # A model must not excuse its own faults, whatever holds for pages that people wrote.
    found.set_defaults(suppressions=False)
    return found


def _add_model(parser: flags.Parser) -> None:
    model = parser.add_argument_group("model")
    model.add_argument(
        "--model",
        required=True,
        metavar="[NAME@]URL",
        help="the model's server, whose dialect is found out; or replay:DIR, a --run-dir",
    )
    model.add_argument("--api-key-env", metavar="VAR", help="the variable that holds the key")
    model.add_argument(
        "--context", type=flags.above_0, metavar="TOKENS", help="the model's; default: as it tells"
    )
    model.add_argument(
        "--reply-tokens",
        type=flags.above_0,
        default=4096,
        metavar="N",
        help="the bound sent with each request (4096)",
    )
    model.add_argument("--template", type=Path, metavar="FILE", help="other words for the message")


def _add_budget(parser: flags.Parser) -> None:
    budget = parser.add_argument_group("budget of the whole repair")
    budget.add_argument(
        "--rounds",
        type=flags.not_below_0,
        default=4,
        metavar="N",
        help="corrections asked for (4)",
    )
    budget.add_argument(
        "--tokens",
        type=flags.above_0,
        default=65_536,
        metavar="N",
        help="the model may write (65536)",
    )
    budget.add_argument(
        "--seconds",
        dest="in_all",
        type=flags.above_0,
        default=3600,
        metavar="N",
        help="it may take (3600)",
    )


def run(options: argparse.Namespace) -> int:
    """Repair the reply, show the best program there was, and return its exit code."""
    from validator import reporters
    from validator.opening import open_replies
    from validator.pipeline import Validator
    from validator.reading import read
    from validator.repair import Budget, holds_code, is_another_program, repair
    from validator.repair.judging import mending
    from validator.repair.wording import Writer
    from validator.terminal import ProgressLine
    from validator.writing import write

    settings = flags.settings(options)
    (reply,) = open_replies(tuple(options.replies), parts=len(options.replies) > 1)
    outcome.refuse_to_overwrite(options)
    is_prompt = options.prompt or (not options.block and not holds_code(reply))
    if options.block:
        if options.prompt:
            raise UsageError("--block is about a reply, and --prompt says that it is none")
        read(reply, blocks=options.block)
    if is_prompt and not options.prompt:
        say(f"{reply.origin} holds no code: it is taken for a prompt")
    writer = Writer(reporters.prompt.template(_text(options.template)))
    request = _text(options.request)
    with ProgressLine() as progress:
        model, journal = _model(options, reply, progress)
        with Validator(settings, progress) as validator:
            story = repair(
                reply,
                model=model,
                validate=mending(validator, reply, blocks=options.block),
                request=request,
                is_prompt=is_prompt,
                budget=Budget(options.rounds, options.tokens, options.in_all, options.reply_tokens),
                writer=writer,
                journal=journal,
            )
    best = story.best.report
    # Commands to go on with would name a reply that is in no file of the user's.
    text = reporters.text.render(
        best, color=outcome.color(None), width=outcome.width(), commands=False
    )
    print(text, end="", flush=True)
    asked = len(story.rounds) - 1
    say(f"asked for {asked} correction{'' if asked == 1 else 's'}: {story.stopped_because}")
    if is_another_program(story):
        say("it is another program: nothing of the one it began with is left in it")
    if options.run_dir is not None:
        say(f"the whole story: {options.run_dir / 'story.md'}")
    if options.write is not None:
        write(options.write, best.submission, best.resolution, best.run, force=options.force)
    if story.failure is not None:
        raise story.failure
    return outcome.exit_code([best.verdict])


def _model(options: argparse.Namespace, reply: Reply, listener: Listener) -> tuple[Model, Journal]:
    """Return the model that `--model` names, and where the run is kept."""
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
        say(f"asking {words}")
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

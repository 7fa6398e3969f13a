"""The command line: its verbs, their flags, and their help."""

from __future__ import annotations

import argparse
from pathlib import Path

from validator import __version__
from validator.settings import FAIL_ON, KINDS, PINS, RESOLVERS, SANDBOXES

VERBS = ("extract", "repair", "explain", "rules", "doctor", "cache")
FORMATS = ("text", "json", "github", "prompt")

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

_REPAIR_EPILOG = """\
a server is one of llama.cpp, llama-cpp-python, vLLM, LM Studio, Ollama, or speaks OpenAI's chat or
completions or Anthropic's messages: http://localhost:8080, qwen3@http://localhost:11434,
http://localhost:8080/completion (an endpoint is taken at its word)
"""


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the arguments, with the verb in `verb`; exits with 2 and one line where they are off.

    Without a verb the arguments are replies to validate. A file that is named like a verb is
    reached as `./rules`.
    """
    if argv and argv[0] in VERBS:
        verb, rest = argv[0], argv[1:]
        return _PARSERS[verb]().parse_args(rest, argparse.Namespace(verb=verb))
    parser = _validate()
    options = parser.parse_args(argv, argparse.Namespace(verb="validate"))
    if options.unsafe and not options.fix:
        parser.error("--unsafe goes with --fix")
    return options


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and a pointer to the help."""

    def error(self, message: str) -> None:  # type: ignore[override]  # it does not return either
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(verb: str, description: str, epilog: str = "") -> _Parser:
    return _Parser(
        prog=f"validate {verb}".strip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _validate() -> _Parser:
    parser = _parser(
        "",
        "Find the program in a language model's reply, lint it, resolve what it needs, run it in\n"
        "a jail without a screen or a network, and say what is wrong.",
        _EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"reply-validator {__version__}")
    _add_replies(parser)
    _add_judging(parser)
    _add_driving(parser)
    _add_machine(parser)
    return parser


def _add_replies(parser: _Parser) -> None:
    parser.add_argument(
        "replies", nargs="+", metavar="REPLY", help="a file with a model's reply, or - for stdin"
    )
    parser.add_argument(
        "--parts",
        action="store_true",
        help="the files are one conversation's replies, turn after turn",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--block",
        type=_numbers,
        default=(),
        metavar="N[,N]",
        help="the program is the N-th block of the reply, as the report counts them",
    )
    which.add_argument(
        "--alternatives",
        action="store_true",
        help="take each way the reply tells the program as a program of its own (at most 20)",
    )
    parser.add_argument(
        "--write",
        type=Path,
        metavar="DIR",
        help="write the program, its pinned requirements.txt and its screenshots to DIR",
    )
    parser.add_argument("--force", action="store_true", help="let --write replace existing files")


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(each) for each in text.split(","))
    if min(numbers) < 1:
        raise ValueError
    return numbers


_numbers.__name__ = "number"  # argparse says "invalid number value"


def _add_judging(parser: _Parser) -> None:
    judging = parser.add_argument_group("judging and reporting")
    judging.add_argument("--fix", action="store_true", help="make the safe fixes, then judge")
    judging.add_argument(
        "--unsafe",
        action="store_true",
        help="with --fix: make those too that may change what a correct program does",
    )
    judging.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    judging.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE")
    judging.add_argument("--select", metavar="CODES", help="report only these, e.g. RV2,RV401")
    judging.add_argument("--ignore", metavar="CODES", help="set these aside")
    judging.add_argument("--fail-on", choices=FAIL_ON, help="default: error")


def _add_driving(parser: _Parser) -> None:
    driving = parser.add_argument_group("driving the program")
    driving.add_argument("--kind", choices=KINDS, help="take the program for one of that kind")
    driving.add_argument(
        "--no-instrument",
        dest="instrument",
        action="store_false",
        default=None,
        help="run the program bare: not watched from within, not answered, not driven",
    )
    driving.add_argument(
        "--placeholder-assets",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="put generated files in the place of missing images, sounds and data (yes)",
    )


def _add_machine(parser: _Parser, *, seconds: str = "--seconds") -> None:
    machine = parser.add_argument_group("packages and sandbox")
    machine.add_argument("--sandbox", choices=SANDBOXES, help="default: auto")
    machine.add_argument(
        "--runtime",
        dest="docker_runtime",
        metavar="NAME",
        help="the Docker runtime to use, such as runsc; default: the engine's",
    )
    machine.add_argument("--python", metavar="X.Y", help="the Python to run on")
    machine.add_argument("--resolver", choices=RESOLVERS, help="default: uv")
    machine.add_argument(
        "--pins", choices=PINS, help="what becomes of a pin that cannot install (nearest)"
    )
    machine.add_argument(
        "--cutoff", metavar="DATE", help="take no package uploaded after that day, YYYY-MM-DD"
    )
    machine.add_argument(
        "--min-age", metavar="DAYS", help="take no package uploaded in the last DAYS days"
    )
    machine.add_argument(
        seconds, dest="seconds", metavar="N", help="how long a program may run (10)"
    )
    machine.add_argument("--memory-mib", metavar="N", help="how much memory it may use (1024)")
    machine.add_argument(
        "--offline", action="store_true", default=None, help="ask no package index"
    )


def _extract() -> _Parser:
    parser = _parser("extract", "Write the program found in a reply and its requirements.")
    _add_replies(parser)
    return parser


def _repair() -> _Parser:
    parser = _parser(
        "repair",
        "Ask a model to mend a reply until it passes, or for a program in the first place.\n"
        "What needs no model is mended without one.",
        _REPAIR_EPILOG,
    )
    parser.add_argument(
        "replies",
        nargs="+",
        metavar="REPLY|PROMPT",
        help="a reply, its parts turn after turn, or a prompt; - for stdin",
    )
    parser.add_argument(
        "--prompt",
        action="store_true",
        help="it is a prompt although it holds code; without code it is one anyway",
    )
    parser.add_argument(
        "--request", type=Path, metavar="FILE", help="what the reply was the answer to"
    )
    _add_model(parser)
    _add_budget(parser)
    parser.add_argument("--write", type=Path, metavar="DIR", help="write the best program to DIR")
    parser.add_argument("--force", action="store_true", help="let --write replace existing files")
    parser.add_argument(
        "--run-dir",
        type=Path,
        metavar="DIR",
        help="keep every round there as it happens, and go on with what is there",
    )
    _add_driving(parser)
    _add_machine(parser, seconds="--run-seconds")
    return parser


def _add_model(parser: _Parser) -> None:
    model = parser.add_argument_group("model")
    model.add_argument(
        "--model",
        required=True,
        metavar="[NAME@]URL",
        help="the model's server, whose dialect is found out; or replay:DIR, a --run-dir",
    )
    model.add_argument("--api-key-env", metavar="VAR", help="the variable that holds the key")
    model.add_argument(
        "--context", type=_above_0, metavar="TOKENS", help="the model's; default: as it tells"
    )
    model.add_argument(
        "--reply-tokens",
        type=_above_0,
        default=4096,
        metavar="N",
        help="the bound sent with each request (4096)",
    )
    model.add_argument("--template", type=Path, metavar="FILE", help="other words for the message")


def _add_budget(parser: _Parser) -> None:
    budget = parser.add_argument_group("budget of the whole repair")
    budget.add_argument(
        "--rounds",
        type=_not_below_0,
        default=4,
        metavar="N",
        help="corrections asked for (4)",
    )
    budget.add_argument(
        "--tokens", type=_above_0, default=65_536, metavar="N", help="the model may write (65536)"
    )
    budget.add_argument(
        "--seconds",
        dest="in_all",
        type=_above_0,
        default=3600,
        metavar="N",
        help="it may take (3600)",
    )


def _not_below_0(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must not be below 0, as {text} is")
    return number


def _above_0(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return number


def _explain() -> _Parser:
    parser = _parser("explain", "Say what a finding means, why it matters and what to do.")
    parser.add_argument("code", metavar="CODE", help="a code or a name: RV202, broken-main-guard")
    return parser


def _rules() -> _Parser:
    return _parser("rules", "List every code, its severity and what it says.")


def _doctor() -> _Parser:
    parser = _parser("doctor", "Try everything this machine needs, and say how to get the rest.")
    _add_machine(parser)
    return parser


def _cache() -> _Parser:
    parser = _parser("cache", "Show or empty what is kept between runs.")
    parser.add_argument("action", choices=("info", "clear"))
    return parser


_PARSERS = {
    "extract": _extract,
    "repair": _repair,
    "explain": _explain,
    "rules": _rules,
    "doctor": _doctor,
    "cache": _cache,
}

"""Flags that several verbs have, and the settings they come to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from validator.settings import FAIL_ON, KINDS, PINS, RESOLVERS, SANDBOXES

if TYPE_CHECKING:
    from validator.settings import Settings

FORMATS = ("text", "json", "github", "prompt", "html", "sarif", "junit", "gitlab", "markdown")
"""What `--format` knows: the names of the reporters, which take longer to import than to name."""
_SETTINGS = (
    "sandbox", "python", "resolver", "seconds", "memory_mib",
    "select", "ignore", "fail_on", "suppressions", "offline",
    "pins", "build_sdists", "cutoff", "min_age", "docker_runtime",
    "kind", "instrument", "placeholder_assets",
)  # fmt: skip


def settings(options: argparse.Namespace) -> Settings:
    """Return the settings that the flags, the environment and `pyproject.toml` come to.

    Raises:
        UsageError: for a value that means nothing here.
    """
    from validator.settings import load

    return load({name: getattr(options, name, None) for name in _SETTINGS})


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and a pointer to the help."""

    def error(self, message: str) -> None:  # type: ignore[override]  # it does not return either
        """Say what is wrong and leave."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def new_parser(verb: str, description: str, epilog: str = "") -> Parser:
    """Return the parser of a verb, without its flags."""
    return Parser(
        prog=f"validate {verb}".strip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_replies(parser: Parser, *, docs: bool = False) -> None:
    """Add the replies, which program of theirs is meant, and where it goes."""
    parser.add_argument(
        "replies",
        nargs="+",
        metavar="REPLY",
        help="a file with a model's reply, a folder of them, a pattern ('**/*.md'), or - for stdin",
    )
    parser.add_argument(
        "--parts",
        action="store_true",
        help="the files are one conversation's replies, turn after turn",
    )
    which = parser.add_mutually_exclusive_group()
    add_block(which)
    which.add_argument(
        "--alternatives",
        action="store_true",
        help="take each way the reply tells the program as a program of its own (at most 20)",
    )
    if docs:
        which.add_argument(
            "--docs",
            action="store_true",
            help="the files are documentation: every block of Python is judged, after those above"
            " that it goes on from",
        )
    parser.add_argument(
        "--write",
        type=Path,
        metavar="DIR",
        help="write the program, its pinned requirements.txt and its screenshots to DIR",
    )
    parser.add_argument("--force", action="store_true", help="let --write replace existing files")


def add_changed(parser: Parser) -> None:
    """Add which of the replies are judged."""
    parser.add_argument(
        "--changed-since",
        metavar="REV",
        help="only files that git says differ from that revision, or are new",
    )


def add_block(parser: argparse._ActionsContainer) -> None:
    """Add which blocks of the reply make its program."""
    parser.add_argument(
        "--block",
        type=_numbers,
        default=(),
        metavar="N[,N]",
        help="the program is the N-th block of the reply, as the report counts them",
    )


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(each) for each in text.split(","))
    if min(numbers) < 1:
        raise ValueError
    return numbers


_numbers.__name__ = "number"  # argparse says "invalid number value"


def add_judging(parser: Parser) -> None:
    """Add what is mended, how it is judged and how that is shown."""
    judging = parser.add_argument_group("judging and reporting")
    add_fixing(judging)
    judging.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    judging.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE")
    judging.add_argument(
        "--also",
        type=_report,
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help="write a report of another format beside it, from the same run (repeatable)",
    )
    add_weighing(judging)
    add_baseline(judging)


def add_fixing(parser: argparse._ActionsContainer) -> None:
    """Add whether what is found is mended first."""
    parser.add_argument("--fix", action="store_true", help="make the safe fixes, then judge")
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="with --fix: make those too that may change what a correct program does",
    )


def add_baseline(parser: argparse._ActionsContainer) -> None:
    """Add what is known already."""
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="what FILE knows already fails nothing"
    )
    parser.add_argument(
        "--update-baseline",
        action="store_true",
        help="write what was found to that FILE, and take out what is gone",
    )


def _report(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if name not in FORMATS or not path:
        known = ", ".join(FORMATS)
        raise argparse.ArgumentTypeError(f"{text!r} is not FORMAT=FILE with one of {known}")
    return name, Path(path)


def add_weighing(parser: argparse._ActionsContainer) -> None:
    """Add which findings count, and from which severity on."""
    parser.add_argument("--select", metavar="CODES", help="report only these, e.g. RV2,RV401")
    parser.add_argument("--ignore", metavar="CODES", help="set these aside")
    parser.add_argument("--fail-on", choices=FAIL_ON, help="default: error")
    parser.add_argument(
        "--allow-suppressions",
        dest="suppressions",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="honour comments that set findings aside; not for replies nobody has read (no)",
    )


def add_driving(parser: Parser) -> None:
    """Add how the program is run."""
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


def add_machine(parser: Parser, *, seconds: str = "--seconds") -> None:
    """Add what it runs on, and with which packages."""
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
        "--build-sdists",
        action="store_true",
        default=None,
        help="build what exists only as source, in the sandbox and without a network",
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


def add_workers(parser: Parser) -> None:
    """Add how many replies are judged at once."""
    parser.add_argument(
        "--workers",
        type=above_0,
        metavar="N",
        help="how many replies to judge at once (two a processor)",
    )


def not_below_0(text: str) -> int:
    """Return a whole number of 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must not be below 0, as {text} is")
    return number


def above_0(text: str) -> int:
    """Return a whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return number

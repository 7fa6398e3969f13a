"""One command: its exit code, and one clear line for whatever cannot be done."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from validator.arguments import command, parse
from validator.commands.outcome import FAILED, INCONCLUSIVE, INTERRUPTED, USAGE
from validator.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from types import FrameType


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Interrupted, it leaves at once with 130 after ending what it started: the threads of libraries
    may be anywhere, and are not waited for.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        options = parse(sys.argv[1:] if argv is None else argv)
        code = command(options.verb).run(options)
        sys.stdout.flush()  # here, where a reader that has gone away is still ours to handle
        if code == INTERRUPTED:
            _leave()
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
        _leave()
    except Exception as error:  # a fault of ours: said as such, and never the program's
        if os.environ.get("VALIDATOR_DEBUG"):
            raise
        return _say(
            f"validate: a fault of validate itself: {type(error).__name__}: {error}\n"
            "  please report it with what VALIDATOR_DEBUG=1 shows",
            INCONCLUSIVE,
        )


def _leave() -> NoReturn:
    from validator.packages.locking import end_all

    end_all()
    os._exit(INTERRUPTED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code

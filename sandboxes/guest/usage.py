"""Run the example of its use that a reply shows beside a library, after the library itself."""

from __future__ import annotations

import os
import sys
import traceback

FILE = "usage_example.py"


def around(execute: object, namespace: dict, job: dict, channel: object) -> object:
    """Return `execute` followed by the example, in the names the library defined."""
    work = job["paths"]["work"]
    path = os.path.join(work, FILE)

    def used() -> None:
        execute()
        # An example may import the program by the name the reply gives it, or by `__main__`'s own.
        stem = job["entry_point"].removesuffix(".py").replace("/", ".")
        sys.modules.setdefault(stem, sys.modules["__main__"])
        try:
            with open(path, "rb") as file:
                code = compile(file.read(), path, "exec", dont_inherit=True)
            exec(code, {**namespace, "__file__": path})
        except SystemExit:
            channel.tell("observed", kind="usage", outcome="ran")
            raise
        except Exception as error:
            tell_failure(error, work, channel)
        else:
            channel.tell("observed", kind="usage", outcome="ran")

    return used


def tell_failure(error: Exception, work: str, channel: object) -> None:
    """Tell that the example raised, and where in the program's own files it did."""
    traceback.print_exception(type(error), error, error.__traceback__.tb_next)
    place = (None, None)
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name.startswith(work + "/"):
            place = (name[len(work) + 1 :], line)
    channel.tell(
        "observed", kind="usage", outcome="raised", type=type(error).__name__,
        message=str(error)[:300], path=place[0], line=place[1],
    )  # fmt: skip

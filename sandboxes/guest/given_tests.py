"""Run the tests somebody has for the program, after it and in its own names, as they expect."""

from __future__ import annotations

import os
import traceback

FILE = "given_tests.py"


def around(execute: object, namespace: dict, job: dict, channel: object) -> object:
    """Return `execute` followed by the tests, which also follow a program that leaves early."""
    from . import cases as framework  # loaded before the program, which may have a module like it

    work = job["paths"]["work"]

    def tested() -> None:
        cases = framework.Cases(work, channel)
        cases.listen()
        leaving = None
        try:
            execute()
        except SystemExit as leave:
            leaving = leave
        told = cases.told
        _exec(os.path.join(work, FILE), namespace, cases)
        if cases.told == told:
            framework.run(namespace, job, cases)
        if cases.told == told:
            cases.tell(FILE, "passed")
        if leaving is not None:
            raise leaving

    return tested


def _exec(path: str, namespace: dict, cases: object) -> None:
    told = cases.told
    with open(path, "rb") as file:
        text = file.read()
    try:
        exec(compile(text, path, "exec", dont_inherit=True), namespace)
    except SystemExit:
        # unittest leaves when it is through, well or not; each of its cases has been told.
        if cases.told == told:
            cases.tell(FILE, "error", "it left before it was through")
    except Exception as error:
        traceback.print_exception(type(error), error, error.__traceback__.tb_next)
        outcome = "failed" if isinstance(error, AssertionError) else "error"
        cases.tell(FILE, outcome, _words(error, path, text), _place(error, path, cases.work))


def _words(error: Exception, path: str, text: bytes) -> str:
    """Return what went wrong, and the line of the tests; that line alone for a bare assertion."""
    lines = text.decode("utf-8", "replace").splitlines()
    numbers = [
        number
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == path
    ]
    line = lines[numbers[-1] - 1].strip() if numbers and numbers[-1] <= len(lines) else ""
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    if line and said == "AssertionError":
        return line
    return f"{said}, in {line}" if line else said


def _place(error: Exception, path: str, work: str) -> tuple:
    """Return file and line of the program itself that the error came from, if it did."""
    found = (None, None)
    for frame, number in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name.startswith(work) and name != path:
            found = (name, number)
    return found

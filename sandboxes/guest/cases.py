"""Run the tests a program holds and tell how each went: unittest, pytest, doctest, plain functions.

Tests the program runs itself are only listened to. Where it runs none, they are run as their
framework would: by pytest where it is installed, and else one after the other.
"""

from __future__ import annotations

import os
import sys
import time
import traceback

MAX_MESSAGE = 500


def around(execute: object, namespace: dict, job: dict, channel: object) -> object:
    """Return `execute` followed by the tests it defined and did not run."""
    cases = Cases(job["paths"]["work"], channel)

    def tested() -> None:
        cases.listen()
        execute()
        if not cases.told:
            run(namespace, job, cases)

    return tested


class Cases:
    """What is known of each case; tells of it as soon as it has ended."""

    def __init__(self, work: str, channel: object) -> None:
        """Tell `channel`; places are given relative to `work`."""
        self.work = os.path.join(work, "")
        self.channel = channel
        self.told = 0
        self.failed = 0

    def tell(self, name: str, outcome: str, message: str = "", place: tuple = (None, None)) -> None:
        """Tell how one case went: `passed`, `failed`, `error` or `skipped`."""
        self.told += 1
        self.failed += outcome in ("failed", "error")
        path, line = place
        if path is not None and path.startswith(self.work):
            path = path[len(self.work) :]
        self.channel.tell(
            "observed", kind="case", name=name[:200], outcome=outcome,
            message=message.strip()[:MAX_MESSAGE], path=path, line=line,
        )  # fmt: skip

    def tell_error(self, name: str, outcome: str, error: BaseException) -> None:
        """Tell of a case that an exception ended."""
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        self.tell(name, outcome, message, self.place(error.__traceback__))

    def place(self, trace: object) -> tuple:
        """Return file and line of the program's own innermost frame in a traceback."""
        found = (None, None)
        for frame, line in traceback.walk_tb(trace):
            if frame.f_code.co_filename.startswith(self.work):
                found = (frame.f_code.co_filename, line)
        return found

    def listen(self) -> None:
        """Hear of every case unittest and doctest run, whoever has them run."""
        _Unittest(self).install()
        _Doctest(self).install()


class _Unittest:
    """Listen to unittest's results."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases

    def install(self) -> None:
        """Wrap what a result is told, calling on what was there."""
        if "unittest" not in _mentioned(self.cases.work):
            return
        import unittest

        result = unittest.TestResult
        self._wrap(result, "addSuccess", lambda case: self.cases.tell(case.id(), "passed"))
        for method, outcome in (("addFailure", "failed"), ("addError", "error")):
            self._wrap(result, method, self._failed(outcome))
        self._wrap(result, "addSubTest", self._sub_test)
        self._wrap(
            result, "addSkip", lambda case, why: self.cases.tell(case.id(), "skipped", str(why))
        )

    def _failed(self, outcome: str) -> object:
        return lambda case, error: self.cases.tell_error(case.id(), outcome, error[1])

    def _sub_test(self, case: object, part: object, error: object) -> None:
        if error is not None:
            outcome = "failed" if issubclass(error[0], case.failureException) else "error"
            self.cases.tell_error(part.id(), outcome, error[1])

    def _wrap(self, result: type, name: str, hear: object) -> None:
        original = getattr(result, name)

        def heard(self: object, *args: object, **kwargs: object) -> object:
            hear(*args, **kwargs)
            return original(self, *args, **kwargs)

        heard.__name__ = heard.__qualname__ = name
        setattr(result, name, heard)


class _Doctest:
    """Listen to doctest's runner."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases

    def install(self) -> None:
        """Wrap what the runner reports, calling on what was there."""
        if "doctest" not in _mentioned(self.cases.work):
            return
        import doctest

        runner, tell = doctest.DocTestRunner, self.cases.tell
        for name, outcome in (
            ("report_success", "passed"),
            ("report_failure", "failed"),
            ("report_unexpected_exception", "error"),
        ):
            self._wrap(runner, name, outcome, tell)

    def _wrap(self, runner: type, name: str, outcome: str, tell: object) -> None:
        original = getattr(runner, name)

        def heard(self: object, out: object, test: object, example: object, got: object) -> object:
            line = (test.lineno or 0) + example.lineno + 1
            said = "" if outcome == "passed" else _wanted(example, got)
            tell(f"{test.name}: {example.source.strip()}", outcome, said, (test.filename, line))
            return original(self, out, test, example, got)

        setattr(runner, name, heard)


def _wanted(example: object, got: object) -> str:
    if isinstance(got, tuple):
        got = f"{got[0].__name__}: {got[1]}"
    return f"expected {example.want.strip()!r}, got {str(got).strip()!r}"


def _mentioned(work: str) -> str:
    """Return all of the program's own text, to see which frameworks it speaks of."""
    texts = []
    for folder, _, names in os.walk(work):
        for name in names:
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    texts.append(file.read())
    return "\n".join(texts)


# ── tests that nobody runs ───────────────────────────────────────────────────────────────────────


def run(namespace: dict, job: dict, cases: Cases) -> None:
    """Run the tests a module defines; exits with 1 where one fails, as each framework does."""
    module = sys.modules["__main__"]
    if _has_test_cases(namespace):
        import unittest

        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
        unittest.TextTestRunner(verbosity=1).run(suite)
    if _pytest_wanted(namespace):
        _run_pytest(job, cases)
    else:
        for name, function in _plain_tests(namespace):
            _run_plain(name, function, cases)
    if cases.failed:
        sys.exit(1)


def _has_test_cases(namespace: dict) -> bool:
    unittest = sys.modules.get("unittest")
    return unittest is not None and any(
        isinstance(each, type) and issubclass(each, unittest.TestCase)
        for each in namespace.values()
    )


def _pytest_wanted(namespace: dict) -> bool:
    import importlib.util

    if "_pytest" not in sys.modules and importlib.util.find_spec("pytest") is None:
        return False
    return any(True for _ in _plain_tests(namespace))


def _run_pytest(job: dict, cases: Cases) -> None:
    import pytest

    path = os.path.join(job["paths"]["work"], job["entry_point"])
    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", job["paths"]["work"], path],
                plugins=[_Plugin(cases)])  # fmt: skip


class _Plugin:
    """Listen to pytest."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases

    def pytest_runtest_logreport(self, report: object) -> None:
        """Tell of a case when its call, or what stood in its way, has ended."""
        if report.when != "call" and report.outcome == "passed":
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        message = crash.message if crash else ""
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            message = str(report.longrepr[2])
        place = (crash.path, crash.lineno) if crash else (None, None)
        outcome = "error" if report.failed and report.when != "call" else report.outcome
        self.cases.tell(report.nodeid.partition("::")[2] or report.nodeid, outcome, message, place)

    def pytest_collectreport(self, report: object) -> None:
        """Tell of a file whose tests could not be collected."""
        if report.failed:
            self.cases.tell(report.nodeid or "collection", "error", str(report.longrepr))


def _plain_tests(namespace: dict) -> object:
    unittest = sys.modules.get("unittest")
    for name, value in list(namespace.items()):
        if name.startswith("test") and callable(value) and not isinstance(value, type):
            yield name, value
        elif name.startswith("Test") and isinstance(value, type):
            if unittest is not None and issubclass(value, unittest.TestCase):
                continue
            for method in [each for each in vars(value) if each.startswith("test")]:
                yield f"{name}::{method}", _bound(value, method)


def _bound(owner: type, method: str) -> object:
    def call() -> None:
        made = owner()
        getattr(made, "setup_method", lambda *_: None)(None)
        getattr(made, method)()

    call.wants = getattr(owner, method).__code__.co_argcount - 1
    return call


def _run_plain(name: str, function: object, cases: Cases) -> None:
    code = getattr(function, "__code__", None)
    wants = getattr(function, "wants", (code.co_argcount if code else 0) - len(
        getattr(function, "__defaults__", None) or ()))  # fmt: skip
    if wants > 0:
        cases.tell(name, "skipped", "it takes fixtures, which need pytest")
        return
    began = time.monotonic()
    try:
        result = function()
        if hasattr(result, "__await__"):
            import asyncio

            asyncio.run(result)
    except AssertionError as error:
        cases.tell_error(name, "failed", error)
        traceback.print_exc()
    except Exception as error:
        cases.tell_error(name, "error", error)
        traceback.print_exc()
    else:
        cases.tell(name, "passed", f"{time.monotonic() - began:.3f} s")

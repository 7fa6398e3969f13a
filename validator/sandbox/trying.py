"""Try a program as whoever asked for it says: with their input, and with their tests after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from validator.facts import Asset, ProgramKind

if TYPE_CHECKING:
    from validator.facts import Job, Plan, Trial

TESTS_FILE = "given_tests.py"
"""Where the tests lie beside the program; the guest's `given_tests` runs them."""
_DRIVER = "given_tests"
_ANSWERS = "answers"


def tried(plan: Plan, trial: Trial | None) -> Plan:
    """Return the plan with a trial in it: what is typed is theirs, and so are the tests.

    A program that is given its input is a script, and nothing is answered for it. One with tests
    for it is of the kind that tests, and has to show them.
    """
    if trial is None:
        return plan
    drivers = plan.drivers
    kind, reason = plan.kind, plan.reason
    if trial.stdin is not None:
        drivers = tuple(each for each in drivers if each != _ANSWERS)
        if kind is ProgramKind.INTERACTIVE:
            kind, reason = ProgramKind.SCRIPT, "its input is given"
    if trial.expected is not None and kind in (ProgramKind.CLI, ProgramKind.LIBRARY):
        kind, reason = ProgramKind.SCRIPT, "its output is given"
    if trial.tests:
        kind, reason = ProgramKind.TESTS, "tests are given for it"
        drivers = (*(each for each in drivers if each not in ("cases", "usage")), _DRIVER)
    return replace(plan, kind=kind, reason=reason, drivers=drivers, invocations=((),), trial=trial)


def with_trial(job: Job) -> Job:
    """Return the job with what the trial of its plan lays beside the program and types into it."""
    trial = job.plan.trial
    if trial is None:
        return job
    stdin = job.stdin if trial.stdin is None else trial.stdin.encode("utf-8", "surrogatepass")
    tests = (Asset(TESTS_FILE, trial.tests.encode("utf-8", "surrogatepass")),)
    return replace(job, stdin=stdin, assets=(*job.assets, *(tests if trial.tests else ())))

"""A lock is begun while the pages come, and taken where the lines stayed as they were."""

from __future__ import annotations

import threading
import time

import pytest
from submitting import TARGET, submit

from validator.errors import IndexUnavailable, Unavailable
from validator.packages import Packages
from validator.packages.ahead import Ahead
from validator.packages.locking import Caller, Locked, Refusal, run_tool
from validator.packages.solving import SOLVERS

FLASK = (Locked("flask", "3.0", (), True),)


@pytest.fixture
def locked(monkeypatch):
    """The lines of every lock that uv is asked for, the two runs of one counted once."""
    from validator.packages import lock_uv

    asked, plain = [], lock_uv.lock

    def lock(lines, *rest, **more):
        asked.append(tuple(lines))
        return plain(lines, *rest, **more)

    monkeypatch.setitem(SOLVERS, "uv", lock)
    return asked


@pytest.mark.parametrize(
    "submission",
    [
        submit("flask\n"),
        submit("flask==3.0\nclick>=8\n"),
        submit("flask\nos\n"),
        submit(main="import flask\n"),
        submit("bs4\n"),
        submit("pywin32; sys_platform == 'win32'\nflask\n"),
    ],
    ids=["bare", "versions", "stdlib", "import", "renamed", "marker"],
)  # fmt: skip
def test_what_installs_as_written_is_locked_once(index, settings, locked, submission):
    for name, version in (("flask", "3.0"), ("click", "8.1"), ("beautifulsoup4", "4.12")):
        index.add(name, version, "py3-none-any")
    with Packages(settings, TARGET) as packages:
        assert packages.resolve(submission).pins
    assert len(locked) == 1


@pytest.mark.parametrize(
    "submission",
    [submit("flask==2.9\n"), submit("flask\nnothing-of-the-kind\n"), submit("flask<3,>=2\n")],
)
def test_what_does_not_is_locked_anew(index, settings, locked, submission):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(submission)
    assert [(pin.name, pin.version) for pin in resolution.pins] == [("flask", "3.0")]
    assert len(resolution.unresolved) == 1
    assert len(locked) == 2


def test_nothing_is_asked_of_a_resolver_where_nothing_is_wanted(settings, index, locked):
    with Packages(settings, TARGET) as packages:
        packages.resolve(submit("os\n", main="import json\n"))
    assert locked == []


def test_what_it_hears_and_what_it_answers_are_passed_on():
    def lock(lines, *, caller):
        caller.hear(FLASK)
        return FLASK

    heard = []
    with Ahead(("flask",), lock) as ahead:
        assert ahead.lock(("flask",), caller=Caller(heard.append)) == FLASK
    assert heard == [FLASK]


@pytest.mark.parametrize("outcome", [Refusal((), "no"), IndexUnavailable("away")])
def test_so_is_a_refusal_or_an_error_that_told_nothing(outcome):
    def lock(lines, *, caller):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with Ahead(("flask",), lock) as ahead:
        if isinstance(outcome, Exception):
            with pytest.raises(IndexUnavailable, match="away"):
                ahead.lock(("flask",), caller=Caller())
        else:
            assert ahead.lock(("flask",), caller=Caller()) == outcome


def test_a_second_lock_of_the_same_lines_is_a_new_one():
    asked = []

    def lock(lines, *, caller):
        asked.append(lines)
        return FLASK

    with Ahead(("flask",), lock) as ahead:
        for _ in range(2):
            assert ahead.lock(("flask",), caller=Caller()) == FLASK
    assert asked == [("flask",), ("flask",)]


def test_what_nobody_wants_is_ended():
    gone = threading.Event()

    def lock(lines, *, caller):
        if lines == ("other",):
            return FLASK
        for _ in range(1000):
            if caller.gone():
                gone.set()
                raise Unavailable("over")
            time.sleep(0.01)
        raise AssertionError("nobody ended it")

    with Ahead(("flask",), lock) as ahead:
        assert ahead.lock(("other",), caller=Caller()) == FLASK
        assert gone.wait(10)


def test_a_tool_that_nobody_waits_for_is_killed():
    with pytest.raises(Unavailable, match="no longer waited for"):
        run_tool(["sleep", "60"], [], {}, gone=lambda: True)


def test_an_index_that_is_away_is_not_waited_for_twice(index, settings, monkeypatch):
    ended = []

    def waiting(lines, settings, target, built, caller):
        until = time.monotonic() + 60
        while not caller.gone() and time.monotonic() < until:
            time.sleep(0.01)
        ended.append(caller.gone())
        raise Unavailable("over")

    monkeypatch.setattr("validator.packages.connection.ATTEMPTS", 1)
    monkeypatch.setitem(SOLVERS, "uv", waiting)
    index.status = 503
    with Packages(settings, TARGET) as packages, pytest.raises(IndexUnavailable):
        packages.resolve(submit("flask\n"))
    assert ended == [True]

"""What this machine can do, asked once; what is required and missing fails instead of skipping."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

from validator import sandbox
from validator.errors import SandboxUnavailable
from validator.events import ignore
from validator.settings import load

# Times are never asserted. In CI the examples are the same each time: a gate that fails by chance
# on what a change did not touch teaches people to ignore it; elsewhere new ones are looked for.
hypothesis.settings.register_profile(
    "here", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True
)
hypothesis.settings.load_profile("here")

# What is printed is as wide as where nobody looks on, whatever terminal the tests are started from;
# xdist's workers are given one of 80.
os.environ["COLUMNS"] = "100"

# Whoever is started in the background by a shell without job control ignores Ctrl-C, and so do its
# children, whom tests send one (POSIX, "Asynchronous Lists").
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REQUIRED = frozenset(filter(None, os.environ.get("VALIDATOR_TEST_REQUIRE", "").split(",")))


@pytest.fixture(scope="session")
def sandboxes() -> frozenset[str]:
    """Names of the sandboxes that answer here."""
    found = set()
    for name in ("bubblewrap", "docker"):
        try:
            sandbox.choose(load({"sandbox": name}, folder=Path("/")), ignore).close()
            found.add(name)
        except SandboxUnavailable:
            if name in REQUIRED:
                raise
    return frozenset(found)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Turn a skip into a failure where what was skipped for is required."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        needed = sorted(REQUIRED.intersection(mark.name for mark in item.iter_markers()))
        if needed:
            report.outcome = "failed"
            report.longrepr = f"skipped, but required here ({', '.join(needed)}): {report.longrepr}"
    return report

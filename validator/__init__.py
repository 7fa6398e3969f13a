"""Validate a language model's reply: find the code, lint it, resolve its pins, run it, judge it.

What `__all__` names is what this package promises (`docs/api.md`); it is imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.errors import Unavailable, UsageError, ValidatorError
    from validator.events import Progress
    from validator.facts import Part, Reply, Run, SourceFile, Submission, Trial
    from validator.findings import Finding, Fix, Location, Report, Severity, Verdict
    from validator.fixing import mended
    from validator.opening import open_replies
    from validator.pipeline import Validator, validate
    from validator.reading import read
    from validator.settings import Settings, load

__version__ = "0.1.0"

__all__ = (
    "Finding",
    "Fix",
    "Location",
    "Part",
    "Progress",
    "Reply",
    "Report",
    "Run",
    "Settings",
    "Severity",
    "SourceFile",
    "Submission",
    "Trial",
    "Unavailable",
    "UsageError",
    "Validator",
    "ValidatorError",
    "Verdict",
    "__version__",
    "load",
    "mended",
    "open_replies",
    "read",
    "validate",
)

_ROOMS = (
    ("errors", ("Unavailable", "UsageError", "ValidatorError")),
    ("events", ("Progress",)),
    ("facts", ("Part", "Reply", "Run", "SourceFile", "Submission", "Trial")),
    ("findings", ("Finding", "Fix", "Location", "Report", "Severity", "Verdict")),
    ("fixing", ("mended",)),
    ("opening", ("open_replies",)),
    ("pipeline", ("Validator", "validate")),
    ("reading", ("read",)),
    ("settings", ("Settings", "load")),
)


def __getattr__(name: str) -> object:
    # `validate --help` imports this package too, and must not wait for all of it.
    from importlib import import_module

    for room, names in _ROOMS:
        if name in names:
            return globals().setdefault(name, getattr(import_module(f"{__name__}.{room}"), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""What goes wrong on *our* side; a program's own failure is a fact, never one of these.

The whole tree::

    ValidatorError
    ├── UsageError              the command or a setting cannot be obeyed     (exit code 2)
    └── Unavailable             a part of the work could not be done          (exit code 3)
        ├── IndexUnavailable    the package index did not answer
        ├── LinterUnavailable   ruff or pyright cannot be had
        ├── ModelUnavailable    the model server did not answer
        └── SandboxUnavailable  no jail, or the jail went away under a run
"""

from __future__ import annotations


class ValidatorError(Exception):
    """Everything this package raises on purpose; `str(error)` is one line made to be shown."""


class UsageError(ValidatorError):
    """The user asked for something that cannot be done as asked; nothing was started."""


class Unavailable(ValidatorError):
    """A part of the validation could not be done, through no fault of the program judged.

    The message says what is missing; `remedy` is the next step, a command where there is one.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class IndexUnavailable(Unavailable):
    """The package index could not be asked, or answered with something that is not an index."""


class LinterUnavailable(Unavailable):
    """A linter is missing, will not start, or stopped answering."""


class ModelUnavailable(Unavailable):
    """The model server could not be reached, or broke off before a reply was complete."""


class SandboxUnavailable(Unavailable):
    """No jail can be made here, or the jail's engine went away while it was needed."""

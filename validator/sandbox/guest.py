"""Where the guest programs and the jail's policy lie: beside the package, or inside the wheel."""

from __future__ import annotations

from pathlib import Path

from validator.errors import SandboxUnavailable

_PACKAGE = Path(__file__).parent.parent


def folder() -> Path:
    """Return the `sandboxes` folder of this installation, an editable checkout included.

    Raises:
        SandboxUnavailable: when the installation lacks it.
    """
    for candidate in (_PACKAGE / "_sandboxes", _PACKAGE.parent / "sandboxes"):
        if (candidate / "guest" / "supervisor.py").is_file():
            return candidate
    raise SandboxUnavailable(
        "this installation has no guest programs", remedy="reinstall reply-validator"
    )

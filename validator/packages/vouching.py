"""Whether a wheel that was built from source is what it was to be; none of its code is read."""

from __future__ import annotations

import re
import zipfile
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from validator.errors import Unavailable
from validator.packages import target as targets
from validator.packages.contents import unpacked
from validator.packages.peeking import MAX_METADATA_BYTES
from validator.packages.wheels import DAMAGE, check

if TYPE_CHECKING:
    from pathlib import Path

    from validator.facts import Target

_PLAIN = re.compile(r"[\w.+!-]+\.whl", re.ASCII)


class UnfitWheelError(Exception):
    """A built wheel that is not taken, and why, in words that follow its name."""


def vouch(filename: str, path: Path, project: str, version: Version, target: Target) -> None:
    """Check that a wheel is of a project's version, fits the target, and asks for no address.

    Raises:
        UnfitWheelError: it is not, does not, or does.
    """
    try:
        if not _PLAIN.fullmatch(filename):
            raise UnfitWheelError("its file name is not plain")
        named = parse_wheel_filename(filename)[:2]
        if named != (project, version):
            raise UnfitWheelError(f"it is named as {named[0]} {named[1]}")
        if targets.rank(filename, target) is None:
            raise UnfitWheelError(f"it is not for {target}")
        check(filename, path)
        _check_metadata(path, project, version)
    except (InvalidWheelFilename, InvalidVersion, InvalidRequirement) as error:
        raise UnfitWheelError(str(error)) from None
    except Unavailable as error:
        raise UnfitWheelError(str(error)) from None
    except DAMAGE:
        raise UnfitWheelError("it is damaged, or its metadata cannot be read") from None


def _check_metadata(path: Path, project: str, version: Version) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [
            each
            for each in archive.infolist()
            if re.fullmatch(r"[^/]+\.dist-info/METADATA", each.filename)
        ]
        if len(members) != 1 or members[0].file_size > MAX_METADATA_BYTES:
            raise UnfitWheelError("it has no metadata, or more than there is to read")
        text = unpacked(archive, members[0]).decode("utf-8", "replace")
    fields = HeaderParser().parsestr(text)
    told = canonicalize_name(str(fields.get("Name", ""))), Version(str(fields.get("Version", "")))
    if told != (project, version):
        raise UnfitWheelError(f"its metadata is of {told[0]} {told[1]}")
    for line in fields.get_all("Requires-Dist", ()):
        # Of a name with an address a resolver may fetch and build what lies there.
        if (needed := Requirement(str(line))).url:
            raise UnfitWheelError(f"it needs {needed.name} from an address of its own")

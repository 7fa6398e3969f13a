"""What a program asks to have installed, what that comes to, and what cannot be had: to `Layer`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

    from validator.facts.reply import RequirementLine, RequirementSource, Span


@dataclass(frozen=True, slots=True)
class Target:
    """The Python a program is to run on: the sandbox's, not the host's."""

    python: str
    """Major and minor, `3.11`."""
    platform: str
    """The platform tag family wheels are chosen for: `linux_x86_64`, `macosx_arm64`."""
    libc: str = "glibc 2.28"
    """`glibc X.Y`, `musl X.Y`, or empty where the platform has none to speak of."""
    micro: int = 0
    """The third number of the Python, 7 of 3.11.7; 0 where only the first two are known."""

    @classmethod
    def of(cls, full_python: str, platform: str, libc: str) -> Target:
        """Return the target of a Python's version: `3.11.7`, `3.14.0rc1`, or `3.12` and no more."""
        major, minor, micro = (*re.findall(r"\d+", full_python)[:3], "0")[:3]
        return cls(f"{major}.{minor}", platform, libc, int(micro))

    @property
    def full_python(self) -> str:
        """All of the Python's version: `3.11.7`; some packages need one from 3.11.5 on."""
        return f"{self.python}.{self.micro}"

    def __str__(self) -> str:
        """Return it as a person would say it."""
        return f"Python {self.python} on {self.platform}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement line parsed by us: only what may be handed on to a tool."""

    name: str
    """As written; `canonical` is the one to compare."""
    canonical: str
    """Normalized by PEP 503."""
    extras: tuple[str, ...]
    specifier: SpecifierSet
    marker: Marker | None
    span: Span | None
    """Lines of the reply; None where the requirement was inferred without a place."""
    source: RequirementSource
    import_name: str | None = None
    """The module whose import asked for it, where `source` is IMPORT."""

    def __str__(self) -> str:
        """Return the line we write: never the reply's own text."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}{self.specifier}{marker}"


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A requirement line that is not handed to any tool, and why."""

    line: RequirementLine
    kind: str
    """`url`, `path`, `option`, `variable`, `syntax`, `too-many`.

    Or what is harmless, and not done either: `system`, packages of an operating system; `project`,
    the reply's own; `known-index`, an option that names PyPI or a large project's own index;
    `mirror`, one that names a public mirror of PyPI.
    """
    reason: str


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution of the lock."""

    name: str
    version: str
    sha256: str
    """Of the wheel chosen for the target."""
    filename: str
    required_by: tuple[str, ...]
    """Names of the pins that need it; empty for a direct requirement."""
    url: str = ""
    """Where the wheel was offered, or what it was built from, without credentials; or empty."""
    vulnerabilities: tuple[Vulnerability, ...] | None = None
    """What the index knows of this version; None where it was not asked or does not say."""
    built_from: str = ""
    """sha256 of the source archive, at `url`, that it was built from in the jail; or empty."""
    size_bytes: int | None = None
    """Of the wheel, where the index says."""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known weakness of one version, as the index tells it."""

    id: str
    """`PYSEC-2023-74`, `GHSA-…`."""
    aliases: tuple[str, ...]
    """Its other names, a CVE number mostly."""
    summary: str
    """One line of the index's words; may be empty."""
    fixed_in: tuple[str, ...]
    """Versions that no longer have it; empty where there is none."""


class UnresolvedReason(StrEnum):
    """Why a requirement cannot be met as written; exactly one each."""

    UNKNOWN_PACKAGE = "unknown-package"
    UNKNOWN_VERSION = "unknown-version"
    NO_WHEEL = "no-wheel"
    REQUIRES_PYTHON = "requires-python"
    SOURCE_ONLY = "source-only"
    YANKED = "yanked"
    CONFLICT = "conflict"
    STDLIB = "stdlib"
    WRONG_DISTRIBUTION = "wrong-distribution"
    UNCLASSIFIED = "unclassified"
    """The resolver refused and the index does not show why."""
    NEWER_THAN_CUTOFF = "newer-than-cutoff"
    """What would meet it was uploaded after the date the user draws the line at."""
    RENAMED = "renamed"
    """It installs under a name its project has left, or one that only leads to another."""
    SUSPICIOUS = "suspicious"
    """It installs, and shows the signs of a name taken for those who mistype or invent it."""
    QUARANTINED = "quarantined"
    """The index itself holds the project back."""
    RETIRED = "retired"
    """It installs; its project is archived or deprecated."""
    HELD_BACK = "held-back"
    """It installs, in an older version: the newest needs something of which there is no wheel."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A requirement that could not be met as written, and what is known about it."""

    requirement: Requirement
    reason: UnresolvedReason
    message: str
    """One sentence made of facts: what exists, what does not, for which Pythons."""
    nearest: str | None = None
    """The nearest version that installs on the target, if any."""
    latest: str | None = None
    """The newest version that installs on the target, if any."""
    wheel_pythons: tuple[str, ...] = ()
    """Pythons the asked-for version has wheels for, `3.6` to `3.10` each spelled out."""
    relaxed_to: str | None = None
    """The requirement line that was used instead so that the run could go on."""
    candidates: tuple[str, ...] = ()
    """Other distributions that may have been meant."""
    nearest_below: str | None = None
    """The newest version below the one asked for that installs on the target, if any."""
    nearest_above: str | None = None
    """The oldest version from the one asked for on that installs on the target, if any."""
    other_python: str | None = None
    """The Python nearest to the target's on which it would install as written, if any."""
    build_log: tuple[str, ...] = ()
    """The last lines of a build that failed. Untrusted text, cleaned."""


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A third-party import that no requirement of the reply covers."""

    module: str
    """As imported: `cv2`, `sklearn`."""
    path: str
    line: int
    distribution: str | None
    """The distribution that was taken for it; None where none is known for certain."""
    optional: bool = False
    """True where the import is guarded by `try: … except ImportError`."""
    candidates: tuple[str, ...] = ()
    """Distributions that may have been meant, where none is known for certain."""
    note: str = ""
    """What stands on the index under that name, where it is not taken for it."""
    brought_by: tuple[str, ...] = ()
    """Names of other pins that need the distribution and so install it anyway."""
    versions: str = ""
    """Of the distribution, those that still hold the module: `<82`; empty where all do."""
    host: str = ""
    """What alone has the module, and runs programs of its own: `Google Colab`; mostly empty."""

    @property
    def requirement(self) -> str:
        """What to write to have it installed; empty where no distribution is known."""
        return f"{self.distribution}{self.versions}" if self.distribution else ""


@dataclass(frozen=True, slots=True)
class Unprovided:
    """A third-party import that none of the installed files answers."""

    module: str
    path: str
    line: int
    optional: bool
    """True where the import is guarded by `try: … except ImportError`."""
    candidates: tuple[str, ...]
    """Distributions that are known to provide it."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A wheel that is itself at fault: damaged as the index offers it, or holding what none may."""

    name: str
    """Of its pin."""
    version: str
    filename: str
    why: str
    """`'x/../../y' does not stay in its folder`. Holds names of the wheel's: cut and escaped."""


@dataclass(frozen=True, slots=True)
class PythonDemand:
    """A Python the program says it is for, in a PEP 723 header or a pyproject.toml."""

    specifier: str
    """In its own words: `>=3.12`."""
    span: Span
    """Lines of the reply."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the program needs installed, as far as it could be found out."""

    target: Target
    resolver: str
    """`uv` or `pip-tools`."""
    requirements: tuple[Requirement, ...] = ()
    refused: tuple[RefusedLine, ...] = ()
    undeclared: tuple[Undeclared, ...] = ()
    pins: tuple[Pin, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    unprovided: tuple[Unprovided, ...] = ()
    """Empty until the layer is there to be looked into."""
    submodules: frozenset[str] = frozenset()
    """Modules one step below those the program imports of the layer: `matplotlib.colors`."""
    unfit: tuple[Unfit, ...] = ()
    """Of the pins' wheels, the first that was not unpacked for a fault of its own."""
    cutoff: str | None = None
    """`2026-11-15` where nothing uploaded after that day was looked at."""
    other_pythons: tuple[PythonDemand, ...] = ()
    """What the program says of its Python that the target's is not."""
    builds: bool = False
    """True where what exists only as source was built, as far as it could be."""

    @property
    def unbuilt(self) -> tuple[Unresolved, ...]:
        """What nobody tried to build, and has no other way to be installed."""
        return tuple(
            each
            for each in self.unresolved
            if each.reason is UnresolvedReason.SOURCE_ONLY
            and not (self.builds or each.latest or each.relaxed_to)
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """The unpacked wheels of a lock: content-addressed, never written once a program runs on it."""

    key: str
    """sha256 over the sorted pins and the target; the empty lock has a key too."""
    path: str
    """Absolute path on the host of a folder to put on `sys.path`."""
    size_bytes: int
    modules: tuple[str, ...] = ()
    """What can be imported from it: first names, dotted below a namespace many share."""

"""Names under which one distribution is required and another is meant: tables written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.packages.distributions import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

ALIASES: dict[str, str] = {
    # Required by the import's name, or under a name its project has left; the index has nothing
    # under these names, or a shim that only says where to go.
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "git": "GitPython",
    "mysqldb": "mysqlclient",
    "opencv": "opencv-python",
    "opengl": "PyOpenGL",
    "pil": "pillow",
    "pillow-pil": "pillow",
    "pkg-resources": "setuptools",
    "pytorch": "torch",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "wx": "wxPython",
    "yaml": "PyYAML",
}
"""Canonical name of a requirement that can only be meant for another distribution."""

SHIMS: dict[str, str] = {
    "bs4": "beautifulsoup4",
    "discord": "discord.py",
    "dotenv": "python-dotenv",
    "imblearn": "imbalanced-learn",
    "jpype": "JPype1",
    "pwn": "pwntools",
    "pypiwin32": "pywin32",
    "surprise": "scikit-surprise",
}
"""Canonical name of a project that holds nothing and only has another one installed."""

SUCCESSORS: dict[str, str] = {
    "beautifulsoup": "beautifulsoup4",
    "fbprophet": "prophet",
    "kafka": "kafka-python",
    "pypdf2": "pypdf",
    "slackclient": "slack-sdk",
    "tensorflow-gpu": "tensorflow",
}
"""Canonical name its project has left → the one it goes on under, with another import perhaps."""

_OTHER_PROJECTS = """
agents attr barcode binance cocos crypto decouple docx faiss fitz github hydra jenkins jose jwt
magic neat ninja pulsar serial slugify socketio speedtest spellchecker stl strawberry tabula
telegram usb vlc websocket whisper zmq
"""
OTHER_PROJECTS = frozenset(_OTHER_PROJECTS.split())
"""Canonical name of a real project that is not what code importing this name wants.

`whisper` is a database of Graphite's, `fitz` an upload of August 2026 without a description,
`docx` stopped at Python 2. Wrong only where the program imports that very name.
"""

FORKS: dict[str, tuple[str, ...]] = {
    "psycopg2": ("psycopg2-binary",),
    "pycrypto": ("pycryptodome",),
    "pygame": ("pygame-ce",),
}
"""Canonical name → distributions that provide the same import and go further."""

DEAD_BACKPORTS = frozenset({"enum34", "futures", "pathlib2", "trollius", "ordereddict"})
"""Backports of what every supported Python has; `enum34` breaks the standard library's `re`."""

OF_PYTHON: dict[str, str] = {
    "python-tk": "tkinter",
    "python3-tk": "tkinter",
    "sqlite": "sqlite3",
    "tk": "tkinter",
    "tk-inter": "tkinter",
}
"""Canonical name, an operating system's or another project's → the module of Python it is for.

`tk` is a toolkit for neural networks.
"""

PYTHON = frozenset({"python", "python2", "python3", "cpython"})
"""The language itself, which conda files and careless lists require like a package."""


def meant(name: str, modules: Iterable[str]) -> str | None:
    """Return the distribution that a requirement called `name`, canonical, is meant for.

    None where it is the one it names. `modules` are the first names of what the program imports:
    a requirement by the name of one is meant for its provider, unless the project of that very name
    is one, or was.
    """
    if other := ALIASES.get(name) or SHIMS.get(name):
        return other
    imported = (PROVIDERS[each] for each in modules if each in PROVIDERS and _is(each, name))
    providers = next(imported, ())
    if name in SUCCESSORS or any(_is(each, name) for each in providers):
        return None
    return next(iter(providers), None)


def _is(written: str, name: str) -> bool:
    return canonicalize_name(written) == name

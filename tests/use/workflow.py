"""What a runner of GitHub's does with a composite action, for the steps that are scripts."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_NAME = re.compile(r"\b(?:inputs|steps|runner|github)(?:\.[\w-]+)+")


@dataclass
class Job:
    """One job that uses the action: its inputs, its files, and what its steps have said so far."""

    action: Path
    workspace: Path
    temp: Path
    inputs: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """Every name an expression may have, with its value."""
    exported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steps: list[dict[str, Any]] = self._read()["runs"]["steps"]
        taken = {name: each.get("default", "") for name, each in self._read()["inputs"].items()}
        assert set(self.inputs) <= set(taken), "no such input"
        named = {f"inputs.{name}": value for name, value in {**taken, **self.inputs}.items()}
        self.known = {
            **named,
            "runner.temp": str(self.temp),
            "runner.os": "Linux",
            "runner.arch": "X64",
            "github.action_path": str(self.action.parent),
            "github.run_id": "17",
            **self.known,
        }
        self.summary = self.temp / "summary"

    def step(self, name: str) -> dict[str, Any]:
        """Return a step by its name, or the action it uses."""
        (found,) = [
            each
            for each in self.steps
            if name in (each["name"], each.get("uses", "").split("@")[0])
        ]
        return found

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a step as GitHub does, and take down what it puts out."""
        step = self.step(name)
        assert step["shell"] == "bash"
        files = {each: self.temp / each.lower() for each in ("GITHUB_OUTPUT", "GITHUB_ENV")}
        for path in files.values():
            path.write_text("")
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.workspace,
            env={
                **os.environ,
                **self.exported,
                **{name: self.filled(value) for name, value in step["env"].items()},
                **{name: str(path) for name, path in files.items()},
                "GITHUB_STEP_SUMMARY": str(self.summary),
            },
        )
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            key, _, value = line.partition("=")
            self.known[f"steps.{step['id']}.outputs.{key}"] = value
        for line in files["GITHUB_ENV"].read_text().splitlines():
            key, _, value = line.partition("=")
            self.exported[key] = value
        return done

    def filled(self, text: str) -> str:
        """Return a text with what its expressions come to; a name nobody set is empty."""
        return _EXPRESSION.sub(lambda found: self.known.get(found[1], ""), text)

    def happens(self, name: str) -> bool:
        """Tell whether a step's condition holds in a job nobody cancelled."""
        (condition,) = _EXPRESSION.findall(self.step(name)["if"])
        valued = _NAME.sub(lambda found: repr(self.known.get(found[0], "")), condition)
        python = valued.replace("!cancelled()", "True").replace("&&", "and")
        return bool(eval(python))  # of our own action.yml

    def _read(self) -> Any:
        return yaml.safe_load(self.action.read_text())

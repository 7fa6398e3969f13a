"""Remembered answers: what the index and the resolver said, for as long as a page would live."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from validator.facts import Pin, Unresolved, UnresolvedReason
from validator.packages.connection import write_whole
from validator.packages.credentials import without_credentials
from validator.packages.index import LIFE_SECONDS
from validator.packages.resolving import Answer, implied_requirement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from validator.facts import Requirement, Target, Undeclared
    from validator.packages.resolving import Question
    from validator.settings import Settings

_FORMAT = 6


def place(question: Question, settings: Settings, target: Target, built_in: str) -> Path:
    """Return where the answer to a question is kept.

    `built_in` names the sandbox that builds from source, empty where nothing does. Lines of imports
    are no part of it: a program that was only moved about asks the same.
    """
    content = [
        _FORMAT,
        [str(each) for each in question.declared],
        sorted([each.module, each.distribution, each.optional] for each in question.missing),
        sorted(question.modules),
        [target.full_python, target.platform, target.libc],
        settings.resolver,
        settings.pins,
        settings.build_sdists,
        built_in,
        settings.cutoff,
        without_credentials(settings.index_url),
    ]
    key = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return settings.cache_dir / "locks" / f"{key}.json"


def recall(question: Question, path: Path, *, any_age: bool = False) -> Answer | None:
    """Return the answer kept at `path` while it is fresh, or whatever its age; else None."""
    try:
        data = json.loads(path.read_bytes())
        if not any_age and not 0 <= time.time() - data["at"] < LIFE_SECONDS:
            return None
        # What is missing there was answered by what is required.
        found = {
            each.module: _undeclared(each, data["undeclared"][each.module])
            for each in question.missing
            if each.module in data["undeclared"]
        }
        implied = (
            implied_requirement(found[module], question.submission) for module in data["implied"]
        )
        requirements = (*question.declared, *implied)
        return Answer(
            requirements=requirements,
            undeclared=tuple(found.values()),
            pins=tuple(_pin(fields) for fields in data["pins"]),
            unresolved=tuple(_unresolved(fields, requirements) for fields in data["unresolved"]),
        )
    # What cannot be read was not remembered.
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _pin(fields: list[Any]) -> Pin:
    name, version, sha256, filename, required_by, url, built_from, size = fields
    return Pin(name, version, sha256, filename, tuple(required_by), url, None, built_from, size)


def _undeclared(asked: Undeclared, fields: list[Any]) -> Undeclared:
    distribution, candidates, note, brought_by = fields
    return replace(
        asked,
        distribution=distribution,
        candidates=tuple(candidates),
        note=note,
        brought_by=tuple(brought_by),
    )


def _unresolved(fields: list[Any], requirements: Sequence[Requirement]) -> Unresolved:
    position, reason, message, nearest, latest, pythons, relaxed, candidates, below, above = fields[
        :10
    ]
    python, log = fields[10:]
    return Unresolved(
        requirement=requirements[position],
        reason=UnresolvedReason(reason),
        message=message,
        nearest=nearest,
        latest=latest,
        wheel_pythons=tuple(pythons),
        relaxed_to=relaxed,
        candidates=tuple(candidates),
        nearest_below=below,
        nearest_above=above,
        other_python=python,
        build_log=tuple(log),
    )


def remember(answer: Answer, question: Question, path: Path) -> None:
    """Keep an answer at `path`."""
    implied = answer.requirements[len(question.declared) :]
    data = {
        "at": time.time(),
        "undeclared": {
            each.module: [each.distribution, each.candidates, each.note, each.brought_by]
            for each in answer.undeclared
        },
        "implied": [each.import_name for each in implied],
        "pins": [
            [
                pin.name,
                pin.version,
                pin.sha256,
                pin.filename,
                pin.required_by,
                pin.url,
                pin.built_from,
                pin.size_bytes,
            ]
            for pin in answer.pins
        ],
        "unresolved": [
            [
                answer.requirements.index(each.requirement),
                each.reason,
                each.message,
                each.nearest,
                each.latest,
                each.wheel_pythons,
                each.relaxed_to,
                each.candidates,
                each.nearest_below,
                each.nearest_above,
                each.other_python,
                each.build_log,
            ]
            for each in answer.unresolved
        ],
    }
    write_whole(path, json.dumps(data).encode())

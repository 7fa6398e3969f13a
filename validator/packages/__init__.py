"""From requirement lines and imports to pins and a layer of unpacked wheels.

`Packages` is all the other rooms need. The order of work, a module each: `parsing` and `imports`
read what the reply wants; `distributions` knows whose import is whose, `misnomers` what is meant by
a wrong name and `hosts` what nobody installs; `index` fetches project `pages`; `answering` and
`guessing` look into wheels for imports nobody knows; `offering` knows what installs, `explaining`
why the rest does not; `solving` locks by `lock_uv` or `lock_pip_tools`, mostly `ahead`; `lagging`
sees what got an old version for want of a wheel; `layers` has what is on its way by `fetching`
unpacked by `wheels`, byte code made by `compiling`, and all of it flushed by `settling`. `cache`
counts and clears.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.errors import IndexUnavailable, Unavailable
from validator.events import Progress, ignore
from validator.facts import Resolution
from validator.packages.answers import place, recall, remember
from validator.packages.building import Builder
from validator.packages.collecting import of_the_system, pythons, stated
from validator.packages.credentials import with_credentials
from validator.packages.imports import third_party
from validator.packages.index import Index
from validator.packages.layers import Layers
from validator.packages.locking import Refusal
from validator.packages.parsing import parse
from validator.packages.providing import submodules, unaccounted, unprovided
from validator.packages.resolving import ask, resolve
from validator.packages.solving import lock_plainly
from validator.packages.target import allows
from validator.packages.wheels import WheelRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from validator.events import Listener
    from validator.facts import Job, Layer, Pin, Run, Submission, Target
    from validator.packages.resolving import Answer, Question
    from validator.settings import Settings

__all__ = ["Packages", "WheelRefused", "needs_packages"]


class Packages:
    """The packages stage for one target; a context manager, usable for many submissions.

    Methods may be called from several threads.
    """

    def __init__(
        self,
        settings: Settings,
        target: Target,
        listener: Listener = ignore,
        *,
        run: Callable[[Job], Run] | None = None,
        sandbox: str = "",
    ) -> None:
        """Serve `target`; what exists only as source is built by `run`, in a jail, if wanted.

        `sandbox` names what `run` runs in: what is built against its libraries is for it alone.
        """
        self._settings = replace(settings, index_url=with_credentials(settings.index_url))
        self._target = target
        self._listener = listener
        self._index = Index(self._settings)
        limit_bytes = settings.cache_mib * 1024 * 1024
        self._layers = Layers(settings.cache_dir, limit_bytes, self._index, listener)
        self._builder: Builder | None = None
        if run is not None and settings.build_sdists:
            self._builder = Builder(
                target, settings.cache_dir, self._index, run, self._provide, listener, sandbox
            )
        self._built_in = sandbox if self._builder else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the index, and let go of the layers given out."""
        self._index.close()
        self._layers.close()

    def resolve(self, submission: Submission, *, fetch: bool = False) -> Resolution:
        """Return what the program needs installed, and why what it asks for cannot be had.

        Answers are remembered for 600 s; one of any age serves where the index cannot be asked.
        With `fetch` the wheels are already on their way to `layer` when it returns.

        Raises:
            IndexUnavailable: the index cannot be asked and nothing was remembered.
            Unavailable: a resolver is missing, or the cache cannot be written.
            UsageError: the target's Python or platform is not one packages can be chosen for.
        """
        declared, refused = parse(stated(submission))
        imports = third_party(submission.files, self._target.python, self._target.platform)
        answer = self._answer(ask(declared, imports, submission), fetch=fetch)
        return Resolution(
            target=self._target,
            resolver=self._settings.resolver,
            requirements=answer.requirements,
            refused=(*refused, *of_the_system(submission)),
            undeclared=answer.undeclared,
            pins=answer.pins,
            unresolved=answer.unresolved,
            cutoff=self._settings.cutoff,
            builds=self._builder is not None,
            other_pythons=tuple(
                each for each in pythons(submission) if not allows(each.specifier, self._target)
            ),
        )

    def _answer(self, question: Question, *, fetch: bool) -> Answer:
        path = place(question, self._settings, self._target, self._built_in)
        answer = recall(question, path, any_age=self._settings.offline)
        if answer and self._layers.has_built(answer.pins):
            return answer
        asks = bool(question.declared or question.missing)
        if asks:
            self._listener(Progress("packages", "asking the package index"))
        try:
            with _writing(self._settings):
                answer = resolve(
                    question, self._settings, self._target, self._index, self._builder,
                    self._begin if fetch else lambda _: None,
                )  # fmt: skip
                if asks:
                    remember(answer, question, path)
        except IndexUnavailable:
            if old := recall(question, path, any_age=True):
                return old
            raise
        return answer

    def _begin(self, pins: Sequence[Pin]) -> None:
        self._layers.begin(pins, self._target)

    def _provide(self, lines: Sequence[str]) -> Layer | Refusal:
        """Return the layer of what a build needs."""
        pins = lock_plainly(lines, self._settings, self._target, self._index)
        if isinstance(pins, Refusal):
            return pins
        return self._layers.compile(self._layers.get(pins, self._target), self._target)

    def check(self, resolution: Resolution, layer: Layer, submission: Submission) -> Resolution:
        """Return the resolution with what the files of its layer say of the program's imports.

        Which of them nothing answers, those left out that a finding speaks of anyway: of an unknown
        distribution, of a requirement that could not be installed. And what lies below them.
        """
        imports = third_party(submission.files, self._target.python, self._target.platform)
        return replace(
            resolution,
            undeclared=unaccounted(resolution.undeclared, layer),
            unprovided=unprovided(imports, resolution, layer),
            submodules=submodules(imports, layer),
        )

    def vet(self, pins: tuple[Pin, ...]) -> tuple[Pin, ...]:
        """Return the pins with the vulnerabilities the index knows of; None where it is silent.

        May take as long as the layer: meant to run beside the program.

        Raises:
            Unavailable: the cache cannot be written.
        """
        with _writing(self._settings):
            return self._index.vet(pins)

    def layer(self, resolution: Resolution) -> Layer:
        """Return the unpacked wheels of a resolution's pins, downloading what is not there yet.

        The same pins for the same target are the same layer, built once however many ask at once.
        It can be looked into; for programs to run on it there is `compile`.

        Raises:
            IndexUnavailable: a wheel cannot be had.
            WheelRefused: a wheel is itself at fault.
            Unavailable: the wheels are too much, or the cache cannot be written.
        """
        with _writing(self._settings):
            return self._layers.get(resolution.pins, resolution.target)

    def compile(self, layer: Layer) -> Layer:
        """Return a layer that programs can run on: with its byte code, made once whoever asks.

        A guest can write none, and would compile all it imports anew at every run.

        Raises:
            Unavailable: the cache cannot be written.
        """
        with _writing(self._settings):
            return self._layers.compile(layer, self._target)


def needs_packages(submission: Submission, python: str) -> bool:
    """Return whether the program imports what is neither its own nor in Python `X.Y`.

    Raises:
        UsageError: for a Python nobody has listed the modules of.
    """
    return bool(third_party(submission.files, python))


@contextmanager
def _writing(settings: Settings) -> Iterator[None]:
    """Turn a cache that cannot be written into one line and a next step."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"the cache in {settings.cache_dir} cannot be written: {error.strerror or error}",
            remedy="make room (`validate cache clear`), or name another VALIDATOR_CACHE_DIR",
        ) from None

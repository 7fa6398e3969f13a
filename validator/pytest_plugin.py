"""`pytest --validate-replies DIR`: a test for each reply, and the fixture `validate_reply`.

pytest imports this wherever the package is installed, so everything else is imported when used.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from validator.facts import Reply
    from validator.findings import Report
    from validator.pipeline import Validator

_FILES = pytest.StashKey[frozenset[Path]]()
"""Where the replies are that `--validate-replies` names."""
_FOLDERS = pytest.StashKey[frozenset[Path]]()
"""Every folder in `DIR` that has one in it, or below it."""
_WARM = pytest.StashKey["_Warm"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag."""
    parser.getgroup("validator", "replies of language models").addoption(
        "--validate-replies",
        action="append",
        default=[],
        metavar="DIR",
        help="judge every reply in DIR: each is a test (a file or a pattern will do; repeatable)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the replies, and name to pytest those that it would not come across.

    Raises:
        pytest.UsageError: there are none.
    """
    config.stash[_WARM] = _Warm(config)
    named = [config.invocation_params.dir / name for name in config.getoption("--validate-replies")]
    found = _found(named) if named else ()
    config.stash[_FILES] = frozenset(found)
    folders = {folder.resolve() for folder in named}
    config.stash[_FOLDERS] = frozenset(
        above
        for path in found
        for above in path.parents
        if not folders.isdisjoint((above, *above.parents))
    )
    # Those that lie where pytest was not sent to.
    config.args.extend(str(path) for path in found if str(path) not in config.args)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started."""
    warm = config.stash.get(_WARM, None)
    if warm is not None:
        warm.close()


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Look into every folder on the way to a reply, `build` and the like too: none is left out."""
    # False has it looked into; None leaves that to pytest.
    return False if collection_path.resolve() in config.stash[_FOLDERS] else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take a file for replies where the flag says so."""
    if file_path.resolve() not in parent.config.stash[_FILES]:
        return None
    return ReplyFile.from_parent(parent, path=file_path)


@pytest.fixture(scope="session")
def validate_reply(pytestconfig: pytest.Config) -> Callable[[str | Reply], Report]:
    """Return a function of a reply, or its text, that returns its report; all share one validator.

    Settings are those of the environment and of `[tool.validator]` in the root folder.
    """
    from validator.facts import Part, Reply

    def validate(reply: str | Reply) -> Report:
        if isinstance(reply, str):
            reply = Reply((Part(reply, "the text given"),))
        return pytestconfig.stash[_WARM].validator.validate(reply)

    return validate


class ReplyFile(pytest.File):
    """A file with a reply, or with the several answers of one conversation."""

    def collect(self) -> Iterable[ReplyItem]:
        """Return a test for each reply in it.

        Raises:
            CollectError: it cannot be read as a reply, with the reason.
        """
        from validator.errors import UsageError
        from validator.opening import open_replies

        try:
            replies = open_replies((_shown(self.path, self.config),))
        except UsageError as error:
            raise self.CollectError(str(error)) from error
        for number, reply in enumerate(replies, 1):
            name = "reply" if len(replies) == 1 else f"reply[{number}]"
            yield ReplyItem.from_parent(self, name=name, reply=reply)


class ReplyItem(pytest.Item):
    """One reply, which passes where `validate` would return 0."""

    def __init__(self, *, reply: Reply, **others: object) -> None:
        super().__init__(**others)  # type: ignore[arg-type]  # they are pytest's own
        self._reply = reply

    def runtest(self) -> None:
        """Judge it.

        Raises:
            NotPassed: it failed, or it could not be told.
        """
        from validator.findings import Verdict

        report = self.config.stash[_WARM].validator.validate(self._reply)
        if report.verdict is not Verdict.PASSED and not report.excused:
            raise NotPassed(report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """Return the report as `validate` prints it, instead of a traceback of ours."""
        if not isinstance(excinfo.value, NotPassed):
            return str(super().repr_failure(excinfo))
        from validator.reporters import text

        # The first line is what the summary at the end of a session shows.
        return f"{excinfo.value}\n\n{text.render(excinfo.value.report).rstrip()}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where it stands, for the head of a failure."""
        return self.path, 0, self._reply.origin


class NotPassed(Exception):
    """A reply that failed or could not be told; in one line, and with the whole report."""

    def __init__(self, report: Report) -> None:
        names = ", ".join(dict.fromkeys(finding.name for finding in report.findings))
        super().__init__(f"{report.verdict}: {report.reason or names}")
        self.report = report


class _Warm:
    """The one validator of a session, started when a reply is first judged."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._opened = ExitStack()
        self._validator: Validator | None = None

    @property
    def validator(self) -> Validator:
        if self._validator is None:
            from validator.pipeline import Validator
            from validator.settings import load

            settings = load({}, folder=self._config.rootpath)
            self._validator = self._opened.enter_context(Validator(settings))
        return self._validator

    def close(self) -> None:
        self._opened.close()


def _found(named: Iterable[Path]) -> tuple[Path, ...]:
    from validator.errors import UsageError
    from validator.opening import find_targets

    try:
        found = tuple(Path(target.name) for target in find_targets(map(str, named)))
    except UsageError as error:
        raise pytest.UsageError(f"--validate-replies: {error}") from error
    for path in found:
        if not path.exists():
            raise pytest.UsageError(f"--validate-replies: there is no {path}")
    return tuple(path.resolve() for path in found)


def _shown(path: Path, config: pytest.Config) -> str:
    """Return the path as the user would write it, by which `per-path` settings know it too."""
    here = config.invocation_params.dir
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

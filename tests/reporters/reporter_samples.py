"""Reports made by hand, as the stages would have left them."""

from __future__ import annotations

from dataclasses import replace

from packaging.specifiers import SpecifierSet

from validator.facts import (
    Artifact,
    BlockKind,
    BlockRole,
    Confidence,
    Decision,
    Diagnostic,
    Ending,
    Frame,
    Observation,
    Part,
    Pin,
    Plan,
    ProgramKind,
    Recovery,
    Reply,
    ReplyKind,
    Requirement,
    RequirementLine,
    RequirementSource,
    Resolution,
    Role,
    Run,
    SourceFile,
    Span,
    Stop,
    Submission,
    Target,
    Traceback,
    Truncation,
    Unresolved,
    UnresolvedReason,
)
from validator.findings import (
    AppliedFix,
    DroppedFix,
    Edit,
    Finding,
    Fix,
    Location,
    Mending,
    Missing,
    Report,
    Seconds,
    Severity,
    Verdict,
)
from validator.fixing.diffs import diffs

TARGET = Target("3.11", "linux_x86_64")

HELLO = """Here you are:

```python
for name in ("Ada", "Grace"):
    print(f"Hello, {name}!")
```
"""

WORM = """A worm game for you. Install pygame first.

```python
import pygame

WIDTH, HEIGHT = 320, 240
place_apple()

def place_apple():
    global apple
    apple = (40, 40)

def main():
    pygame.init()
    while True:
        pygame.display.flip()

if name == "main":
    main()
```

requirements.txt:

```
pygame==2.1.2
```
"""


WORM_DECISION = Decision(
    ReplyKind.PROGRAM,
    "one block of Python",
    Confidence.CERTAIN,
    (
        BlockRole(
            1, Span(4, 19), BlockKind.PYTHON, Role.PROGRAM, "the only code of the reply", "main.py"
        ),
        BlockRole(2, Span(25, 25), BlockKind.REQUIREMENTS, Role.REQUIREMENTS, "it lists packages"),
    ),
)


def submission(
    text: str, first: int, last: int, *, origin: str = "reply.md", path: str = "main.py"
) -> Submission:
    """Return the submission of a reply whose lines `first` to `last` are its one program."""
    lines = text.split("\n")[first - 1 : last]
    file = SourceFile(path, "\n".join(lines) + "\n", tuple(range(first, last + 1)))
    return Submission(Reply((Part(text, origin),)), files=(file,), entry_point=path)


def run(kind: ProgramKind = ProgramKind.SCRIPT, **changes: object) -> Run:
    done = Run(
        backend="docker",
        plan=Plan(kind, "nothing in it says otherwise"),
        ending=Ending.EXITED,
        exit_code=0,
        stdout=b"",
        stderr=b"",
        stdout_bytes=0,
        stderr_bytes=0,
        wall_seconds=0.04,
        completed=True,
    )
    return replace(done, **changes)


def hello() -> Report:
    return Report(
        submission=submission(HELLO, 4, 5),
        verdict=Verdict.PASSED,
        reason=None,
        resolution=Resolution(TARGET, "uv"),
        run=run(stdout=b"Hello, Ada!\nHello, Grace!\n", stdout_bytes=26),
        seconds=Seconds(reading=0.004, linting=1.2, packages=0.01, sandbox=0.09, total=1.31),
    )


def ball() -> Report:
    pin = Pin("pygame", "2.6.1", "ab" * 32, "pygame-2.6.1-cp311-manylinux.whl", ())
    requirement = Requirement(
        "pygame", "pygame", (), SpecifierSet(), None, Span(30, 30), RequirementSource.BLOCK
    )
    return Report(
        submission=submission(WORM, 4, 19),
        verdict=Verdict.PASSED,
        reason=None,
        resolution=Resolution(TARGET, "uv", requirements=(requirement,), pins=(pin,)),
        run=run(
            ProgramKind.GAME,
            ending=Ending.TIMED_OUT,
            exit_code=None,
            completed=False,
            wall_seconds=10.0,
            observations=(
                Observation("frames", {"count": 1412, "distinct": 31}),
                Observation("window", {"width": 480, "height": 320}),
                Observation("key", {"key": "K_a"}),
                Observation("key", {"key": "K_d"}),
                Observation("close", {"after_seconds": 8.0}),
            ),
            artifacts=(Artifact("window.png", "screenshot", b"\x89PNG"),),
        ),
        seconds=Seconds(total=12.04),
    )


WORM_FINDINGS = (
    Finding(
        "RV304",
        "no-wheel",
        Severity.ERROR,
        "pygame 2.1.2 exists but has wheels only for Python 3.6 to 3.10, not for Python 3.11",
        Location(reply_line=25),
        hint="write pygame>=2.1.3, or just pygame",
    ),
    Finding(
        "RV204",
        "use-before-definition",
        Severity.ERROR,
        "place_apple() is called above its definition",
        Location("main.py", 4, 1, 7),
        related=((Location("main.py", 6, 5, 9), "defined only here"),),
        evidence=(
            "NameError: name 'place_apple' is not defined",
            "ruff F821: Undefined name `place_apple`",
        ),
        hint="call it after its `def`",
        fix=Fix(
            "move the call below the definition",
            (Edit("main.py", Span(4, 4), ()), Edit("main.py", Span(9, 8), ("place_apple()",))),
            safe=True,
        ),
    ),
    Finding(
        "RV202",
        "broken-main-guard",
        Severity.ERROR,
        'the guard compares the undefined name `name` with "main", so main() is never called',
        Location("main.py", 15, 4, 18),
        hint='write `if __name__ == "__main__":`',
        fix=Fix(
            'write the guard as `__name__ == "__main__"`',
            (Edit("main.py", Span(15, 15), ('if __name__ == "__main__":',)),),
            safe=True,
        ),
    ),
    Finding(
        "RV209",
        "placeholder",
        Severity.WARNING,
        "main() handles no event",
        Location("main.py", 10, None, 13),
    ),
)


def worm() -> Report:
    requirement = Requirement(
        "pygame",
        "pygame",
        (),
        SpecifierSet("==2.1.2"),
        None,
        Span(25, 25),
        RequirementSource.BLOCK,
    )
    unresolved = Unresolved(
        requirement,
        UnresolvedReason.NO_WHEEL,
        "pygame 2.1.2 exists but has wheels only for Python 3.6 to 3.10, not for Python 3.11",
        nearest="2.1.3",
        latest="2.6.1",
        wheel_pythons=("3.6", "3.7", "3.8", "3.9", "3.10"),
        relaxed_to="pygame>=2.1.3",
    )
    traceback = Traceback(
        "NameError", "name 'place_apple' is not defined", (Frame("main.py", 4, "<module>"),)
    )
    stderr = (
        b"ALSA lib confmisc.c:855:(parse_card) cannot find card '0'\n"
        b"Traceback (most recent call last):\n"
        b'  File "main.py", line 4, in <module>\n'
        b"NameError: name 'place_apple' is not defined\n"
    )
    pin = Pin("pygame", "2.6.1", "ab" * 32, "pygame-2.6.1-cp311-manylinux.whl", ())
    found = submission(WORM, 4, 19)
    return Report(
        submission=replace(
            found,
            requirements=(RequirementLine("pygame==2.1.2", Span(25, 25), RequirementSource.BLOCK),),
            decision=WORM_DECISION,
        ),
        verdict=Verdict.FAILED,
        reason=None,
        diagnostics=(
            Diagnostic(
                "ruff", "F821", "Undefined name `place_apple`", "main.py", Span(4, 4), 1, 12
            ),
        ),
        resolution=Resolution(
            TARGET, "uv", requirements=(requirement,), pins=(pin,), unresolved=(unresolved,)
        ),
        run=run(
            ProgramKind.GAME,
            exit_code=1,
            stdout=b"pygame 2.6.1 (SDL 2.28.4, Python 3.11.7)\nready\n",
            stdout_bytes=47,
            stderr=stderr,
            stderr_bytes=len(stderr),
            wall_seconds=0.41,
            completed=False,
            traceback=traceback,
        ),
        findings=WORM_FINDINGS,
        suppressed=(
            Finding("F401", "unused-import", Severity.NOTE, "`sys` is imported but unused"),
        ),
        seconds=Seconds(reading=0.01, linting=1.1, packages=0.4, sandbox=0.9, total=1.6),
    )


def no_jail() -> Report:
    return Report(
        submission=submission(HELLO, 4, 5),
        verdict=Verdict.INCONCLUSIVE,
        reason="the program was not run: no jail can be made here",
        resolution=Resolution(TARGET, "uv"),
        missing=(
            Missing(
                "sandbox",
                "no Docker engine answers, and this host forbids namespaces",
                "start Docker, or see `validate doctor`",
            ),
        ),
        seconds=Seconds(reading=0.01, total=0.6),
    )


def conversation() -> Report:
    """A program in two parts, the second of which takes up a cut line, flattened in prose."""
    first = "```python\ndef greet(who):\n    print(f'Hello, {who}')\n\ndef ma"
    second = "def main(): greet(nam) \n\nif name == 'main': main()\n"
    file = SourceFile(
        "main.py",
        "def greet(who):\n    print(f'Hello, {who}')\n\n"
        "def main():\n    greet(nam)\n\nif name == 'main':\n    main()\n",
        (2, 3, 4, 6, 6, 7, 8, 8),
    )
    reply = Reply((Part(first, "turn-1.md", Stop.LIMIT), Part(second, "turn-2.md")))
    return Report(
        submission=Submission(
            reply,
            files=(file,),
            recoveries=(
                Recovery("unclosed-fence", Span(5, 5), "", "```"),
                Recovery(
                    "flattened-code",
                    Span(6, 6),
                    "def main(): greet(nam)",
                    "def main():\n    greet(nam)",
                ),
                Recovery("flattened-code", Span(8, 8), "", ""),
            ),
            entry_point="main.py",
            truncations=(
                Truncation(Span(5, 5), "the fence opened at line 1 is never closed", True),
            ),
        ),
        verdict=Verdict.FAILED,
        reason=None,
        findings=(
            Finding(
                "RV102",
                "truncated-reply",
                Severity.ERROR,
                "the reply breaks off in the middle of a line",
                Location(reply_line=5),
                related=((Location(reply_line=6), "taken up again here"),),
            ),
            Finding(
                "RV206",
                "undefined-name",
                Severity.ERROR,
                "`nam` is defined nowhere",
                Location("main.py", 5, 11, 6),
            ),
        ),
        missing=(Missing("packages", "--offline was given and the cache holds nothing"),),
        seconds=Seconds(total=0.2),
    )


def nothing_found() -> Report:
    return Report(
        submission=Submission(Reply((Part("I am sorry, I cannot help with that.\n", "-"),))),
        verdict=Verdict.FAILED,
        reason=None,
        findings=(
            Finding("RV101", "no-code", Severity.ERROR, "there is no Python code in the reply"),
        ),
        seconds=Seconds(total=0.01),
    )


def mended() -> Report:
    """The worm after `--fix`: only what needs another requirement is left."""
    report = worm()
    ran = run(
        ProgramKind.GAME,
        wall_seconds=2.3,
        observations=(Observation("frames", {"count": 21, "distinct": 20}),),
    )
    made = tuple(
        AppliedFix(each, diffs(report.submission, each.fix))
        for each in WORM_FINDINGS[1:3]
        if each.fix is not None
    )
    dropped = DroppedFix(WORM_FINDINGS[1], "RV206: nothing defines `\x1b[31mapple`")
    return replace(
        report,
        run=ran,
        findings=WORM_FINDINGS[:1],
        fixed=("RV204", "RV202"),
        mending=Mending(unsafe=False, applied=made, dropped=(dropped,)),
    )


SAMPLES = {
    "mended": mended,
    "hello": hello,
    "ball": ball,
    "worm": worm,
    "no-jail": no_jail,
    "conversation": conversation,
    "nothing-found": nothing_found,
}

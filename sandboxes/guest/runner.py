"""Run one program the way `python main.py` would, and tell the supervisor how it went.

Runs inside the jail, before the program's first line and under its last. Everything here is paid
by every run, so imports are few. What goes to the supervisor is a line of JSON and, after it,
`size` bytes; each line carries a token that keeps what the program writes there by accident apart.

Whatever can be said that way, the program could bring about for real at no greater price, but for
one thing: that it came to its end. That is said by one line the program must not come by, so no
frame, closure, module or object that can be listed holds it (`_seal`).

The program keeps its line numbers, its `__main__`, its `sys.argv` and its `sys.path`: nothing is
added to its text.
"""

from __future__ import annotations

import _thread
import builtins
import marshal
import os
import sys

GUEST = "(guest)"
"""The package of our modules in the program's interpreter: no statement can import that name."""
PYTHONS = "/tmp/.python"
MAX_FRAMES = 40
"""Stack entries reported, innermost last; a runaway recursion has a thousand alike."""
SETTLE_TRIES = 200
"""Of 5 ms each: how long we wait for bubblewrap to have made its jail."""
STACK_SIGNAL = 63
"""SIGRTMAX - 1: no program is known to use it, and faulthandler takes any signal below NSIG."""


class Channel:
    """The way to the supervisor, which only ever adds to what is known: nothing can be unsaid."""

    def __init__(self, descriptor: int, token: str) -> None:
        """Write to `descriptor`, signing with `token`."""
        self.descriptor = descriptor
        self.token = token
        self.process = os.getpid()
        self.lock = _thread.allocate_lock()
        self.json: object = None
        """The real one, where it had to be loaded before the program's own of that name."""
        self.crashed = False
        """Whether the program's crash was told: what is left then is to end."""

    def tell(self, event: str, data: bytes = b"", **fields: object) -> None:
        """Send one event; a supervisor that no longer listens is no reason to disturb a program."""
        if os.getpid() != self.process:
            return  # a child the program forked: its end is not the program's
        json = self.json or __import__("json")
        fields.update(event=event, token=self.token, size=len(data))
        # It begins with a line end, to be read even after something else wrote half a line here.
        view = memoryview(b"\n" + json.dumps(fields).encode() + b"\n" + data)
        try:
            with self.lock:
                # Watchers write there too, and only what fits a pipe at once is written in one.
                os.lockf(self.descriptor, os.F_LOCK, 0)
                while view:
                    view = view[os.write(self.descriptor, view) :]
                os.lockf(self.descriptor, os.F_ULOCK, 0)
        except OSError:
            pass


def main() -> None:
    """Set the stage, run the program, tell how it ended."""
    job_descriptor, events, stacks = map(int, sys.argv[1:4])
    with os.fdopen(job_descriptor, "rb") as file:
        job = marshal.load(file)
    for descriptor in (events, stacks):
        os.set_inheritable(descriptor, False)
    _leave_if_alone(events, jailed=not job["filter"])
    channel = Channel(events, job["token"])
    _seal(events, job.pop("seal"))
    work = job["paths"]["work"]
    _write_files(work, job["files"])
    _limit(job)
    _offer_python(job["files"])
    if job["watchers"]:
        _start_watchers(job, channel)
    if job["filter"]:
        _load_filter(job["filter"])
    import faulthandler

    faulthandler.register(STACK_SIGNAL, file=stacks, all_threads=True)
    _run(job, work, channel)


def _leave_if_alone(events: int, *, jailed: bool) -> None:
    """End here where the supervisor was killed while the jail was made: nobody would end it later.

    bubblewrap asks to die with its parent only some way into its work, and a parent that was gone
    by then is never noticed. Its last to ask is the jail's first process, which then takes on the
    filter that we have already: a supervisor that is there after that takes the jail along.
    """
    for _ in range(SETTLE_TRIES):
        if not jailed or _filters("1") == _filters("self"):
            break
        __import__("time").sleep(0.005)
    os.set_blocking(events, False)
    try:
        alone = not os.read(events, 1)
    except BlockingIOError:
        alone = False
    os.set_blocking(events, True)
    if alone:
        os._exit(1)


def _filters(process: str) -> bytes:
    """Return the line that counts the filters of system calls a process is under."""
    with open(f"/proc/{process}/status", "rb", buffering=0) as file:
        return file.readall().partition(b"Seccomp_filters")[2].partition(b"\n")[0]


def _run(job: dict, work: str, channel: Channel) -> None:
    path = f"{work}/{job['entry_point']}"
    _load_first(job, channel)
    module = _as_main(path, job, work)
    if job["instrument"]:
        instruments = _guest("instruments", job)
        instruments.install(job, channel, lambda error: _tell_crash(channel, error, work))

    def execute() -> None:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        exec(code, module.__dict__)

    try:
        _driven(execute, module.__dict__, job, channel)()
    except SystemExit as leave:
        channel.tell("leaving", status=_status(leave.code))
        raise
    except BaseException as error:
        _tell_crash(channel, error, work)
        _show(error)
        sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


def _status(code: object) -> int:
    """Return the exit status the interpreter makes of `sys.exit(code)`."""
    if code is None:
        return 0
    return code & 0xFF if isinstance(code, int) else 1


def _seal(descriptor: int, words: bytes) -> None:
    """Have `words` written when the interpreter ends by itself, after all the program registered.

    The interpreter's list of exit functions holds them, out of reach of frames; the collector drops
    a tuple of plain values from its books, and what is left of the start is moved out of them too,
    so `gc` lists neither. Called early, by the program or in a thread or child of its, it is mute:
    there is a caller, or another thread or process. So it is where the program has put something
    of its own in the descriptor's place. Native code can read all memory, this too.
    """
    import atexit
    import gc

    # Kept now: the program may put its own in their places.
    thread, process, status, write = _thread.get_ident, os.getpid, os.fstat, os.write
    frame = sys._getframe  # noqa: SLF001
    here = thread(), process(), status(descriptor).st_ino

    def leave(descriptor: int, words: bytes) -> None:
        try:
            frame(1)
        except ValueError:
            try:
                if (thread(), process(), status(descriptor).st_ino) == here:
                    write(descriptor, words)
            except OSError:
                pass  # the program has closed what it could find

    atexit.register(leave, descriptor, words)
    gc.collect(0)
    gc.freeze()


def _driven(execute: object, namespace: dict, job: dict, channel: Channel) -> object:
    """Return `execute` with the plan's drivers around it, the first of them outermost."""
    for name in reversed(job["plan"]["drivers"]):
        execute = _guest(name, job).around(execute, namespace, job, channel)
    return execute


def _guest(name: str, job: dict) -> object:
    """Import one of our modules so that a program's own module of that name is still its own."""
    if GUEST not in sys.modules:
        package = sys.modules[GUEST] = type(sys)(GUEST)
        package.__path__ = [job["paths"]["guest"]]
    return getattr(__import__(f"{GUEST}.{name}"), name)


def _load_first(job: dict, channel: Channel) -> None:
    """Load what drives a program whose files are named like modules of Python's, before it.

    Ours then hold the real ones; they are forgotten again, so that the program gets its own.
    """
    names = {path.partition("/")[0].removesuffix(".py") for path in job["files"]}
    own = names & sys.stdlib_module_names
    if not own:
        return
    import site  # noqa: F401 - what every Python has loaded stays loaded

    before = set(sys.modules)
    channel.json = __import__("json")
    for name in job["plan"]["drivers"]:
        _guest(name, job)
    if job["instrument"]:
        _guest("instruments", job).load_all()
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in own:
            del sys.modules[name]


def _as_main(path: str, job: dict, work: str) -> object:
    """Return an empty `__main__` that looks as `python main.py` would have made it."""
    import site

    # -S keeps the host's and the image's own packages away; these three are all a program misses.
    site.setquit()
    site.setcopyright()
    site.sethelper()
    module = type(sys)("__main__")
    module.__dict__.update(
        __builtins__=builtins, __file__=path, __annotations__={}, __doc__=None, __package__=None
    )
    sys.modules["__main__"] = module
    sys.argv = [path, *job["arguments"]]
    sys.path.insert(0, os.path.dirname(path))
    if os.path.dirname(path) != work:
        sys.path.insert(1, work)
    if job["paths"]["layer"]:
        sys.path.append(job["paths"]["layer"])
    sys.orig_argv[:] = [sys.executable, *sys.argv]
    os.chdir(work)
    return module


def _write_files(work: str, files: dict) -> None:
    for name, data in files.items():
        path = os.path.join(work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def _offer_python(files: dict) -> None:
    """Have `python` found where a program speaks of it; some systems know it as `python3` only."""
    if not any(b'"python' in text or b"'python" in text for text in files.values()):
        return
    folders = os.environ["PATH"].split(":")
    for name in ("python", "python3"):
        if not any(os.path.exists(f"{folder}/{name}") for folder in folders):
            os.makedirs(PYTHONS, exist_ok=True)
            os.symlink(sys.executable, f"{PYTHONS}/{name}")
            os.environ["PATH"] = f"{os.environ['PATH']}:{PYTHONS}"


def _limit(job: dict) -> None:
    import resource

    os.nice(job["nice"])
    for name, value in job["rlimits"].items():
        number = getattr(resource, name)
        ceiling = resource.getrlimit(number)[1]
        least = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(number, (least, least))
    try:
        # Where program and supervisor share one memory limit, the program is to die of it.
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        pass


def _load_filter(program: bytes) -> None:
    """Load the seccomp filter into this process, for the container that has no bubblewrap."""
    import ctypes

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    pr_set_no_new_privs, pr_set_seccomp, mode_filter = 38, 22, 2
    libc = ctypes.CDLL(None, use_errno=True)
    program_pointer = ctypes.byref(Program(len(program) // 8, program))
    if libc.prctl(pr_set_no_new_privs, 1, 0, 0, 0) or libc.prctl(
        pr_set_seccomp, mode_filter, program_pointer, 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the seccomp filter could not be loaded")


def _start_watchers(job: dict, channel: Channel) -> None:
    """Start what looks at the program from beside it, and wait until each says it is ready."""
    for name in job["watchers"]:
        ready, signal_ready = os.pipe()
        script = f"{job['paths']['guest']}/{name}.py"
        routes = "\n".join(job["plan"]["routes"])
        settle = str(job["plan"]["settle_seconds"])
        arguments = (str(signal_ready), str(channel.descriptor), channel.token, routes, settle)
        command = (sys.executable, "-I", "-S", script, *arguments)
        for descriptor in (signal_ready, channel.descriptor):
            os.set_inheritable(descriptor, True)
        os.posix_spawn(sys.executable, command, os.environ)
        os.set_inheritable(channel.descriptor, False)
        os.close(signal_ready)
        os.read(ready, 1)
        os.close(ready)


def _tell_crash(channel: Channel, error: BaseException, work: str) -> None:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if os.path.dirname(code.co_filename) != os.path.dirname(__file__):
            frames.append([_relative(code.co_filename, work), trace.tb_lineno, code.co_name])
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        frames.append([_relative(error.filename, work), error.lineno or 1, "<module>"])
    try:
        message = str(error)
    except Exception:
        message = "<the exception's own text could not be made>"
    kind = type(error)
    prefix = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    channel.crashed = True
    channel.tell(
        "crashed",
        type=prefix + kind.__qualname__,
        message=message[:2000],
        frames=frames[-MAX_FRAMES:],
    )


def _relative(path: str, work: str) -> str:
    return path[len(work) + 1 :] if path.startswith(work + "/") else path


def _without_ours(trace: object) -> object:
    """Return a traceback without the entries of what drives the program."""
    entries, kept = [], None
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    for entry in reversed(entries):
        if os.path.dirname(entry.tb_frame.f_code.co_filename) != os.path.dirname(__file__):
            kept = type(entry)(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _show(error: BaseException) -> None:
    """Print the traceback as the interpreter would, through whatever hook the program set."""
    trace = _without_ours(error.__traceback__)
    try:
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.stderr.flush()
    except Exception:
        sys.__excepthook__(type(error), error, trace)

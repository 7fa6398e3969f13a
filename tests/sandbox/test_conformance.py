"""Every sandbox keeps the same promises: same programs, same endings. Outcomes are in the names."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from validator.errors import SandboxUnavailable
from validator.facts import Ending, ProgramKind

if TYPE_CHECKING:
    from seeing import RunProgram

    from validator.facts import Run


def program(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


# ── ordinary programs ────────────────────────────────────────────────────────────────────────────


def test_a_hello_exits_0_and_its_output_is_kept(run: RunProgram) -> None:
    seen = run("print('hello')\n")

    assert (seen.ending, seen.exit_code, seen.completed) == (Ending.EXITED, 0, True)
    assert (seen.stdout, seen.stderr) == (b"hello\n", b"")


def test_a_program_meets_what_python_main_py_would_give_it(run: RunProgram) -> None:
    seen = run(
        program("""
        import sys
        assert __name__ == "__main__" and sys.modules["__main__"].__dict__ is globals()
        assert __file__.endswith("/main.py") and sys.argv == [__file__]
        assert __doc__ is None and __annotations__ == {} and __builtins__
        assert sys.path[0] == __file__.rpartition("/")[0]
        open("made.txt", "w").write("the work folder can be written")
        exit(0)
    """)
    )

    assert (seen.ending, seen.exit_code, seen.completed) == (Ending.EXITED, 0, True), seen.stderr


def test_a_crash_is_told_with_its_frames_and_printed_as_python_prints_it(run: RunProgram) -> None:
    seen = run("def half(n):\n    return n / 0\n\nhalf(1)\n")

    assert (seen.ending, seen.exit_code, seen.completed) == (Ending.EXITED, 1, False)
    assert seen.traceback is not None
    assert (seen.traceback.type_name, seen.traceback.message) == (
        "ZeroDivisionError",
        "division by zero",
    )
    assert [(f.path, f.line, f.function) for f in seen.traceback.frames] == [
        ("main.py", 4, "<module>"),
        ("main.py", 2, "half"),
    ]
    assert b"/guest/" not in seen.stderr
    assert seen.stderr.startswith(b"Traceback (most recent call last):\n")


def test_a_syntax_error_names_its_line(run: RunProgram) -> None:
    seen = run("x = 1\ndef f(:\n")

    assert seen.traceback is not None
    assert seen.traceback.type_name == "SyntaxError"
    assert seen.traceback.frames[-1].line == 2


def test_an_exit_status_is_the_programs_own(run: RunProgram) -> None:
    seen = run("import sys\nsys.exit(7)\n")

    assert (seen.ending, seen.exit_code, seen.traceback) == (Ending.EXITED, 7, None)


def test_an_exit_status_that_looks_like_a_signal_is_still_an_exit(run: RunProgram) -> None:
    seen = run("import sys\nsys.exit(137)\n")

    assert (seen.ending, seen.exit_code) == (Ending.EXITED, 137)


def test_a_segfault_is_a_signal(run: RunProgram) -> None:
    seen = run("import ctypes\nctypes.string_at(0)\n")

    assert (seen.ending, seen.exit_code) == (Ending.SIGNALLED, 128 + 11)


def test_input_is_read_from_what_the_job_brings(run: RunProgram) -> None:
    seen = run("print(input() + '!')\n", stdin=b"abc\n", kind=ProgramKind.SCRIPT)
    assert seen.stdout == b"abc!\n"


def test_input_without_any_is_the_end_of_the_file(run: RunProgram) -> None:
    seen = run("input('name? ')\n", kind=ProgramKind.SCRIPT)

    assert seen.traceback is not None
    assert seen.traceback.type_name == "EOFError"
    assert seen.stdout == b"name? "


def test_threads_processes_and_asyncio_work(run: RunProgram) -> None:
    seen = run(
        program("""
        import asyncio, multiprocessing, subprocess, sys, threading

        def double(n):
            return n * 2

        if __name__ == "__main__":
            thread = threading.Thread(target=print, args=("thread",))
            thread.start()
            thread.join()
            with multiprocessing.Pool(2) as pool:
                print(pool.map(double, [1, 2]))
            child = [sys.executable, "-c", "print('child')"]
            print(subprocess.check_output(child, text=True), end="")
            asyncio.run(asyncio.sleep(0))
    """)
    )

    assert seen.stdout == b"thread\n[2, 4]\nchild\n", seen.stderr
    assert seen.completed


def test_a_forked_childs_crash_is_not_the_programs(run: RunProgram) -> None:
    seen = run(
        program("""
        import os
        pid = os.fork()
        if pid == 0:
            raise RuntimeError("in the child")
        os.waitpid(pid, 0)
        print("parent done")
    """)
    )

    assert (seen.ending, seen.exit_code, seen.traceback) == (Ending.EXITED, 0, None)
    assert seen.stdout == b"parent done\n"


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def test_an_endless_loop_is_stopped_and_its_stack_and_output_kept(run: RunProgram) -> None:
    seen = run("print('before')\nwhile True:\n    pass\n", wall_seconds=1.0)

    assert (seen.ending, seen.exit_code) == (Ending.TIMED_OUT, None)
    assert seen.stdout == b"before\n"
    assert seen.stacks[0].frames[-1].path == "main.py"
    assert seen.stacks[0].frames[-1].line in (2, 3)


def test_a_loop_that_ignores_every_signal_is_stopped_all_the_same(run: RunProgram) -> None:
    seen = run(
        program("""
            import signal
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            print("ignoring")
            while True:
                pass
        """),
        wall_seconds=1.0,
    )

    assert seen.ending is Ending.TIMED_OUT
    assert seen.stdout == b"ignoring\n"


def test_200_megabytes_of_output_are_cut_and_counted(run: RunProgram) -> None:
    seen = run(
        program("""
        import os
        for _ in range(200):
            os.write(1, b"x" * 1_000_000)
    """)
    )

    assert seen.ending is Ending.OUTPUT_FLOOD
    assert len(seen.stdout) < 257 * 1024
    assert seen.stdout_bytes > 16_000_000


def test_two_megabytes_are_cut_and_not_a_flood(run: RunProgram) -> None:
    seen = run("print('first')\nprint('x' * 2_000_000)\nprint('last')\n")

    assert (seen.ending, seen.exit_code) == (Ending.EXITED, 0)
    assert seen.stdout.startswith(b"first\n")
    assert seen.stdout.endswith(b"last\n")
    assert b"bytes left out" in seen.stdout


def test_a_memory_hog_runs_out_of_memory_and_the_next_program_is_fine(run: RunProgram) -> None:
    seen = run("hoard = []\nwhile True:\n    hoard.append(bytearray(10_000_000))\n")

    assert seen.ending is Ending.OUT_OF_MEMORY
    assert run("print('fine')\n").stdout == b"fine\n"


def test_memory_shared_by_forks_is_counted_once(run: RunProgram) -> None:
    seen = run(
        program("""
        import os, time
        big = bytearray(60_000_000)
        children = []
        for _ in range(8):
            pid = os.fork()
            if pid == 0:
                time.sleep(0.5)
                os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        print("shared")
    """)
    )

    assert (seen.ending, seen.stdout) == (Ending.EXITED, b"shared\n")


def test_a_fork_bomb_meets_the_limit_and_the_next_program_is_fine(run: RunProgram) -> None:
    seen = run(
        program("""
        import os, time
        made = 0
        while True:
            try:
                if os.fork() == 0:
                    time.sleep(60)
                made += 1
            except OSError as error:
                print(made < 60, error.strerror)
                break
    """)
    )

    assert seen.stdout == b"True Resource temporarily unavailable\n"
    assert run("print('fine')\n").stdout == b"fine\n"


def test_a_thread_bomb_meets_the_limit(run: RunProgram) -> None:
    seen = run(
        program("""
        import threading, time
        made = 0
        try:
            while True:
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
                made += 1
        except RuntimeError as error:
            print(made < 60, error)
    """)
    )

    assert seen.stdout == b"True can't start new thread\n"


def test_a_full_disk_is_the_programs_own(run: RunProgram) -> None:
    seen = run(
        program("""
            for folder in (".", "/tmp", "/dev/shm"):
                try:
                    with open(f"{folder}/big", "wb") as file:
                        for _ in range(200):
                            file.write(b"x" * 1_000_000)
                except OSError as error:
                    print(folder, error.strerror)
                    import os
                    os.unlink(f"{folder}/big")
        """),
        disk_mib=16,
    )

    assert seen.stdout.decode().splitlines() == [
        f"{folder} No space left on device" for folder in (".", "/tmp", "/dev/shm")
    ]


# ── walls ────────────────────────────────────────────────────────────────────────────────────────


def test_there_is_no_network(run: RunProgram) -> None:
    seen = run(
        program("""
        import socket
        for address in (("1.1.1.1", 53), ("172.17.0.1", 22), ("169.254.169.254", 80)):
            try:
                socket.create_connection(address, timeout=2)
                print("reached", address)
            except OSError as error:
                print(type(error).__name__)
        try:
            socket.getaddrinfo("pypi.org", 443)
            print("resolved")
        except OSError as error:
            print(type(error).__name__)
    """)
    )

    assert seen.stdout == b"OSError\nOSError\nOSError\ngaierror\n"


def test_the_program_can_talk_to_itself(run: RunProgram) -> None:
    seen = run(
        program("""
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        client.sendall(b"to itself")
        print(server.accept()[0].recv(100))
    """)
    )

    assert seen.stdout == b"b'to itself'\n"


def test_host_files_cannot_be_read(
    run: RunProgram, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("host") / "secret.txt"
    secret.write_text("of the host")
    secret.chmod(0o644)
    seen = run(program(f"""
        for path in ({str(secret)!r}, "/etc/shadow", "/proc/kcore", "/dev/mem"):
            try:
                print(path, open(path, "rb").read(10))
            except OSError:
                pass
    """))  # fmt: skip

    assert (seen.stdout, seen.completed) == (b"", True)


def test_only_what_leads_to_the_interpreter_is_there(run: RunProgram) -> None:
    seen = run(
        program("""
        import os, sys
        known = (sys.base_prefix, os.path.dirname(os.__file__))
        for path in ("/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/sys", "/var"):
            for folder, folders, files in os.walk(path):
                if files and not folder.startswith(known):
                    print(folder, files[:3])
    """)
    )

    if seen.backend != "docker-single-use":  # which has the image's own files, and no host's
        assert [line for line in seen.stdout.decode().splitlines() if "/lib" not in line] == []


def test_no_engine_can_be_reached(run: RunProgram) -> None:
    seen = run(
        program("""
        import os, socket
        for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"):
            print(os.path.exists(path))
    """)
    )

    assert seen.stdout == b"False\n" * 3


def test_the_environment_is_ours_alone(run: RunProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "do-not-leak")
    seen = run("import os\nprint(dict(os.environ))\nprint(open('/proc/self/environ').read())\n")

    assert seen.ending is Ending.EXITED
    assert b"do-not-leak" not in seen.stdout
    assert b"VALIDATOR" not in seen.stdout
    assert b"'SDL_VIDEODRIVER': 'dummy'" in seen.stdout


def test_the_system_cannot_be_written(run: RunProgram) -> None:
    seen = run(
        program("""
        for path in ("/usr/x", "/etc/x", "/x", "/guest/runner.py", "/proc/sys/kernel/core_pattern",
                     "/opt/validator/guest/runner.py", "/sys/x", "/proc/sysrq-trigger"):
            try:
                open(path, "a").write("x")
                print("wrote", path)
            except OSError:
                pass
    """)
    )

    assert (seen.stdout, seen.completed) == (b"", True)


def test_no_namespace_mount_trace_or_key_can_be_had(run: RunProgram) -> None:
    seen = run(
        program("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        newuser, newnet, newns = 0x10000000, 0x40000000, 0x00020000
        tries = {
            "unshare user": lambda: libc.unshare(newuser),
            "unshare net": lambda: libc.unshare(newnet),
            "unshare mounts": lambda: libc.unshare(newns),
            "setns": lambda: libc.setns(0, 0),
            "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
            "ptrace": lambda: libc.ptrace(16, os.getppid(), 0, 0),
            "chroot": lambda: libc.chroot(b"/tmp"),
            "keyctl": lambda: libc.syscall(250, 0, 0, 0, 0),
            "bpf": lambda: libc.syscall(321, 0, 0, 0),
            "io_uring": lambda: libc.syscall(425, 1, 0),
            "clone user": lambda: libc.syscall(56, newuser | 17, 0, 0, 0, 0),
        }
        for name, attempt in tries.items():
            print(name, "done" if attempt() >= 0 else "refused")
        try:
            import socket
            socket.socket(40, socket.SOCK_STREAM)
            print("vsock done")
        except OSError:
            print("vsock refused")
    """)
    )

    lines = seen.stdout.decode().splitlines()
    assert len(lines) == 12, seen.stderr
    assert [line for line in lines if not line.endswith("refused")] == []


def test_nothing_survives_from_one_program_to_the_next(run: RunProgram) -> None:
    run(
        program("""
        import os, time
        for folder in (".", "/tmp", "/dev/shm"):
            open(f"{folder}/left-behind", "w").write("x")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(60)
            os._exit(0)
    """)
    )
    seen = run(
        program("""
        import os
        print([f for f in (".", "/tmp", "/dev/shm") if os.path.exists(f"{f}/left-behind")])
        print(sum(name.isdigit() for name in os.listdir("/proc")))
    """)
    )

    # bubblewrap's reaper and the program; or, in a container of its own, the supervisor and it.
    assert seen.stdout == b"[]\n2\n"


# ── truth ────────────────────────────────────────────────────────────────────────────────────────


def test_a_hook_that_hides_a_crash_does_not(run: RunProgram) -> None:
    seen = run("import os, sys\nsys.excepthook = lambda *a: os._exit(0)\n1 / 0\n")

    assert seen.traceback is not None
    assert seen.traceback.type_name == "ZeroDivisionError"
    assert seen.completed is False


def test_an_exit_handler_that_hides_a_crash_does_not(run: RunProgram) -> None:
    seen = run("import atexit, os\natexit.register(os._exit, 0)\n1 / 0\n")

    assert seen.traceback is not None
    assert seen.completed is False


def test_leaving_by_the_back_door_is_not_completing(run: RunProgram) -> None:
    seen = run("import os\nprint('all tests passed', flush=True)\nos._exit(0)\n")

    assert (seen.exit_code, seen.completed) == (0, False)


def test_results_written_to_every_descriptor_are_not_believed(run: RunProgram) -> None:
    seen = run(
        program("""
        import json, os, struct
        event = json.dumps({"event": "completed", "token": "0" * 32, "size": 0}).encode() + b"\\n"
        header = json.dumps({"type": "run", "id": "1", "ending": "exited", "exit_code": 0}).encode()
        frame = struct.pack(">II", len(header), 0) + header
        for fd in range(3, 64):
            for data in (event, frame, b"garbage without an end"):
                try:
                    os.write(fd, data)
                except OSError:
                    pass
        raise SystemError("forged")
    """)
    )

    assert seen.exit_code == 1
    assert seen.completed is False


def test_tampering_with_the_guest_files_changes_nothing(run: RunProgram) -> None:
    run(
        program("""
        import os
        for folder in ("/guest", "/opt/validator/guest"):
            for name in ("runner.py", "instruments.py", "supervisor.py"):
                try:
                    os.chmod(f"{folder}/{name}", 0o777)
                    open(f"{folder}/{name}", "w").write("print('tampered')")
                except OSError:
                    pass
    """)
    )

    assert run("print('untouched')\n").stdout == b"untouched\n"


def test_killing_everything_in_reach_never_passes(run: RunProgram) -> None:
    seen = run("from os import kill\nkill(-1, 9)\nkill(1, 9)\nprint('here')\n")
    assert seen.completed is (seen.stdout == b"here\n")
    assert run("print('fine')\n").stdout == b"fine\n"


# ── kinds ────────────────────────────────────────────────────────────────────────────────────────


def test_a_window_is_seen_and_pictured(run: RunProgram) -> None:
    try:
        seen = show_a_window(run)
    except SandboxUnavailable as error:
        pytest.skip(str(error))

    assert "window" in [o.kind for o in seen.observations], (seen.ending, seen.stderr)
    assert seen.artifacts[0].path == "window.png"
    assert seen.artifacts[0].data.startswith(b"\x89PNG")


def show_a_window(run: RunProgram) -> Run:
    return run(
        program("""
        import tkinter
        window = tkinter.Tk()
        tkinter.Label(window, text="seen", bg="red", width=20, height=5).pack()
        window.mainloop()
    """)
    )


def test_a_server_is_found_and_asked(run: RunProgram) -> None:
    seen = run(
        program("""
        import http.server
        class Hello(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"hello")
        http.server.HTTPServer(("127.0.0.1", 8123), Hello).serve_forever()
    """)
    )

    assert seen.plan.kind is ProgramKind.SERVER
    assert [(o.kind, o.fields.get("port"), o.fields.get("status")) for o in seen.observations] == [
        ("port", 8123, None),
        ("response", None, 200),
    ]

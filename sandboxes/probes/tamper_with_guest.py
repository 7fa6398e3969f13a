# promise: the programs of the sandbox cannot be changed or replaced
# ending: exited
import os

for folder in ("/guest", "/opt/validator/guest", "/opt/validator"):
    for name in ("runner.py", "supervisor.py", "jail.json", "sitecustomize.py", "json.py"):
        path = f"{folder}/{name}"
        for attempt in (
            lambda: os.chmod(path, 0o777), lambda: open(path, "a").write("x"),
            lambda: os.unlink(path), lambda: os.rename(path, "/tmp/x"),
            lambda: os.link(path, "/tmp/link"), lambda: os.symlink("/tmp", path),
        ):
            try:
                attempt()
                print("BROKEN", path, attempt.__code__.co_names)
            except OSError:
                pass
print("kept")

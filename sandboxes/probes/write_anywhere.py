# promise: nothing but the work folder, /tmp and /dev/shm can be written to, renamed or removed
# ending: exited
import os

OURS = ("/work", "/tmp", "/dev/shm", "/proc", "/sys")
QUEUES = ("/dev/pts", "/dev/mqueue")
"""Of its own too: terminals and message queues, neither of which holds a file."""
looked = 0
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in OURS + QUEUES][:40]
    looked += 1
    if looked > 1500:
        break
    changes = [
        lambda: os.close(os.open(f"{folder}/probe", os.O_CREAT | os.O_WRONLY)),
        lambda: os.mkdir(f"{folder}/probe-folder"),
        lambda: os.symlink("/", f"{folder}/probe-link"),
        lambda: os.chmod(folder, 0o777),
        lambda: os.utime(folder),
    ]
    for name in files[:2]:
        if folder.startswith("/dev"):
            continue
        path = os.path.join(folder, name)
        changes += [
            lambda path=path: os.close(os.open(path, os.O_WRONLY)),
            lambda path=path: os.rename(path, path + ".probe"),
            lambda path=path: os.link(path, "/work/linked"),
        ]
    for change in changes:
        try:
            change()
        except OSError:
            continue
        print("BROKEN", folder, files[:2])
print("kept in", looked, "folders")

# promise: memory files, System V segments and folders in memory do not escape the limit
# ending: out-of-memory, exited, signalled
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
held = 0
try:
    while held < 2000:
        descriptor = os.memfd_create("hoard")
        os.write(descriptor, b"x" * 1_000_000)
        held += 1
except OSError as error:
    print("kept", held, "MB in memory files:", error.strerror, flush=True)
segments = 0
for _ in range(500):
    number = libc.shmget(0, 4_000_000, 0o1600)
    if number < 0:
        break
    address = libc.shmat(number, None, 0)
    segments += 1
print("BROKEN" if segments > 100 or held > 1000 else "kept", segments, "segments", flush=True)
for folder in ("/tmp", "/dev/shm", "."):
    try:
        with open(f"{folder}/big", "wb") as file:
            for _ in range(400):
                file.write(b"x" * 1_000_000)
        print("BROKEN 400 MB in", folder)
    except OSError as error:
        print("kept", folder, error.strerror, flush=True)

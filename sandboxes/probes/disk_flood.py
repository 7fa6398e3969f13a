# promise: every folder that can be written has a size
# ending: exited
# limits: disk_mib=16
import os

for folder in (".", "/tmp", "/dev/shm"):
    try:
        with open(f"{folder}/big", "wb") as file:
            for _ in range(100):
                file.write(b"x" * 1_000_000)
        print("BROKEN", folder, "took 100 MB")
    except OSError as error:
        print("kept", folder, error.strerror)
    os.unlink(f"{folder}/big")
for folder in ("/", "/usr", "/etc", "/dev", "/proc", "/guest", "/env", "/opt", "/var/tmp", "/run"):
    try:
        open(f"{folder}/big", "wb").write(b"x")
        print("BROKEN", folder, "can be written")
    except OSError:
        pass

# promise: the memory of all processes together is bounded
# ending: exited, out-of-memory, signalled
import os
import time

children = []
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        hoard = bytearray(os.urandom(1) * 40_000_000)
        time.sleep(1.5)
        os._exit(0)
    children.append(pid)
whole = sum(os.waitpid(pid, 0)[1] == 0 for pid in children)
print("BROKEN" if whole == 20 else "kept", whole, "of 20 held 40 MB at once")

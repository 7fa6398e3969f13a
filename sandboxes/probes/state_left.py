# promise: what one program leaves anywhere is gone for the next
# ending: exited
import ctypes
import os
import socket
import time

for folder in (".", "/tmp", "/dev/shm", "/dev/mqueue", "/run", "/var/tmp", "/env", "/layers"):
    try:
        open(f"{folder}/left-behind", "w").write("x")
    except OSError:
        pass
libc = ctypes.CDLL(None, use_errno=True)
libc.shmget(4711, 4096, 0o1666)
libc.msgget(4711, 0o1666)
libc.semget(4711, 1, 0o1666)
librt = ctypes.CDLL("librt.so.1", use_errno=True)
librt.mq_open(b"/left-behind", 0o102, 0o600, None)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\0left-behind")
        listener.listen()
        server = socket.create_server(("127.0.0.1", 4711))
        time.sleep(60)
    os._exit(0)
time.sleep(0.3)
print("kept until here", flush=True)

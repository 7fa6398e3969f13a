# promise: signals reach nothing outside the jail
# ending: exited, signalled
import os
import signal

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGKILL):
    for target in (-1, 1, os.getppid()):
        try:
            os.kill(target, number) if target != os.getpid() else None
        except OSError:
            pass
print("kept", flush=True)

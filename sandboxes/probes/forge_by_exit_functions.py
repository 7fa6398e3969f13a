# promise: it cannot be made to be said before the end
# ending: exited
# completed: no
import _thread
import atexit
import os
import signal
import time

atexit._run_exitfuncs()
_thread.start_new_thread(atexit._run_exitfuncs, ())
signal.signal(signal.SIGALRM, lambda *_: atexit._run_exitfuncs())
os.kill(os.getpid(), signal.SIGALRM)
if os.fork() == 0:
    atexit._run_exitfuncs()
    raise SystemExit(0)
time.sleep(0.3)
print("kept", flush=True)
os._exit(0)

# promise: a child that has left its parent, session and terminal ends with the run
# ending: exited
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(30)
        print("BROKEN: it outlived the run")
    os._exit(0)
print("kept, if this run ends now", flush=True)

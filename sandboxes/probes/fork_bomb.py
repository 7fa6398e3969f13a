# promise: processes are bounded, and those that got through end with the run
# ending: exited
import os
import time

made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except OSError as error:
    print("kept after", made, error.strerror)
else:
    print("BROKEN", made, "processes")

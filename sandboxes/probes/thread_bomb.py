# promise: threads count as processes do
# ending: exited
import threading
import time

made = 0
try:
    while made < 500:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        made += 1
except RuntimeError as error:
    print("kept after", made, error)
else:
    print("BROKEN", made, "threads")

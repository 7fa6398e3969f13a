# promise: files without content are bounded as well
# ending: out-of-memory, exited, timed-out, signalled
import os

made = 0
print("kept until here", flush=True)
try:
    while made < 1_500_000:
        os.close(os.open(f"/tmp/{made}", os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError as error:
    print("kept after", made, error.strerror)
else:
    print("BROKEN", made, "files")

# promise: no open folder, device or file of ours comes with the start, and nothing is told through one
# ending: exited
import os
import stat

for name in os.listdir("/proc/self/fd"):
    number = int(name)
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue  # the listing's own
    where = os.readlink(f"/proc/self/fd/{number}")
    if stat.S_ISDIR(mode) or stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and where != "/dev/null"):
        print("BROKEN", number, where)
    if number > 2 and stat.S_ISREG(mode) and not where.startswith(("/memfd:", "/work/main.py")):
        print("BROKEN", number, where)
    if number > 2 and stat.S_ISSOCK(mode):
        os.set_blocking(number, False)
        try:
            print("BROKEN", number, "says", os.read(number, 100))
        except BlockingIOError:
            os.set_blocking(number, True)
print("kept")

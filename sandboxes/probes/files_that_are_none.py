# promise: links, pipes, folders and endless files are not kept as what a program made, nor waited for
# ending: exited
import os

os.symlink("/etc/passwd", "page.html")
os.symlink("/proc/self/environ", "chart.png")
os.symlink("/dev/zero", "noise.png")
os.symlink("../guest/runner.py", "runner.svg")
os.symlink("loop.png", "loop.png")
os.mkfifo("pipe.png")
os.mkdir("folder.png")
with open("endless.png", "wb") as file:
    file.truncate(1 << 40)
os.makedirs("deep/" * 60)
os.symlink("/", "deep/root")
try:
    os.mknod("disk.png", 0o60666, os.makedev(259, 0))
    print("BROKEN: a device was made")
except OSError:
    pass
print("kept")

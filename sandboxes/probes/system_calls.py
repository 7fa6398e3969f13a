# promise: calls that reach into the kernel's deep end are refused, or end the program, by any table
# ending: exited, signalled
import ctypes
import mmap
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
calls = {
    "bpf": (321, 280), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "ptrace": (101, 117), "kcmp": (312, 272),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
    "swapon": (167, 224), "reboot": (169, 142), "acct": (163, 89), "quotactl": (179, 60),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    "syslog": (103, 116), "mbind": (237, 235), "set_mempolicy": (238, 237),
    "move_pages": (279, 239), "memfd_secret": (447, 447), "modify_ldt": (154, -1),
    "iopl": (172, -1), "ioperm": (173, -1), "lookup_dcookie": (212, 18), "vhangup": (153, 58),
    "unknown": (9999, 9999),
}
refused = (1, 38)
for name, numbers in calls.items():
    number = numbers[platform.machine() == "aarch64"]
    ctypes.set_errno(0)
    if number >= 0 and (libc.syscall(number, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in refused):
        print("BROKEN", name, os.strerror(ctypes.get_errno()))
for domain in (0x0040000, 0x0400000, 0x8):
    if libc.personality(ctypes.c_ulong(domain)) != -1:
        print("BROKEN personality", hex(domain))
for request in (0x5412, 0x541C):
    libc.ioctl(0, request, b"x")
    if ctypes.get_errno() != 1:
        print("BROKEN ioctl", hex(request))
if platform.machine() == "x86_64":
    print("kept as far as the table goes", flush=True)
    if libc.syscall(0x40000000 + 39) >= 0:
        print("BROKEN: the x32 table")
    # mov eax, 20 (getpid in the table of 32-bit programs); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if code() > 0:
        print("BROKEN: the table of 32-bit programs")
print("kept")

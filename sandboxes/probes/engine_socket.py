# promise: no engine can be asked for anything
# ending: exited
import os
import socket

for path in (
    "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock",
    "/run/podman/podman.sock", "/run/crio/crio.sock", "/run/dbus/system_bus_socket", "/run/systemd/private",
):
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("BROKEN", path)
    except OSError:
        pass
for address in (("127.0.0.1", 2375), ("172.17.0.1", 2375), ("172.17.0.1", 2376)):
    try:
        socket.create_connection(address, timeout=1)
        print("BROKEN", address)
    except OSError:
        pass
print("kept")

#!/usr/bin/env python3
"""console.py DIR - hold a container's console: a pty whose output goes to DIR/console.log and to whoever
is connected to DIR/console.sock; their input goes to the pty. The slave's name is written to DIR/tty."""
import errno
import fcntl
import os
import selectors
import socket
import struct
import sys
import termios
import time

folder = sys.argv[1]
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 100, 0, 0))
os.chmod(os.ttyname(slave), 0o600)
log = os.open(f"{folder}/console.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
with open(f"{folder}/tty", "w") as f:
    f.write(os.ttyname(slave))
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(f"{folder}/console.sock")
listener.listen(4)
clients = set()
sel = selectors.DefaultSelector()
sel.register(master, selectors.EVENT_READ)
sel.register(listener, selectors.EVENT_READ)


def drop(client):
    sel.unregister(client)
    clients.discard(client)
    client.close()


def from_pty():
    try:
        data = os.read(master, 65536)
    except OSError as e:
        if e.errno != errno.EIO:
            raise
        time.sleep(0.1)  # hung up by a getty, which opens it again
        return
    os.write(log, data)
    for client in list(clients):
        try:
            client.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass  # a slow terminal loses output; the log has it all
        except OSError:
            drop(client)


def from_client(client):
    try:
        data = client.recv(4096)
    except OSError:
        data = b""
    if not data:
        drop(client)
        return
    os.write(master, data)


while True:
    for key, _ in sel.select():
        if key.fileobj == master:
            from_pty()
        elif key.fileobj is listener:
            conn, _ = listener.accept()
            clients.add(conn)
            sel.register(conn, selectors.EVENT_READ)
        elif key.fileobj in clients:
            from_client(key.fileobj)

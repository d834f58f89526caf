#!/usr/bin/env python3
"""libudev-cases.py CLIENT THEIRS OURS - libudev-client with Debian's library and with ours, on one made-up tree, equal lines

THEIRS and OURS are folders with a libudev.so.1. Inside the namespaces of unit-devctl. Prints the differences and last "N lines, N differ"."""
import difflib, os, re, shutil, subprocess, sys, time

sys.argv, args = sys.argv[:1], sys.argv[1:]
from importlib.machinery import SourceFileLoader
cases = SourceFileLoader("cases", os.path.join(os.path.dirname(os.path.abspath(__file__)), "ctl-cases.py")).load_module()


def normal(text):
    """the words of these are in the order of a table hashed with a random key, or an empty one among them"""
    return [" ".join(sorted(filter(None, re.split("[ :=]", l)))) if re.match("properties:|tags:|current tags:", l) else l for l in text.split("\n")]


def run(client, library, *more):
    env = dict(os.environ, LD_LIBRARY_PATH=library, SYSTEMD_DEVICE_VERIFY_SYSFS="0")
    return subprocess.Popen([client, *more], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")


def asked(client, library):
    p = run(client, library)
    out = p.communicate(timeout=120)[0]
    cases.tree()
    return normal(out + "status %d" % p.returncode)


def heard(client, libraries):
    """both hear the same events, and say what they heard when all are sent"""
    daemon = cases.Daemon()             # without one Debian's does not listen
    running = [run(client, l, "monitor") for l in libraries]
    begin = []
    for p in running:
        lines = []
        while not lines or lines[-1] not in ("ready\n", ""):
            lines.append(p.stdout.readline())
        begin.append(lines)
    cases.events()
    daemon.end()
    out = []
    for p, b in zip(running, begin):
        rest = p.communicate("x", timeout=120)[0]
        out.append(normal("".join(b) + rest + "status %d" % p.returncode))
    return out


def main():
    client, theirs, ours = args
    a, b = asked(client, theirs), asked(client, ours)
    x, y = heard(client, (theirs, ours))
    a, b = a + x, b + y
    found = list(difflib.unified_diff(a, b, "theirs", "ours", "", "", 1, ""))
    print("\n".join(found))
    if a[-1] != "status 0":
        print("# the client does not end well with Debian's library")
    print("%d lines, %d differ" % (len(a), sum(l.startswith("-") for l in found) + (a[-1] != "status 0")))


main()

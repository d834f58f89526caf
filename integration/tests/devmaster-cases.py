"""devmaster-cases.py BIN SCTL [UDEVADM] - the daemon in a network and a mount namespace of its own: the kernel's events of interfaces.

We are its service manager: sockets are kept here, NOTIFY_SOCKET is ours. Prints lines of tap.sh."""
import array, glob, json, os, re, signal, socket, struct, subprocess, sys, time

BIN, SCTL = sys.argv[1:3]
UDEVADM = sys.argv[3] if len(sys.argv) > 3 else None
RULES = "/run/udev/rules.d/50-test.rules"
LONG = 60       # seconds, for whatever must happen at last

def say(good, name, detail=""):
    print(("ok - " if good else "not ok - ") + name, flush=True)
    if not good:
        for line in str(detail).splitlines()[-25:]:
            print("# " + line, flush=True)

def until(condition, seconds=LONG):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    return condition()

def rules(text):
    with open(RULES + ".new", "w") as f:
        f.write(text)
    os.rename(RULES + ".new", RULES)

class Daemon:
    """One devmaster after the other, with what a service manager keeps between them."""
    def __init__(self, store=True, args=()):
        self.args, self.store, self.fds = args, store, []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path = "/run/notify-%d" % time.monotonic_ns()
        self.notify.bind(self.path)
        self.start()

    def start(self):
        env = dict(os.environ, NOTIFY_SOCKET=self.path)
        fds = list(self.fds)
        def child():
            for i, fd in enumerate(fds):
                os.dup2(fd, 3 + i)
            if fds:
                os.environ["x"] = ""
        if fds:
            # LISTEN_PID is the daemon's own: a shell that becomes it knows
            command = ["/bin/sh", "-c", "export LISTEN_PID=$$ LISTEN_FDS=%d; exec \"$@\"" % len(fds), "sh", BIN]
        else:
            command = [BIN]
        self.log = open("/run/devmaster.log", "a")
        self.process = subprocess.Popen(command + list(self.args), env=env, stderr=self.log, preexec_fn=child,
                                        pass_fds=[3 + i for i in range(len(fds))])
        self.wait_ready()

    def wait_ready(self):
        self.notify.settimeout(LONG)
        while True:
            data, control, _, _ = self.notify.recvmsg(4096, socket.CMSG_SPACE(64))
            for level, kind, raw in control:
                got = array.array("i")
                got.frombytes(raw[: len(raw) // 4 * 4])
                for fd in got:
                    if self.store and b"FDSTORE=1" in data:
                        high = os.dup(fd)
                        self.fds.append(high)
                    os.close(fd)
            if b"READY=1" in data:
                return

    def listen(self):
        """a service manager reads what it is told: a full socket would hold up the daemon"""
        self.notify.settimeout(0)
        try:
            while True:
                self.notify.recv(4096)
        except OSError:
            pass

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(LONG)
        for fd in self.fds:
            os.close(fd)
        self.notify.close()
        return code

def call(method, *args):
    return subprocess.run([SCTL, "ipc", "devmaster", method, *args], capture_output=True, text=True)

def status():
    return dict(re.findall(r"^(\w+): (.*)$", call("status").stdout, re.M))

def settled():
    return "done: yes" in call("wait", "seqnum=0").stdout

def settle():
    good = until(settled)
    if not good:
        say(False, "events settle within %d s" % LONG, call("status").stdout + open("/run/devmaster.log").read()[-3000:])
    return good

def ip(*words):
    subprocess.run(["ip", *words], check=True)

def batch(lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)

def records():
    """what the database says, without what differs from run to run"""
    out = {}
    for path in glob.glob("/run/udev/data/n*"):
        text = "".join(l for l in open(path) if not l.startswith("I:"))
        name = re.search(r"E:NAME_SEEN=(.*)", text)
        out[name.group(1) if name else path] = re.sub(r"devices/\S+", "", text)
    return out

def links():
    return [l for l in os.listdir("/sys/class/net") if re.match(r"[bv]\d", l)]

def clear():
    batch(["link del " + l for l in links()])
    settle()

def change(names):
    for n in names:
        with open("/sys/class/net/%s/uevent" % n, "w") as f:
            f.write("change")

PLAIN = 'SUBSYSTEM=="net", ENV{NAME_SEEN}="$kernel", TAG+="seen"\n'

# ---- the cases ----

def basic():
    batch(["link add b%d type bridge" % i for i in range(20)])
    say(settle(), "events settle", status())
    got = records()
    say(len([n for n in got if n.startswith("b")]) == 20, "each interface has its record", got)
    say(all("Q:seen" in got["b%d" % i] and os.path.exists("/run/udev/tags/seen/n%s" % open("/sys/class/net/b%d/ifindex" % i).read().strip()) for i in range(20)),
        "tags are in the records and in the index", got)
    say(not os.path.exists("/run/udev/queue"), "the queue file is gone when nothing is left")
    ip("link", "set", "b3", "name", "b99")
    settle()
    say("b99" in records() and "b3" not in records(), "a renamed interface keeps its record", records())
    clear()
    say(not [n for n in records() if n.startswith("b")], "records go with the devices", records())
    say(status()["failed"] == "0", "nothing failed", status())

def order():
    rules(PLAIN + 'SUBSYSTEM=="net", KERNEL=="b*", ACTION!="remove", RUN+="/bin/sh -c \'echo $$SEQNUM >>/run/order-$$IFINDEX\'"\n')
    call("reload")
    batch(["link add b%d type bridge" % i for i in range(6)])
    for _ in range(8):
        change(["b%d" % i for i in range(6)])
    settle()
    got = {p: [int(l) for l in open(p)] for p in glob.glob("/run/order-*")}
    say(len(got) == 6 and all(len(v) == 9 for v in got.values()), "every event of a device runs its programs", got)
    say(all(v == sorted(v) for v in got.values()), "events of one device keep their order", got)
    for p in got:
        os.unlink(p)
    clear()

def listeners():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.bind((0, 2))
    s.settimeout(LONG)
    def heard(action):
        while True:
            data = s.recv(65536)
            if b"\0DEVPATH=/devices/virtual/net/b0\0" in data and b"ACTION=" + action + b"\0" in data:
                return data
    ip("link", "add", "b0", "type", "bridge")
    data = heard(b"add")
    say(data[:8] == b"libudev\0" and data[8:12] == b"\xfe\xed\xca\xfe" and b"NAME_SEEN=b0\0" in data and b"\0TAGS=:seen:\0" in data,
        "who listens hears of an event with its properties", data)
    call("set_properties", "properties=EXTRA=yes")
    change(["b0"])
    say(b"\0EXTRA=yes\0" in heard(b"change"), "set_properties is in later events", call("status").stdout)
    call("set_properties", "properties=EXTRA=")
    change(["b0"])
    say(b"EXTRA" not in heard(b"change"), "and can be taken back", "")
    # a process that speaks as the kernel does
    before = status()["seqnum"]
    forger = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    text = b"add@/devices/virtual/net/forged\0ACTION=add\0DEVPATH=/devices/virtual/net/forged\0SUBSYSTEM=net\0SEQNUM=99999999\0IFINDEX=77\0"
    forger.sendto(text, (0, 1))
    settle()
    say(status()["seqnum"] == before and not os.path.exists("/run/udev/data/n77"), "a forged message of the kernel is refused", status())
    s.close()
    clear()

def workers(d):
    rules(PLAIN + 'KERNEL=="b0", ACTION=="add", TEST!="/run/second", PROGRAM="/bin/sh -c \'touch /run/second; kill -9 $$PPID; sleep 60\'"\n'
          'KERNEL=="b1", ACTION=="add", RUN+="/bin/sh -c \'echo $$PPID >/run/victim; [ -e /run/go ] || sleep 60\'"\n')
    call("reload")
    ip("link", "add", "b1", "type", "bridge")
    until(lambda: os.path.exists("/run/victim"))
    runner = int(open("/run/victim").read())
    busy = None
    for p in os.listdir("/proc"):        # the worker that waits for the program: the runner's other children
        if p.isdigit():
            try:
                stat = open("/proc/%s/stat" % p).read()
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) == runner and "(devmaster-work)" in stat:
                busy = (busy or []) + [int(p)]
    open("/run/go", "w").close()
    for p in busy:
        os.kill(p, signal.SIGKILL)
    say(settle(), "an event whose worker was killed is done by another", status())
    s = status()
    say(s["retried"] == "1" and s["failed"] == "0" and int(s["crashed"]) >= 1 and "b1" in records(), "it is tried again once, and that is told", s)
    clear()

def rename():
    rules(PLAIN + 'SUBSYSTEM=="net", ACTION=="add", KERNEL=="b7", NAME="named7", ENV{KEPT}="yes"\n')
    call("reload")
    ip("link", "add", "b7", "type", "bridge")
    say(until(lambda: os.path.exists("/sys/class/net/named7")), "NAME= renames an interface", os.listdir("/sys/class/net"))
    settle()
    got = records().get("named7", "")
    say("E:KEPT=yes" in got and "ID_RENAMING" not in got, "after its move event it has what was known before, and is no longer being renamed", records())
    ip("link", "add", "b0", "type", "bridge")
    ip("link", "set", "b0", "up")
    rules(PLAIN + 'SUBSYSTEM=="net", ACTION=="add", KERNEL=="b0", NAME="lo"\n')
    call("reload")
    with open("/sys/class/net/b0/uevent", "w") as f:
        f.write("add")
    settle()
    got = records().get("b0", "")
    say(got and "ID_RENAMING" not in got and os.path.exists("/sys/class/net/b0"), "a name that somebody has leaves the interface as it was", records())
    batch(["link del named7"])
    clear()

def runner_killed(d):
    """the runner is a process like the others: its end is the daemon's, the service manager starts both again"""
    rules(PLAIN)
    call("reload")
    call("stop_queue")
    ip("link", "add", "b0", "type", "bridge")
    pid = d.process.pid
    runner = [int(p) for p in os.listdir("/proc") if p.isdigit() and
              open("/proc/%s/stat" % p).read().rsplit(")", 1)[1].split()[1] == str(pid)]
    for p in runner:
        os.kill(p, signal.SIGKILL)
    say(d.process.wait(LONG) == 1, "without its runner the daemon ends", "")
    d.start()
    settle()
    say("b0" in records() and status()["resumed"] == "3", "and the next one takes its events up", status())
    clear()

def storm(d, name, restart):
    """the same storm undisturbed and with kill -9 in its middle"""
    def play(disturb):
        batch(["link add b%d type bridge" % i for i in range(40)])
        for i in range(10):
            change(["b%d" % k for k in range(40)])
            if disturb and i in (3, 6, 8):
                d.kill()
                if i == 6:
                    batch(["link add v%d type bridge" % k for k in range(10)])
                d.start()
            elif i == 6:
                batch(["link add v%d type bridge" % k for k in range(10)])
        batch(["link del b%d" % i for i in range(0, 40, 4)])
        settle()
        got = records()
        clear()
        return got
    want = play(False)
    got = play(True)
    say(len(want) >= 40 and got == want, name, "\n".join("%s: %s / %s" % (k, want.get(k), got.get(k)) for k in set(want) | set(got) if want.get(k) != got.get(k)))
    left = records()
    say(not [n for n in left if n[0] in "bv"], "and nothing stays behind of it", left)

def timeouts():
    rules(PLAIN + 'KERNEL=="b0", ACTION=="add", RUN+="/bin/sleep 600"\nKERNEL=="b1", ACTION=="add", PROGRAM="/bin/sleep 600"\n')
    d = Daemon(args=["--event-timeout=1"])
    batch(["link add b0 type bridge", "link add b1 type bridge", "link add b2 type bridge"])
    say(settle(), "programs that do not end hold up nobody", status())
    say("b2" in records(), "the others are done", records())
    clear()
    say(d.stop() == 0, "an ordered end")

def changes(d):
    rules(PLAIN + 'ENV{RULES}="one"\n')
    call("reload")
    ip("link", "add", "b0", "type", "bridge")
    settle()
    say("E:RULES=one" in records()["b0"], "reload reads rules again", records())
    rules(PLAIN + 'ENV{RULES}="two"\n')
    def seen():
        change(["b0"])
        settle()
        return "E:RULES=two" in records()["b0"]
    say(until(seen, 20), "changed rules are read without being asked", records())
    call("stop_queue")
    change(["b0"])
    time.sleep(0.2)
    s = status()
    say(s["stopped"] == "yes" and s["queued"] == "1" and os.path.exists("/run/udev/queue"), "a stopped queue begins nothing", s)
    call("start_queue")
    say(settle(), "and goes on when it is started", status())
    clear()

def clients(udevadm, whose):
    """udevadm of systemd 252, and devctl under its name, against the daemon"""
    run = lambda *a: subprocess.run([udevadm, *a], capture_output=True, text=True, timeout=LONG)
    rules(PLAIN)
    monitor = subprocess.Popen([udevadm, "monitor", "-u", "-p", "--subsystem-match=net", "--tag-match=seen"], stdout=subprocess.PIPE, text=True)
    until(lambda: "SigCgt" in open("/proc/%d/status" % monitor.pid).read() and
          subprocess.run(["grep", "-c", "^\\S* *15 ", "/proc/net/netlink"], capture_output=True, text=True).stdout.strip() not in ("", "0", "1", "2"), 5)
    for a in (["--ping"], ["--reload"], ["-l", "info"], ["-p", "X=y"], ["-p", "X="], ["-m", "7"], ["-s"], ["-S"]):
        r = run("control", *a)
        say(r.returncode == 0, whose + " control " + " ".join(a), r.stderr)
    say(status()["children_max"] == "7", "children_max was heard", status())
    run("control", "-m", "0")
    ip("link", "add", "b0", "type", "bridge")
    r = run("settle", "--timeout=%d" % LONG)
    say(r.returncode == 0 and "b0" in records(), whose + " settle waits for what was caused before", r.stderr)
    r = run("info", "/sys/class/net/b0")
    say("E: NAME_SEEN=b0" in r.stdout and "E: TAGS=:seen:" in r.stdout and "E: CURRENT_TAGS=:seen:" in r.stdout, whose + " info reads our database", r.stdout + r.stderr)
    r = run("trigger", "--settle", "--uuid", "--verbose", "--action=change", "/sys/class/net/b0")
    path = "/sys/devices/virtual/net/b0"
    say(r.returncode == 0 and re.fullmatch(path + r"\n([0-9a-f-]{36})\nsettle " + path + r"\nsettle \1\n", r.stdout), whose + " trigger --settle comes back", r.stdout + r.stderr)
    r = run("wait", "--timeout=%d" % LONG, "--settle", "/sys/class/net/b0")
    say(r.returncode == 0, whose + " wait finds it", r.stderr)
    time.sleep(0.3)
    monitor.terminate()
    text = monitor.communicate()[0]
    say("NAME_SEEN=b0" in text and "DEVPATH=/devices/virtual/net/b0\n" in text, whose + " monitor with filters hears us", text)
    clear()

def statistics(devctl):
    r = subprocess.run([devctl, "stat", "--json"], capture_output=True, text=True, timeout=LONG)
    figures = json.loads(r.stdout) if r.returncode == 0 else {}
    say(figures.get("pid") == int(status()["pid"]) and figures["done"] > 0 and all(x["place"].startswith("/") for x in figures["slowest"]), "devctl stat counts events", r.stdout + r.stderr)
    r = subprocess.run([devctl, "stat"], capture_output=True, text=True, timeout=LONG)
    say(r.returncode == 0 and "Workers: " in r.stdout, "and as text", r.stdout + r.stderr)

def main():
    os.makedirs("/run/udev/rules.d", exist_ok=True)
    rules(PLAIN)
    d = Daemon()
    try:
        basic()
        listeners()
        order()
        changes(d)
        workers(d)
        rename()
        runner_killed(d)
        storm(d, "killed -9 in a storm, with its socket kept: the database is that of an undisturbed run", None)
        d.listen()
        if UDEVADM:
            clients(UDEVADM, "udevadm 252:")
            d.listen()
        devctl = os.path.join(os.path.dirname(SCTL), "devctl")
        os.makedirs("/run/ours")
        os.symlink(devctl, "/run/ours/udevadm")
        clients("/run/ours/udevadm", "devctl as udevadm:")
        d.listen()
        statistics(devctl)
        say(d.stop() == 0, "SIGTERM: an ordered end")
        timeouts()
        rules(PLAIN)
        d = Daemon(store=False)
        storm(d, "the same with nobody who keeps the socket: every device is triggered again", None)
        say(d.stop() == 0, "and an ordered end")
    finally:
        d.process.kill()
    log = open("/run/devmaster.log").read()
    bad = [l for l in log.splitlines() if re.search(r"AddressSanitizer|runtime error|SANDBOX|LeakSanitizer", l)]
    say(not bad, "no sanitizer and no sandbox has anything to say", log)
    if os.environ.get("SHOW_LOG"):
        print(log)

main()

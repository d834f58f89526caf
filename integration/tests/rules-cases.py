#!/usr/bin/env python3
"""rules-cases.py UDEVADM DEVCTL FIRST COUNT - made-up rules files against devices of this machine, by udevadm test and by devctl test-rules

Runs inside mount and network namespaces of its own (unit-rules makes them) where /run, /dev, /etc/udev and /usr/lib/udev belong to
it and /sys and /proc/sys are read-only: udevadm test does write records, make links and rename network interfaces. It refuses to
run anywhere else. Case n is the same on every run over the same devices. Two events a case: the second one finds a database. Prints every
difference and last a line "N cases, N differ"."""
import glob, json, os, random, re, shutil, stat, subprocess, sys

RULES = "/run/udev/rules.d/50-case.rules"
OURS = "/run/ours"


def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except OSError:
        return None


def devices():
    """(devpath, facts) of what is here: a few of each subsystem"""
    found = {}
    for c in ("mem", "misc", "tty", "net", "block", "input", "vc", "bdi", "thermal", "virtio-ports", "watchdog", "power_supply", "ptp", "rtc"):
        names = sorted(glob.glob("/sys/class/%s/*" % c))
        if c == "net":
            names = [n for n in names if os.path.exists(n + "/ifindex")]
        for n in names[:14]:
            found[os.path.realpath(n)] = c
    for b in ("pci", "platform", "virtio", "cpu", "serio"):
        for n in sorted(glob.glob("/sys/bus/%s/devices/*" % b))[:6]:
            found[os.path.realpath(n)] = b
    out = []
    for p in sorted(found):
        if not os.path.exists(p + "/uevent"):
            continue
        u = dict(l.split("=", 1) for l in (read(p + "/uevent") or "").splitlines() if "=" in l)
        attrs = {}
        for a in sorted(os.listdir(p)):
            f = os.path.join(p, a)
            if a in ("uevent", "autosuspend_delay_ms") or not os.path.isfile(f) or os.path.islink(f) or not os.stat(f).st_mode & 0o400:
                continue
            v = read(f) if os.stat(f).st_size <= 4096 else None
            if v is not None and v.strip() and len(v) < 60 and "\n" not in v.strip() and "|" not in v and '"' not in v and "\\" not in v \
                    and not re.search(r"stat|inflight|jiffies|time|runtime|random|entropy|avail|carrier|usage|bytes|packets|temp|cur_freq", a + v):
                attrs[a] = v.rstrip("\n")
        out.append({"path": p[4:], "subsystem": found[p], "name": os.path.basename(p), "uevent": u, "attrs": attrs})
    return out


class Maker:
    def __init__(self, r, dev):
        self.r, self.d, self.n_labels = r, dev, 0
        self.keys = ["A", "B_1", ".HIDDEN", "ID_X", "W", "EMPTY", "MAJOR", "DEVTYPE", "SYS"]
        self.words = ["x", "one two", "a  b ", "", "ü/é", "semi;colon", "q'uote", "back\\\\slash", "\\x41b", "tab\tend", "#+-.:=@_/x", "50%%", "$$cash", "*", "[ab]", "12"]

    def pick(self, *v):
        return self.r.choice(v)

    def subst(self):
        d = self.d
        attr = self.r.choice(sorted(d["attrs"]) + ["nope", "[net/lo]address", "[mem/null]dev", "subsystem", "driver", "power/control"])
        return self.pick("$kernel", "%k", "$number", "%n", "$devpath", "%p", "$id", "%b", "$driver", "$attr{%s}" % attr, "%%s{%s}" % attr, "$sysfs{%s}" % attr,
                         "$env{%s}" % self.r.choice(self.keys), "%%E{%s}" % self.r.choice(self.keys), "$major", "%M", "$minor", "%m", "$result", "%c",
                         "%c{1}", "%c{2}", "%c{2+}", "$parent", "%P", "$name", "%D", "$root", "%r", "$sys", "%S", "$devnode", "%N", "%%", "$$", "$nothing", "%q")

    def value(self):
        return "".join(self.pick(self.r.choice(self.words), self.subst(), "t-") for _ in range(self.r.randint(1, 3)))

    def glob_of(self, s):
        if not s:
            return self.pick("", "?*", "*")
        k = self.r.random()
        i = self.r.randrange(len(s))
        return (s if k < .35 else s[:i] + "*" if k < .5 else "*" + s[i:] if k < .6 else s[:i] + "?" + s[i + 1:] if k < .7 else "nope|" + s if k < .78
                else s[:i] + "[!x]" + s[i + 1:] if k < .83 else "nope" if k < .9 else "?*" if k < .94 else s + "|" if k < .97 else "")

    def parent(self):
        path, up = self.d["path"], []
        while path.count("/") > 1:
            if os.path.exists("/sys" + path + "/uevent"):
                up.append(path)
            path = os.path.dirname(path)
        return "/sys" + self.r.choice(up or [self.d["path"]])

    def match(self):
        r, d = self.r, self.d
        op = self.pick("==", "==", "==", "==", "!=")
        k = self.pick("ACTION", "DEVPATH", "KERNEL", "SUBSYSTEM", "ENV", "ATTR", "KERNELS", "SUBSYSTEMS", "DRIVER", "DRIVERS", "ATTRS", "SYMLINK", "TAG", "TEST", "PROGRAM",
                      "RESULT", "IMPORT", "CONST", "SYSCTL", "NAME", "TAGS", "E", "NOATTR")
        if k == "ACTION":
            return 'ACTION%s"%s"' % (op, self.pick("add", "add|change", "change", "a*", "remove", "?*", ""))
        if k == "DEVPATH":
            return 'DEVPATH%s"%s"' % (op, self.glob_of(d["path"]))
        if k == "KERNEL":
            return 'KERNEL%s"%s"' % (op, self.glob_of(d["name"]))
        if k == "SUBSYSTEM":
            return 'SUBSYSTEM%s"%s"' % (op, self.pick(self.glob_of(d["subsystem"]), "subsystem", "block|mem", "net"))
        if k in ("KERNELS", "SUBSYSTEMS", "DRIVERS"):
            p = self.parent()
            if k == "KERNELS":
                return 'KERNELS%s"%s"' % (op, self.glob_of(os.path.basename(p)))
            link = os.path.basename(os.path.realpath(p + "/" + k.lower()[:-1])) if os.path.exists(p + "/" + k.lower()[:-1]) else ""
            return '%s%s"%s"' % (k, op, self.glob_of(link))
        if k == "ENV":
            e = r.choice(self.keys + sorted(d["uevent"]))
            return 'ENV{%s}%s"%s"' % (e, op, self.glob_of(d["uevent"].get(e, r.choice(self.words[:4]))))
        if k in ("ATTR", "ATTRS") and d["attrs"]:
            a = r.choice(sorted(d["attrs"]))
            return '%s{%s}%s"%s%s"' % (k, a, op, self.glob_of(d["attrs"][a]), self.pick("", "", "", " "))
        if k == "NOATTR":
            return '%s{%s}%s"%s"' % (self.pick("ATTR", "ATTRS"), self.pick("nope", "$env{W}", "[net/lo]mtu", "[mem/null]dev", "power"), op, self.pick("", "?*", "*", "65536", "1:3"))
        if k == "DRIVER":
            return 'DRIVER%s"%s"' % (op, self.pick("", "?*", "nope", "*"))
        if k == "SYMLINK":
            return 'SYMLINK%s"%s"' % (op, self.pick("l/*", "one", "nope", "*"))
        if k in ("TAG", "TAGS"):
            return '%s%s"%s"' % (k, op, self.pick("t1", "t*", "nope", "?*"))
        if k == "TEST":
            return 'TEST%s%s"%s"' % (self.pick("", "{0400}", "{0111}", "{04000}"), op, self.pick("uevent", "nope", "/dev/null", "/sys/class", "power/control", "[net/lo]mtu", "*/uevent", "$attr{nope}"))
        if k == "PROGRAM":
            return 'PROGRAM%s"%s"' % (self.pick("==", "!=", "=", "+="), self.pick("/bin/echo one 'two  three' $kernel", "/bin/false", "/bin/echo ü;$env{A}", "/bin/sh -c 'echo $$A %k; exit 0'",
                                                                     "/nope", "/usr/bin/printf 'a\\nb\\n'", "/bin/sh -c 'echo -n $$DEVPATH'"))
        if k == "RESULT":
            return 'RESULT%s"%s"' % (op, self.pick("one*", "", "?*", "*three*"))
        if k == "IMPORT":
            return 'IMPORT{%s}%s' % self.pick(("program", '%s"%s"' % (self.pick("==", "!=", "="), self.pick("/bin/echo A=1", "/bin/echo 'B_1=\"q q\"'", "/usr/bin/printf 'A=x\\n#no\\n  W = 5 \\nbad\\n'", "/bin/false", "/bin/echo W='"))),
                                              ("file", '%s"%s"' % (self.pick("==", "!=", "="), self.pick("/run/import.env", "/nope", "/run/%k"))),
                                              ("db", '%s"%s"' % (self.pick("==", "!=", "="), self.pick(*self.keys))),
                                              ("cmdline", '="%s"' % self.pick("nope", "quiet", "root", "panic", "ro")),
                                              ("parent", '%s"%s"' % (self.pick("==", "!=", "="), self.pick("*", "ID_*", "DEVT*", "SUBS*", "nope"))))
        if k == "CONST":
            return 'CONST{%s}%s"%s"' % self.pick(("arch", op, "x86-64"), ("arch", op, "arm*"), ("virt", op, "none"), ("virt", op, "?*"))
        if k == "SYSCTL":
            return 'SYSCTL{%s}%s"%s"' % (self.pick("kernel/ostype", "kernel.ostype", "nope", "net/ipv4/ip_forward"), op, self.pick("Linux", "?*", "0", "1"))
        if k == "NAME":
            return 'NAME%s"%s"' % (op, self.pick("", "eth*", "x*"))
        return 'ENV{W}%se"%s"' % (op, self.pick("x", "\\x78", "a\\tb"))

    def assign(self):
        r = self.r
        k = self.pick("ENV", "ENV", "ENV", "SYMLINK", "SYMLINK", "TAG", "MODE", "OWNER", "GROUP", "RUN", "OPTIONS", "NAME", "RUNB")
        if k == "ENV":
            return 'ENV{%s}%s%s"%s"' % (r.choice(self.keys[:6] + self.keys[8:]), self.pick("=", "=", "+=", ":="), self.pick("", "", "", "e") if 0 else "", self.value())
        if k == "SYMLINK":
            return 'SYMLINK%s"%s"' % (self.pick("+=", "+=", "=", ":="), self.pick("one", "l/%k two", "l/v" + self.value(), self.value(), "a b  c", "sp\\x20ace"))
        if k == "TAG":
            # no bad one with "=": udevadm then prints tags that the record it writes has no more
            return 'TAG%s"%s"' % (self.pick("+=", "+=", "=", "-="), self.pick("t1", "t2", "t-%n", "t_3")) if r.random() < .9 else 'TAG+="bad tag"'
        if k == "MODE":
            return 'MODE%s"%s"' % (self.pick("=", "=", ":=", "+="), self.pick("0640", "600", "0777", "$env{A}", "666", "8", "01777"))
        if k == "OWNER":
            return 'OWNER%s"%s"' % (self.pick("=", ":="), self.pick("root", "daemon", "1", "nobody", "no-such-user", "$env{W}"))
        if k == "GROUP":
            return 'GROUP%s"%s"' % (self.pick("=", "=", ":="), self.pick("disk", "tty", "6", "no-such-group", "dialout"))
        if k == "RUN":
            return 'RUN%s%s"%s"' % (self.pick("", "{program}"), self.pick("+=", "+=", "=", ":="), self.pick("/bin/true", "/bin/echo " + self.value(), "prog %k"))
        if k == "RUNB":
            return 'RUN{builtin}+="%s"' % self.pick("kmod load x", "uaccess", "kmod")
        if k == "NAME" and self.d["subsystem"] != "net":        # there it renames, which devctl leaves to the daemon
            return 'NAME%s"%s"' % (self.pick("=", ":="), self.pick("x%n", "net/ü:x", "%k_0", ""))
        return 'OPTIONS%s"%s"' % (self.pick("=", "+="), self.pick("link_priority=%d" % r.randint(-9, 9), "string_escape=none", "string_escape=replace", "watch", "nowatch", "db_persist", "nonsense"))

    def line(self):
        r = self.r
        parts = [self.match() for _ in range(r.choice((0, 0, 1, 1, 1, 2)))] + [self.assign() for _ in range(r.choice((1, 1, 2, 3)))]
        if r.random() < .2:
            r.shuffle(parts)
        k = r.random()
        if k < .06:
            parts.append('GOTO="L%d"' % r.randint(0, 3))
        elif k < .12:
            parts = ['LABEL="L%d"' % r.randint(0, 3)] + (parts if r.random() < .5 else [])
        elif k < .14:
            parts.append(self.pick("NOSUCH==\"1\"", "KERNEL=\"x\"", "ENV==\"x\"", "ATTR{}==\"y\"", "MODE==\"1\"", "IMPORT{nope}=\"x\"", "KERNEL==unquoted", "ENV{DEVNAME}=\"x\""))
        text = self.pick(", ", ", ", ",", " ", " \\\n   ").join(parts)
        return self.pick("", "", "", "  ", "# comment\n", "\n") + text

    def rules(self):
        return "\n".join(self.line() for _ in range(self.r.randint(3, 14))) + "\n"


def clean():
    for d in ("data", "tags", "links", "watch"):
        shutil.rmtree("/run/udev/" + d, ignore_errors=True)
    shutil.rmtree(OURS, ignore_errors=True)
    os.makedirs(OURS + "/dev")
    os.makedirs(OURS + "/run")


KEEP = set(os.listdir("/dev"))


def clean_dev(root, keep):
    for e in os.listdir(root):
        if e in keep:
            continue
        p = os.path.join(root, e)
        shutil.rmtree(p) if os.path.isdir(p) and not os.path.islink(p) else os.unlink(p)


def make_node(root, dev):
    u = dev["uevent"]
    if "DEVNAME" not in u:
        return
    p = os.path.join(root, u["DEVNAME"])
    os.makedirs(os.path.dirname(p), exist_ok=True)
    if os.path.lexists(p):
        os.unlink(p)
    kind = stat.S_IFBLK if dev["subsystem"] == "block" else stat.S_IFCHR
    os.mknod(p, kind | 0o600, os.makedev(int(u["MAJOR"]), int(u["MINOR"])))
    os.chmod(p, int(u.get("DEVMODE", "0600"), 8))       # as devtmpfs makes it


def tree(root, keep=()):
    """links and the permissions of nodes"""
    out = {}
    for base, dirs, files in os.walk(root):
        for n in files + dirs:
            p = os.path.join(base, n)
            rel = os.path.relpath(p, root)
            if rel.split("/")[0] in keep:
                continue
            st = os.lstat(p)
            if stat.S_ISLNK(st.st_mode):
                out[rel] = os.readlink(p)
            elif not stat.S_ISDIR(st.st_mode):
                out[rel] = "%o %d %d" % (st.st_mode & 0o7777, st.st_uid, st.st_gid)
    return out


def database(root):
    out = {}
    for base, _, files in os.walk(root):
        for n in files:
            p = os.path.join(base, n)
            rel = os.path.relpath(p, root)
            if rel.split("/")[0] not in ("data", "tags", "links") or n == ".lock":
                continue
            if os.path.islink(p):
                out[rel] = os.readlink(p)
            else:
                t = sorted(l for l in (read(p) or "").splitlines() if not l.startswith("I:"))
                out[rel] = "\n".join(t) + " %o" % (os.stat(p).st_mode & 0o7777 if rel.startswith("data") else 0)
    return out


def split_properties(text):
    """lines KEY=VALUE; a value may hold newlines"""
    out = {}
    for l in text.splitlines():
        m = re.match(r"^([^=\s]+)=(.*)$", l)
        if m:
            out[m.group(1)] = m.group(2)
    return out


def sort_words(p):
    for k, sep in (("TAGS", ":"), ("CURRENT_TAGS", ":"), ("DEVLINKS", " ")):
        if k in p:
            p[k] = sep.join(sorted(p[k].split(sep)))
    p.pop("USEC_INITIALIZED", None)
    p.pop("SEQNUM", None)
    return p


def theirs(udevadm, dev, action):
    r = subprocess.run([udevadm, "test", "-a", action, "/sys" + dev["path"]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                       env={"SYSTEMD_LOG_LEVEL": "debug", "PATH": "/usr/bin:/bin"})
    text = r.stdout.decode(errors="surrogateescape")
    runs = re.findall(r"^run: '(.*)'$", text, re.M)
    text = re.sub(r"^run: .*\n?", "", text, flags=re.M)
    return {"properties": sort_words(split_properties(text)), "run": runs, "dev": tree("/dev", KEEP), "db": database("/run/udev")}, r.stderr.decode(errors="replace")


def ours(devctl, dev, action, extra=()):
    r = subprocess.run([devctl, "test-rules", "--apply", "--devdir", OURS + "/dev", "--run", OURS + "/run", "--rules", RULES, "--action", action, *extra, dev["path"]],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if r.returncode != 0 and not r.stdout:
        return {"failed": r.stderr.decode(errors="replace")}, r.stderr.decode(errors="replace")
    j = json.loads(r.stdout.decode())
    one_line = lambda v: v.split("\n")[0]
    out = {"properties": sort_words({k: one_line(v) for k, v in j["properties"].items()}), "run": j["run"],
           "dev": tree(OURS + "/dev", KEEP), "db": database(OURS + "/run")}
    return out, r.stderr.decode(errors="replace")


def difference(a, b):
    out = []
    for part in a:
        x, y = a[part], b.get(part)
        if x == y:
            continue
        if isinstance(x, dict) and isinstance(y, dict):
            for k in sorted(set(x) | set(y)):
                if x.get(k) != y.get(k):
                    out.append("%s %s: udev %r, ours %r" % (part, k, x.get(k), y.get(k)))
        else:
            out.append("%s: udev %r, ours %r" % (part, x, y))
    return out


def isolated():
    """not the machine's network (PID 1 has that), /sys read-only, /run and /dev our own"""
    own = {l.split()[1]: l.split()[3].split(",") for l in read("/proc/self/mounts").splitlines()}
    outer = os.environ.get("OUTER_NAMESPACES", "").split()
    inner = [os.readlink("/proc/self/ns/" + n) for n in ("net", "mnt")]
    return len(outer) == 2 and outer[0] != inner[0] and outer[1] != inner[1] \
        and "ro" in own["/sys"] and "ro" in own.get("/proc/sys", []) and os.path.exists("/run/rules-cases-may-write-here")


def main():
    if not isolated():
        sys.exit("rules-cases.py: not in namespaces of its own; unit-rules runs it")
    udevadm, devctl, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    devs = devices()
    print("# %d devices: %s" % (len(devs), " ".join(sorted({d["subsystem"] for d in devs}))))
    with open("/run/import.env", "w") as f:
        f.write("# file\nA=from file\n B_1 = 'quoted'\nW=\"un\nbad line\nID_X=\n\nTRAIL=x  \n")
    differ = 0
    for case in range(first, first + count):
        r = random.Random(case)
        dev = r.choice(devs)
        text = Maker(r, dev).rules()
        clean()
        clean_dev("/dev", KEEP)
        with open(RULES, "w") as f:
            f.write(text)
        make_node("/dev", dev)
        make_node(OURS + "/dev", dev)
        wrong = []
        for action in ("add", r.choice(("add", "change", "change", "remove"))):
            a, log = theirs(udevadm, dev, action)
            b, err = ours(devctl, dev, action)
            if action == "remove":          # udevd forgets links that a rule took from the list before; ours leaves none
                b["left"] = sorted(k for k in b.get("dev", {}) if k != dev["uevent"].get("DEVNAME")) + [k for k in b.get("db", {}) if k.startswith("links")]
                a["left"] = []
                for x in (a, b):
                    x.pop("dev", None)
                    x.get("properties", {}).pop("CURRENT_TAGS", None)       # stale in udevadm when the last one goes
                    x["db"] = {k: v for k, v in x.get("db", {}).items() if not k.startswith("links")}
            else:                           # the record says it; udevadm prints stale ones when the last link or tag goes
                for x in (a, b):
                    for k in ("TAGS", "CURRENT_TAGS", "DEVLINKS"):
                        x.get("properties", {}).pop(k, None)
            wrong = difference(a, b)
            if wrong:
                wrong.insert(0, "action " + action)
                break
        if wrong:
            differ += 1
            print("# case %d on %s (%s)" % (case, dev["path"], dev["subsystem"]))
            print("\n".join("#   " + w.replace("\n", "\\n") for w in wrong))
            if os.environ.get("SHOW"):
                print("\n".join("#   | %d: %s" % (i + 1, l) for i, l in enumerate(text.splitlines())))
                print("\n".join("#   udev: " + l for l in log.splitlines() if "50-case" in l or ": Setting" in l or dev["name"] + ":" in l))
                print("\n".join("#   ours: " + l for l in err.splitlines()))
    print("%d cases, %d differ" % (count, differ))
    return differ != 0


sys.exit(main())

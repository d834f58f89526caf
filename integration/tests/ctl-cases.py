#!/usr/bin/env python3
"""ctl-cases.py UDEVADM DEVCTL [PATTERN] - every verb and option of udevadm 252, by it and by devctl under that name, on one made-up tree

Runs inside namespaces of its own (unit-devctl makes them, ctl-tree.py filled them). A case is a command line; compared are the standard
output byte by byte, the exit status, whether anything was said on standard error, and, where the case may write, what changed below
/sys, /dev and /run. What differs on purpose is a row of `why`. Prints every difference and last a line "N cases, N differ"."""
import concurrent.futures, difflib, os, re, shutil, socket, struct, subprocess, sys, threading, time

S = "/sys/devices/pci0000:00"
# command lines; behind ";": FILES it may write, what became of the tree is compared and it is
# made anew; FRESH it is only made anew; DAEMON somebody listens at the control socket, what he hears is compared; QUEUE events are pending
CASES = r"""
info
info /dev/sda
info /sys/class/block/sda
info /dev/null /dev/nope /dev/zero
info /dev/disk/by-id/ata-QEMU_1-part1
info dev-sda.device
info dev-disk-by\x2did-ata\x2dQEMU_1.device
info sys-class-net-lo.device
info sys-subsystem-net-devices-lo.device
info nope.device
info .device
info sda
info /nope
info /dev/nope
info /dev
info /run/udev
info /sys/class/net/enp0s3
info /sys/devices/no-device
info /sys/bus/pci
info /sys/bus/pci/drivers
info /sys/bus/pci/drivers/ahci
info /sys/module/loop
info /sys/class/net
info /sys/devices/virtual
info /sys/devices/system/cpu/cpu1
info /sys
info -p /sys/bus/pci/devices/0000:00:1f.2
info -p sda
info -p class/block/sda
info -p /class/block/sda
info --path=/devices/virtual/block/cciss!c0d0
info -n sda
info -n /dev/sda1
info -n nope
info --name=cciss/c0d0 -p /class/net/lo
info -n sda -n sda1 -q name
info -p /class/block/sda1 -n null -q name
info -q all -n sda
info -q property /sys/class/block/sda1
info -q property /sys/bus/pci/devices/0000:00:1f.2
info -q property -n bus/usb/001/001
info -q property -n input/event3
info -q property /sys/devices/system/cpu/cpu1
info -q property /sys/bus/serial-base/devices/serial8250:0
info /sys/bus/serial-base/devices/serial8250:0 /sys/bus/serial-base/devices/port
info -q property /sys/bus/serial-base/devices/port
info -q property --property=ID_FS_TYPE,DEVNAME -n sda1
info -q property --property=ID_FS_TYPE --property=DEVNAME --value -n sda1
info -q property --property=NOPE -n sda1
info -q property --value -n sda
info -q property -x -n sda
info -q property -P pre_ -n sda
info -q property -x -P pre_ -n sda
info -q all -x -n sda
info -q all --value -n sda
info -q property --value -x -n sda
info -q name /dev/sda /dev/null
info -q name -r /dev/sda1
info -q name /sys/class/net/lo
info -q symlink /dev/sda
info -q symlink -r /dev/sda
info -q symlink /dev/null
info -q symlink /sys/class/net/lo
info -q path /sys/class/net/lo /dev/null
info -q path -r /dev/null
info -q nope /dev/sda
info --query
info -a /dev/sda1
info -a /sys/class/net/lo
info -a -p /devices/pci0000:00/0000:00:04.0/usb1/1-1
info -a -p /module/loop
info -a -p /bus/pci/drivers/ahci
info -a /dev/sda -q path
info -q path -a /dev/null
info -a
info -t
info -t /dev/sda
info -t /sys/class/net/lo
info -t /sys/bus/pci/drivers/ahci
info --tree /dev/nope
info -d /run
info -x -d /run/udev
info -P p_ -d /run
info -d /nope
info -e
info --export-db --no-pager
info -w /dev/sda
info -w0.3 /dev/null
info --wait-for-initialization=0 /dev/sda
info --wait-for-initialization=100ms /dev/null
info -wx /dev/sda
info --nope
info /dev/sda --nope
info -V
info --version
info --help
info -c; FILES
trigger -n -v
trigger -n -v -t devices
trigger -n -v -t subsystems
trigger -n -v -t all
trigger -n -v -t nope
trigger -n -v -s block
trigger -n -v -s b* -s mem
trigger -n -v -S block -S [!n]*
trigger -n -v -s block -S block
trigger -n -v -a vendor
trigger -n -v -a vendor=0x8086
trigger -n -v -a vendor=0x* -a device=0x2922
trigger -n -v -a vendor -A device
trigger -n -v -a secret
trigger -n -v -a empty
trigger -n -v -a empty=
trigger -n -v -a driver=ahci
trigger -n -v -a subsystem=net
trigger -n -v -A nope -s net
trigger -n -v -A mtu=1500 -s net
trigger -n -v -a power/control -s net
trigger -n -v -p ID_BUS=ata
trigger -n -v -p ID_BUS=ata -p ID_BUS=pci
trigger -n -v -p ID_*=1
trigger -n -v -p ID_BUS
trigger -n -v -p ID_BUS=
trigger -n -v -p NOPE=
trigger -n -v -p =x
trigger -n -v -p SUBSYSTEM=mem
trigger -n -v -p DRIVER=ahci
trigger -n -v -p DRIVER=processor
trigger -n -v -p TAGS=*seat*
trigger -n -v -p CURRENT_TAGS=*
trigger -n -v -p DEVLINKS=*part1
trigger -n -v -p USEC_INITIALIZED=5
trigger -n -v -g seat
trigger -n -v -g seat -g systemd
trigger -n -v -g tag1
trigger -n -v -g tag1 -y cciss!c0d0
trigger -n -v -g tag1 -y cciss/c0d0
trigger -n -v -g nope
trigger -n -v -g old-format
trigger -n -v -g seat -s input
trigger -n -v -g seat -t all
trigger -n -v -g seat -b /dev/sda
trigger -n -v -y sda
trigger -n -v -y sda* -y lo
trigger -n -v -y cciss/c0d0
trigger -n -v -y cciss!c0d0
trigger -n -v -y drivers -t subsystems
trigger -n -v -y 0000:00:1f.2
trigger -n -v -y ata1
trigger -n -v -b /dev/sda
trigger -n -v -b /sys/class/net/enp0s3 -b /dev/null
trigger -n -v -b /sys/class/net/enp0s3 -b sda
trigger -n -v -b sda
trigger -n -v -b /sys/devices/pci0000:00/0000:00:1f.2
trigger -n -v -b /sys/devices/pci0000:00
trigger -n -v -b /sys/devices/pci0000:00/0000:00:04.0 -s usb
trigger -n -v -b /sys/devices/pci0000:00/0000:00:04.0 -y event*
trigger -n -v -b /sys/bus/pci
trigger -n -v -b /sys/bus/pci -t subsystems
trigger -n -v -b /sys/module/loop
trigger -n -v -b /dev/nope
trigger -n -v --name-match=sda
trigger -n -v --name-match=/dev/sda --name-match=/dev/null
trigger -n -v --name-match=nope
trigger -n -v --initialized-match
trigger -n -v --initialized-nomatch
trigger -n -v --initialized-nomatch --initialized-match -s mem
trigger -n -v --prioritized-subsystem=net,mem
trigger -n -v --prioritized-subsystem=mem,usb,block
trigger -n -v --prioritized-subsystem=net --prioritized-subsystem=block -s net -s block
trigger -n -v --prioritized-subsystem=module,block,tpmrm,net,tty,input
trigger -n -v --prioritized-subsystem=module -t all
trigger -n -v /dev/sda
trigger -n -v /dev/sda /sys/class/net/lo
trigger -n -v dev-sda.device
trigger -n -v sda
trigger -n -v /dev/nope
trigger -n -v -s net /dev/sda
trigger -n -v -g seat /dev/null
trigger -n -v -t subsystems -s module
trigger -n -v -t subsystems -s drivers
trigger -n -v -t subsystems -s subsystem
trigger -n -v -t subsystems -y s*
trigger -n -v -t subsystems -g seat
trigger -n -v -b /sys/devices/pci0000:00 -y cciss!c0d0
trigger -n -v -b /sys/devices/pci0000:00/0000:00:1f.2 --prioritized-subsystem=block
trigger -n -v -t all -s module -s net
trigger -c help
trigger -c nope
trigger -n -c add -v -y lo
trigger -n --uuid -y lo
trigger -n -v -a
trigger -n -y lo
trigger -V
trigger --help
trigger --nope
trigger --wait-daemon -n -y lo
trigger --wait-daemon -n -y lo; DAEMON
trigger --wait-daemon=3 -n -y lo; DAEMON
trigger --wait-daemon=x -n -y lo
settle
settle -t 0
settle -t x
settle foo
settle -s 1 -e 2 -q
settle --help
settle; DAEMON
settle -t 0; DAEMON
settle -E /dev/null; DAEMON
settle -t 0; DAEMON QUEUE
settle -t 0.3; DAEMON QUEUE
settle -t 1 -E /dev/null; DAEMON QUEUE
settle -t 0.3 --exit-if-exists=/nope; DAEMON QUEUE
settle -t 0.3; QUEUE
control
control --ping
control -l debug
control -l nope
control -p A
control -m x
control -m 5 foo
control -t 1
control -t x
control -e -R
control -N early
control --help
control --ping; DAEMON
control -e -R; DAEMON
control -R --exit; DAEMON
control -l debug -R; DAEMON
control --log-level=7; DAEMON
control --log-priority=err; DAEMON
control -l 8; DAEMON
control -p A=b -p B= -p C=d=e; DAEMON
control --env=A=b; DAEMON
control -m 5; DAEMON
control -s; DAEMON
control -S; DAEMON
control --reload-rules; DAEMON
control -t 5 --ping; DAEMON
control --ping -m 5 -p A=b -R -S -s -l 3; DAEMON
control -R -l nope; DAEMON
wait
wait /dev/sda
wait /dev/sda /sys/class/net/lo
wait -t 0.2 /dev/null
wait -t 0.2 --initialized=no /dev/null
wait -t 0.2 --initialized=x /dev/null
wait -t 0.2 /dev/nope
wait -t 0.2 --removed /dev/nope
wait -t 0.2 --removed /dev/sda
wait -t 0.2 foo
wait -t 0.2 /run
wait -t x /dev/sda
wait -t 0.2 /dev/disk/by-id/ata-QEMU_1
wait -t 0.2 --settle /dev/sda
wait -t 0.2 --settle /dev/sda; QUEUE
wait -t 0.2 /sys/class/net/wlan0
wait -t 0.2 /sys/module/loop
wait --help
test
test /dev/null; FRESH
test /dev/sda; FRESH
test -a change /sys/class/net/enp0s3; FRESH
test --action=remove /dev/sda1; FRESH
test -N never /dev/null; FRESH
test -a help
test -a nope /dev/null; FRESH
test -N nope /dev/null; FRESH
test /dev/nope; FRESH
test --help
hwdb --help
hwdb --test=usb:v1D6Bp0002
lock
lock true
lock -p
lock -p -d /dev/sda1
lock --print --device=/dev/sda10 -d /dev/dm-0 -d /dev/loop0 -d /dev/sda
lock -p -d /dev/dm-1 -d /dev/dm-0
lock -p -d /dev/md0
lock -p -b /run
lock -p -b /dev/sda1
lock -p -d /dev/null
lock -p -d /dev/nope
lock -p -d /run
lock -p -d sda
lock -d /dev/sda true
lock -d /dev/sda
lock -p -d /dev/sda foo
lock -t x -p -d /dev/sda
lock -d /dev/sda --nope
lock -p -d /dev/sda --nope
lock --help
monitor --nope
monitor -t
monitor --help
trigger; FILES
trigger -v -y lo; FILES
trigger -v -y lo --uuid; FILES
trigger --uuid -y null -y sda; FILES
trigger -c remove -y null; FILES
trigger -c add -t subsystems; FILES
trigger -q -c bind -s usb; FILES
"""
# COMMAND LINE (a pattern), what differs, why
WHY = (
    (r"^test ", "properties", "the head is our own; the order of properties is that in which udevadm's rules came by them"),
    (r"^test ", "err", "udevadm says what it reads"),
    (r"^hwdb --test", "err", "udevadm is silent where there is no hwdb.bin"),
    (r"^control .*(-e|--exit)\b", "control", "udevadm hangs up at once; we wait until the daemon has ended, as the manual says"),
    (r"^monitor ", "list", "the lines above the first event are our own"),
    (r"^trigger .*-g systemd", "interfaces", "sd-device asks the kernel for the interface of a record; there is none of a made-up number"),
    (r"^info .*-d /nope", "err", "udevadm says nothing, we say what is wrong"),
    (r".*--help$|.* -h$|^--help$|^-h$", "out", "the help has our own sentences; its shape is looked at below"),
    (r"^info (.* )?-a", "head", "the paragraph above the first device is our own"),
)


def snapshot():
    seen = {}
    for top in ("/sys", "/dev", "/run/udev"):
        for folder, dirs, files in os.walk(top):
            for n in dirs + files:
                p = os.path.join(folder, n)
                st = os.lstat(p)
                what = os.readlink(p) if os.path.islink(p) else ""
                if not what and os.path.isfile(p):
                    what = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", open(p, errors="replace").read())
                seen[p] = "%o %s" % (st.st_mode, what)
    return seen


def tree():
    for top in ("/sys", "/dev", "/run/udev"):
        for n in os.listdir(top) if os.path.isdir(top) else ():
            if n in ("fd", "stdin", "stdout"):
                continue
            p = os.path.join(top, n)
            shutil.rmtree(p) if os.path.isdir(p) and not os.path.islink(p) else os.unlink(p)
    subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "ctl-tree.py")], check=True)


def words(line):
    """links and tags come in the order of a table hashed with a random key: they are put in order"""
    m = re.match(r"^(.*DEVLINKS=\'?)(.*?)(\'?)$", line)
    if m:
        return m.group(1) + " ".join(sorted(m.group(2).split(" "))) + m.group(3)
    m = re.match(r"^(.*?TAGS=\'?):(.*):(\'?)$", line)
    return m.group(1) + ":".join(sorted(m.group(2).split(":"))) + m.group(3) if m else line


def normal(text, case):
    lines = [words(l) for l in text.split("\n")]
    out, links = [], []
    for l in lines + [None]:
        if l is not None and re.match(r"^\W*S: ", l):
            links.append(l)
            continue
        out += sorted(links) + ([l] if l is not None else [])
        links = []
    text = "\n".join(out)
    if re.match(r"^info .*-q symlink", case):
        text = " ".join(sorted(text.strip().split(" ")))
    if "--value" in case:
        text = "\n".join(" ".join(sorted(l.split(" "))) if l.startswith("/dev/disk") else ":".join(sorted(l.split(":"))) for l in text.split("\n"))
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)


class Daemon(threading.Thread):
    """takes what comes at udev's control socket, and hangs up where the real one does: behind the end mark or an exit"""

    def __init__(self):
        super().__init__(daemon=True)
        self.got = []
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s.bind("/run/udev/control")
        self.s.listen(8)
        self.start()

    def run(self):
        while True:
            try:
                c, _ = self.s.accept()
            except OSError:
                return
            while True:
                d = c.recv(1024)
                self.got.append("%d bytes, %s" % (len(d), d.hex().rstrip("0")))
                if not d or int.from_bytes(d[20:24], "little") == 0:
                    break
            c.close()

    def end(self):
        os.unlink("/run/udev/control")
        self.s.shutdown(socket.SHUT_RDWR)
        self.s.close()
        return self.got


def play(program, case):
    line, _, files = case.partition(";")
    daemon = Daemon() if "DAEMON" in files else None
    if "QUEUE" in files:
        open("/run/udev/queue", "w").close()
    env = dict(os.environ, SYSTEMD_DEVICE_VERIFY_SYSFS="0", SYSTEMD_LOG_LEVEL="info", LC_ALL="C.UTF-8")
    try:
        p = subprocess.run(["/run/bin/" + program] + line.split(), capture_output=True, env=env, timeout=10, stdin=subprocess.DEVNULL)
        got = {"out": normal(p.stdout.decode(errors="replace"), line), "status": p.returncode, "err": bool(p.stderr.strip()), "said": p.stderr.decode(errors="replace")}
    except subprocess.TimeoutExpired:
        got = {"out": "", "status": "does not end", "err": False, "said": ""}
    if daemon:
        got["control"] = daemon.end()
    if "QUEUE" in files:
        os.unlink("/run/udev/queue")
    if "FILES" in files:
        got["files"] = snapshot()
    if "FILES" in files or "FRESH" in files:
        tree()
    return got


def differences(case, theirs, ours):
    line = case.partition(";")[0]
    skip = {what for pattern, what, _ in WHY if re.match(pattern, line)}
    for key in ("out", "status", "err", "files", "control"):
        a, b = theirs.get(key), ours.get(key)
        if key == "out" and "head" in skip:
            a, b = (t[t.find("\n  looking at"):] for t in (a, b))
        if key == "out" and "interfaces" in skip:
            b = "\n".join(l for l in b.split("\n") if "/net/" not in l)
        if key == "out" and "properties" in skip:
            a, b = ("\n".join(sorted(l for l in t.split("\n") if re.match(r"[A-Z.].*=|run: ", l) and not l.startswith("USEC_"))) for t in (a, b))
        if a == b or key in skip:
            continue
        if key == "files":
            a, b = ("\n".join("%s %s" % i for i in sorted(v.items()) if v.get(i[0]) != w.get(i[0])) for v, w in ((a, b), (b, a)))
        yield key, a, b


def murmur(text):
    m, mask, h, s = 0x5bd1e995, 0xffffffff, len(text), text.encode()
    while len(s) >= 4:
        k = int.from_bytes(s[:4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
        s = s[4:]
    for i in reversed(range(len(s))):
        h ^= s[i] << 8 * i
    if s:
        h = h * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def send_udev(props):
    """one message of a device manager to libudev's clients"""
    text = "".join("%s=%s\0" % p for p in props).encode()
    d, bloom = dict(props), 0
    for tag in d.get("TAGS", "").strip(":").split(":"):
        for shift in (0, 6, 12, 18) if tag else ():
            bloom |= 1 << (murmur(tag) >> shift & 63)
    head = b"libudev\0" + struct.pack(">I", 0xfeedcafe) + struct.pack("=III", 40, 40, len(text)) + \
        struct.pack(">IIII", murmur(d["SUBSYSTEM"]), murmur(d["DEVTYPE"]) if "DEVTYPE" in d else 0, bloom >> 32, bloom & 0xffffffff)
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    s.bind((0, 0))
    s.sendto(head + text, (0, 2))
    s.close()


MONITORS = ("", "-k", "-u", "-p", "-u -p", "-k -s net", "-u -s block", "-u -s block/partition -p", "-u -t seat", "-u -t seat -t systemd", "-s net -t systemd", "--udev --property --subsystem-match=net --tag-match=systemd")


def by_source(text):
    """one source's events come in their order, those of two as they are read"""
    parts = re.split(r"(?m)^(?=KERNEL|UDEV  )", normal(text, ""))
    return "".join(sorted(parts, key=lambda p: p[:4]))


def events():
    """of a device manager and of the kernel"""
    base = [("ACTION", "add"), ("DEVPATH", "/devices/x/sda"), ("SUBSYSTEM", "block"), ("SEQNUM", "77"), ("DEVNAME", "/dev/sda"), ("MAJOR", "8"), ("MINOR", "0")]
    send_udev(base + [("DEVTYPE", "disk"), ("TAGS", ":systemd:"), ("CURRENT_TAGS", ":systemd:")])
    send_udev(base + [("DEVTYPE", "partition"), ("TAGS", ":seat:systemd:")])
    send_udev([("ACTION", "change"), ("DEVPATH", "/devices/y/net/e0"), ("SUBSYSTEM", "net"), ("SEQNUM", "78"), ("INTERFACE", "e0"), ("IFINDEX", "7"), ("A", "b=c d")])
    send_udev([("ACTION", "remove"), ("DEVPATH", "/devices/y/net/e0"), ("SUBSYSTEM", "net"), ("SEQNUM", "79"), ("TAGS", ":systemd:")])
    subprocess.run(["ip", "link", "add", "m0", "type", "veth", "peer", "name", "m1"], check=True)
    subprocess.run(["ip", "link", "del", "m0"], check=True)


def monitors():
    """all monitors at once hear the same events"""
    running, daemon = {}, Daemon()      # without one sd-device does not listen
    for options in MONITORS:
        for who in ("theirs", "ours"):
            running[options, who] = subprocess.Popen(["/run/bin/%s/udevadm" % who, "monitor"] + options.split(), stdout=open("/run/%s%s" % (who, options.replace("/", "_")), "w+"), stdin=subprocess.DEVNULL)
    for (options, who), p in running.items():
        for _ in range(200):
            if os.path.getsize("/run/%s%s" % (who, options.replace("/", "_"))):
                break
            time.sleep(.05)
    time.sleep(.3)
    events()
    time.sleep(1)
    bad = 0
    daemon.end()
    for options in MONITORS:
        got = {}
        for who in ("theirs", "ours"):
            running[options, who].terminate()
            running[options, who].wait(10)
            text = open("/run/%s%s" % (who, options.replace("/", "_"))).read()
            got[who] = by_source(re.sub(r"\[\d+\.\d{6}\]", "[TIME]", text[text.find("\n\n") + 2:]))
        if got["theirs"] != got["ours"] or len(got["theirs"]) < 20:
            bad += 1
            print("$ udevadm monitor " + options)
            print("\n".join(difflib.unified_diff(got["theirs"].split("\n"), got["ours"].split("\n"), "theirs", "ours", "", "", 3, "")))
    return bad


def main():
    udevadm, devctl, pattern = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
    os.makedirs("/run/bin/ours", exist_ok=True)
    os.makedirs("/run/bin/theirs", exist_ok=True)
    for where, what in (("ours", devctl), ("theirs", udevadm)):
        os.path.lexists("/run/bin/%s/udevadm" % where) or os.symlink(what, "/run/bin/%s/udevadm" % where)
    cases = [c.strip() for c in CASES.strip().split("\n") if re.search(pattern, c)]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:          # who only reads disturbs nobody
        early = {(p, c): pool.submit(play, p, c) for c in cases if ";" not in c for p in ("theirs/udevadm", "ours/udevadm")}
        early = {k: v.result() for k, v in early.items()}
    for case in cases:
        theirs, ours = (early.get((p, case)) or play(p, case) for p in ("theirs/udevadm", "ours/udevadm"))
        found = list(differences(case, theirs, ours))
        bad += bool(found)
        for key, a, b in found:
            print("$ udevadm %s\n# %s differs" % (case, key))
            print("\n".join(difflib.unified_diff(str(a).split("\n"), str(b).split("\n"), "theirs", "ours", "", "", 3, "")))
            if key in ("status", "err"):
                print("# theirs said: %s# ours said: %s" % (theirs["said"], ours["said"]))
    if not pattern or re.search(pattern, "monitor "):
        bad += monitors()
        cases += MONITORS
    print("%d cases, %d differ" % (len(cases), bad))


if __name__ == "__main__":
    main()

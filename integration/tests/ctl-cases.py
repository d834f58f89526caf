#!/usr/bin/env python3
"""ctl-cases.py UDEVADM DEVCTL [PATTERN] - every verb and option of udevadm 252, by it and by devctl under that name, on one made-up tree

Runs inside namespaces of its own (unit-devctl makes them, ctl-tree.py filled them). A case is a command line; compared are the standard
output byte by byte, the exit status, whether anything was said on standard error, and, where the case may write, what changed below
/sys, /dev and /run. What differs on purpose is a row of `why`. Prints every difference and last a line "N cases, N differ"."""
import difflib, os, re, shutil, subprocess, sys

S = "/sys/devices/pci0000:00"
# command lines; "; FILES" behind one: it may write, the tree is made anew and what became of it is compared
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
info -w1 /dev/null
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


def play(program, case):
    line, _, files = case.partition(";")
    env = dict(os.environ, SYSTEMD_DEVICE_VERIFY_SYSFS="0", SYSTEMD_LOG_LEVEL="info", LC_ALL="C.UTF-8")
    try:
        p = subprocess.run(["/run/bin/" + program] + line.split(), capture_output=True, env=env, timeout=10, stdin=subprocess.DEVNULL)
        got = {"out": normal(p.stdout.decode(errors="replace"), line), "status": p.returncode, "err": bool(p.stderr.strip()), "said": p.stderr.decode(errors="replace")}
    except subprocess.TimeoutExpired:
        got = {"out": "", "status": "does not end", "err": False, "said": ""}
    if files:
        got["files"] = snapshot()
        tree()
    return got


def differences(case, theirs, ours):
    line = case.partition(";")[0]
    skip = {what for pattern, what, _ in WHY if re.match(pattern, line)}
    for key in ("out", "status", "err", "files"):
        a, b = theirs.get(key), ours.get(key)
        if key == "out" and "head" in skip:
            a, b = (t[t.find("\n  looking at"):] for t in (a, b))
        if key == "out" and "interfaces" in skip:
            b = "\n".join(l for l in b.split("\n") if "/net/" not in l)
        if a == b or key in skip:
            continue
        if key == "files":
            a, b = ("\n".join("%s %s" % i for i in sorted(v.items()) if v.get(i[0]) != w.get(i[0])) for v, w in ((a, b), (b, a)))
        yield key, a, b


def main():
    udevadm, devctl, pattern = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
    os.makedirs("/run/bin/ours", exist_ok=True)
    os.makedirs("/run/bin/theirs", exist_ok=True)
    for where, what in (("ours", devctl), ("theirs", udevadm)):
        os.path.lexists("/run/bin/%s/udevadm" % where) or os.symlink(what, "/run/bin/%s/udevadm" % where)
    cases = [c.strip() for c in CASES.strip().split("\n") if re.search(pattern, c)]
    bad = 0
    for case in cases:
        theirs, ours = play("theirs/udevadm", case), play("ours/udevadm", case)
        found = list(differences(case, theirs, ours))
        bad += bool(found)
        for key, a, b in found:
            print("$ udevadm %s\n# %s differs" % (case, key))
            print("\n".join(difflib.unified_diff(str(a).split("\n"), str(b).split("\n"), "theirs", "ours", "", "", 3, "")))
            if key in ("status", "err"):
                print("# theirs said: %s# ours said: %s" % (theirs["said"], ours["said"]))
    print("%d cases, %d differ" % (len(cases), bad))


main()

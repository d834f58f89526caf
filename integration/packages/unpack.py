"""unpack.py DEBS TREE - what unit files are about, from all packages in DEBS into TREE; prints NAME VERSION of each

Unit files, presets and symlinks are kept, generators and init scripts left out; any other executable becomes an empty stand-in, so that "is there such a
command" has an answer without the gigabytes. /bin, /sbin and /lib are links into /usr, as on an installed system. Where two
packages have the same file, the first by name wins.
"""
import os, subprocess, sys, tarfile

debs, tree = sys.argv[1:3]
KEEP = ("usr/lib/systemd/system/", "usr/lib/systemd/user/", "usr/lib/systemd/system-preset/", "etc/systemd/")
SKIP = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/icons/", "etc/init.d/",
	"usr/lib/systemd/system-generators/", "usr/lib/systemd/user-generators/", "usr/lib/systemd/system-environment-generators/")
UNITS = tuple("." + t for t in "service socket target timer path mount automount slice swap scope".split())
MERGED = ("bin", "sbin", "lib", "lib64")

for d in MERGED:
    os.makedirs(f"{tree}/usr/{d}", exist_ok=True)
    os.symlink(f"usr/{d}", f"{tree}/{d}")

def merged(name):
    name = name.removeprefix("./").strip("/")
    return f"usr/{name}" if name.split("/")[0] in MERGED else name

def place(tar, member, name):
    path = f"{tree}/{name}"
    if os.path.lexists(path):
        return
    keep = name.startswith(KEEP) or name.endswith(UNITS)
    if member.isdir():
        if keep:
            os.makedirs(path, exist_ok=True)
        return
    if member.issym():
        data = None
    elif keep and (member.isreg() or member.islnk()):
        data = tar.extractfile(member).read()
    elif member.isreg() and member.mode & 0o111:
        data = b""
    else:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if data is None:
        os.symlink(member.linkname, path)
        return
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, member.mode & 0o777)

for deb in sorted(os.listdir(debs)):
    path = os.path.join(debs, deb)
    print(subprocess.check_output(["dpkg-deb", "-W", path], text=True).strip().replace("\t", " "))
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as pipe:
        with tarfile.open(fileobj=pipe.stdout, mode="r|") as tar:
            for member in tar:
                name = merged(member.name)
                if name and not name.startswith(SKIP):
                    place(tar, member, name)
        pipe.stdout.read()
    if pipe.returncode:
        sys.exit(f"unpack.py: {deb} cannot be read")

r"""compare.py OUT EXPLAINED PACKAGES - OUT/systemd and OUT/sysmaster (answers of guest/packages.sh) as test lines and a figure

Each line of EXPLAINED: PROPERTY ; UNIT ; SYSTEMD'S ; OURS ; REASON. The first four are regular expressions for the whole of a value;
OURS may refer to groups of SYSTEMD'S (\1). A user's unit has "user " before its name, a masked unit's name has " (masked)" behind it. Properties that list units are compared
word by word: what only one side has, the other is empty. A difference without a line fails, and so does a line without a
difference unless its reason is the run time.
"""
import collections, re, sys

out, explained, n_packages = sys.argv[1:4]
DEPS = set("""Requires Requisite Wants BindsTo PartOf Upholds RequiredBy RequisiteOf WantedBy BoundBy ConsistsOf UpheldBy Conflicts
ConflictedBy Before After OnSuccess OnSuccessOf OnFailure OnFailureOf Triggers TriggeredBy PropagatesReloadTo ReloadPropagatedFrom
PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf SliceOf""".split())
LISTS = DEPS | {"Names", "RequiresMountsFor", "Documentation", "IPAddressAllow", "IPAddressDeny"}        # of words whose order says nothing

def read(path):
    """the parts of the file: name -> lines"""
    parts, name = collections.defaultdict(list), ""
    for line in open(path, errors="replace"):
        if line.startswith("== "):
            name = line[3:].strip()
            parts[name] = []
        else:
            parts[name].append(line.rstrip("\n"))
    return parts

def units_of(lines):
    units, block = {}, {}
    for line in lines + [""]:
        m = re.match(r"([A-Z][A-Za-z0-9]*)=(.*)", line)
        if m:
            k, v = m.groups()
            block[k] = f"{block[k]}\n{v}" if k in block else v
        elif not line and block.get("Id"):
            units[block["Id"]] = block
            block = {}
    return units

class Row:
    def __init__(self, line):
        f = [x.strip() for x in line.split(" ; ")]
        if len(f) != 5:
            sys.exit(f"explained: five fields wanted: {line}")
        self.text, self.used, self.ours, self.run_time = line, 0, f[3], f[4].startswith("run time")
        self.prop, self.unit, self.theirs = (re.compile(x, re.S) for x in f[:3])
    def fits(self, prop, unit, a, b):
        m = self.prop.fullmatch(prop) and self.unit.fullmatch(unit) and self.theirs.fullmatch(a)
        return m and re.fullmatch(re.sub(r"\\(\d)", lambda n: re.escape(m.group(int(n[1]))), self.ours), b, re.S)

rows = [Row(l.strip()) for l in open(explained) if l.strip() and not l.startswith("#")]
systemd_parts, parts = read(f"{out}/systemd"), read(f"{out}/sysmaster")
theirs, ours = units_of(systemd_parts["show"]), units_of(parts["show"])
user_theirs, user_ours = units_of(systemd_parts["show user"]), units_of(parts["show user"])
def add_dumped(units, lines):
    """conditions as `show` of ours has them, and what systemd's own does not tell of a watchdog before the start"""
    block = {}
    for line in lines:
        name, _, value = line.strip().partition(": ")
        if line.startswith("-> Unit "):
            block = units.get(line[8:].rstrip(":"), {})
        elif name == "WatchdogSec":
            block["WatchdogUSec"] = value
        else:
            m = re.fullmatch(r"(\|?)(!?)(.*) (\S+)", value)
            text = f"{{ type={name}; trigger={'yes' if m[1] else 'no'}; negate={'yes' if m[2] else 'no'}; parameter={m[3]} }}"
            prop = "Asserts" if name.startswith("Assert") else "Conditions"
            block[prop] = "\n".join(filter(None, [block.get(prop), text]))

add_dumped(theirs, systemd_parts["dump"])
add_dumped(user_theirs, systemd_parts["dump user"])
for block in [*ours.values(), *user_ours.values()]:
    for prop in ("Conditions", "Asserts"):
        if prop in block:
            block[prop] = re.sub(r"; state=\w+ }", " }", block[prop])

NO_CALLS = {"riscv_hwprobe", "uretprobe", "sys_debug_setcontext"}       # names that Debian's libseccomp does not know: systemd drops them
groups, members = {}, None
for line in systemd_parts["filters"]:           # "@group", then its calls and groups, indented
    if line.startswith("@"):
        members = groups.setdefault(line.strip(), [])
    elif line.strip() and not line.strip().startswith("#"):
        members.append(line.strip())

def calls(word):
    """a system call, or all that are in a group"""
    name, _, errno = word.partition(":")
    if not name.startswith("@"):
        return {word}
    return {c + (":" + errno if errno else "") for m in groups.get(name, []) for c in calls(m)}

def spelt_out(value):
    """SystemCallFilter= as ours shows it, words in the order of the file, as systemd does: all calls, sorted"""
    words = value.split()
    deny = bool(words) and words[0].startswith("~")
    found = set()
    for w in words:
        if w.startswith("~") == deny:
            found |= calls(w.lstrip("~"))
        else:
            gone = {c.partition(":")[0] for c in calls(w.lstrip("~"))}
            found = {c for c in found if c.partition(":")[0] not in gone}
    if words and not deny:
        found |= calls("@default")
    return ("~" if deny else "") + " ".join(sorted(found - NO_CALLS))

unexplained = []
n_values = n_different = 0

def differs(prop, unit, a, b):
    global n_different
    n_different += 1
    for r in rows:
        if r.fits(prop, unit, a, b):
            r.used += 1
            return
    unexplained.append(f"{unit}: {prop}: systemd \"{a}\", ours \"{b}\"")

def compare(unit, a, b, prefix):
    global n_values
    if a is None or b is None:
        differs("Id", prefix + unit, unit if a else "", unit if b else "")
        return
    label = prefix + unit + (" (masked)" if a.get("LoadState") == b.get("LoadState") == "masked" else "")
    for prop in sorted(a.keys() | b.keys()):
        x, y = a.get(prop, ""), b.get(prop, "")
        n_values += 1
        if x == y:
            continue
        if prop in ("SystemCallFilter", "SystemCallLog") and y:
            y = spelt_out(y)
            if x == y:
                continue
        if prop in ("Conditions", "Asserts") and sorted(x.split("\n")) == sorted(y.split("\n")):
            continue
        if prop in LISTS:
            xs, ys = set(x.split()), set(y.split())
            for w in sorted(xs - ys):
                differs(prop, label, w, "")
            for w in sorted(ys - xs):
                differs(prop, label, "", w)
        else:
            differs(prop, label, x, y)

for unit in sorted(theirs.keys() | ours.keys()):
    compare(unit, theirs.get(unit), ours.get(unit), "")
for unit in sorted(user_theirs.keys() | user_ours.keys()):
    compare(unit, user_theirs.get(unit), user_ours.get(unit), "user ")

def check(name, bad):
    print(f"not ok - {name}" if bad else f"ok - {name}")
    for line in bad[:25]:
        print("# " + line.replace("\n", "\\n"))

check(f"every unit is loaded by both ({len(theirs)} and {len(user_theirs)} of users by systemd, {len(ours)} and {len(user_ours)} by ours)",
      [] if min(len(theirs), len(ours)) > 900 and min(len(user_theirs), len(user_ours)) > 100 else ["too few"])
check(f"the same dependencies and values as systemd 252 or an explanation ({n_values} compared, {n_different} differ)", unexplained)
check(f"every explanation explains something ({len(rows)})", [r.text for r in rows if not r.used and not r.run_time])
def complaints(lines):
    """what either program finds wrong: (file, line), ("command", path), ("missing", unit), ("device", dependency)"""
    advice = "is obsolete|please use|is unsafe|is not safe"         # systemd's, on what it goes on to honour
    shapes = (      # the first that fits, group 1 being the subject; no subject: passed over
        (r"Unit \S+ is masked\.|.*: (Found (ordering cycle|dependency) on|Job) \S+/(start|stop).*", None),     # jobs of one unit against those of another
        (r".*([Tt]ransaction order is cyclic|unfixable cyclic|Unable to break cycle).*", None),   # systemd's hash tables are seeded anew each run, and with that the job that it drops
        (r"\S+: not honoured: .*|\S+ units, .*", None),
        (r".* (\S+) is not executable: .*", "command"),
        (r".*(?:Unit (\S+) not found\.|=(\S+): no file of this name was found)", "missing"),
        (r".*?((?:Before|After)=\S+\.device) ignored.*", "device"),
        (rf"\S+:\d+: .*({advice}).*", None),
        (r"\S+: Dependency \S+=(\S+) is dropped\.", "itself"), (r".*\"(\S+)\" is the unit itself, ignored", "itself"),
        (r"(?:/usr)?/lib/systemd/system/(\S+?:\d+):.*", "line"), (r"(/etc/systemd/system/\S+?:\d+):.*", "line"),
        (r"(.*)", "else"),
    )
    found = set()
    for line in lines:
        for shape, kind in shapes:
            m = re.fullmatch(shape, line)
            if m:
                if kind:
                    found.add((kind, (m[1] or m[2]).replace("test-instance", "test")))
                break
    return found

found, wanted = complaints(parts["verify"]), complaints(systemd_parts["analyze"])
check(f"sctl verify finds what systemd-analyze verify finds ({len(wanted)})",
      [f"only systemd: {k} {v}" for k, v in sorted(wanted - found)] + [f"only ours: {k} {v}" for k, v in sorted(found - wanted)])
keys = files = 0
for scope in ("verify", "verify --user"):
    lines = parts.get(scope, [])
    unknown = [l for l in lines if "unknown key" in l or "unknown section" in l]
    # Debian's own mistakes, which systemd passes over with the same words
    known_wrong = [l for l in unknown if "networking.service" in l and "ExecRestart" in l]
    m = re.match(r"(\d+) units, (\d+) files, (\d+) assignments: (\d+) errors, (\d+) warnings, (\d+) not honoured", lines[-1] if lines else "")
    check(f"sctl {scope}: reads everything", [] if m else lines[-3:] or ["no answer"])
    check(f"sctl {scope}: every section and key is known", [l for l in unknown if l not in known_wrong])
    if m:
        files += int(m.group(2)); keys += int(m.group(3))
with open(f"{out}/unexplained", "w") as f:
    f.writelines(l.replace("\n", "\\n") + "\n" for l in unexplained)
print(f"figure - packages: {n_packages} packages, {files} unit files, {keys} assignments, {len(ours) + len(user_ours)} units, {n_values} values compared with systemd 252, "
      f"{n_different} differences: {sum(r.used for r in rows if r.run_time)} of run time, {sum(r.used for r in rows if not r.run_time)} otherwise "
      f"explained, {len(unexplained)} not")

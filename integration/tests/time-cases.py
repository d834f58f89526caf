#!/usr/bin/env python3
"""time-cases.py - the same questions to two programs: calendar events, time spans, points in time, unit-name escaping

time-cases.py calendar|timespan|timestamp|escape COUNT REFERENCE OURS [PREFIX...]
  REFERENCE, OURS: command lines (split at spaces) up to and with their verb; PREFIX: what both are run by (chroot DIR).
Generated with a fixed seed, so every run asks the same. Prints a line per difference (at most 20) and last the figures;
exit status 1 when there was one. "From now" is left out: the two do not answer in the same second.
"""
import os
import random
import re
import shlex
import subprocess
import sys

R = random.Random(252)
BATCH = 250
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Monday", "tuesday", "WEDNESDAY", "Thursday", "friday", "Saturday", "sunday"]
WORDS = ["minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "semi-annually", "biannually", "bi-annually",
         "yearly", "annually", "anually", "Daily", "WEEKLY"]
ZONES = ["UTC", "utc", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham",
         "America/St_Johns", "Africa/Casablanca", "Pacific/Apia", "Etc/GMT+5", "America/Sao_Paulo"]
# beside each: where its clocks change, and other places where counting goes wrong
BASES = {
    "UTC": ["2024-02-28 23:59:59", "2023-12-31 23:59:59", "2025-06-15 12:34:56", "2100-02-27 00:00:00", "1999-12-31 23:00:00", "1970-01-02 00:00:00"],
    "Europe/Berlin": ["2026-03-28 22:10:00", "2026-03-29 01:59:59", "2026-10-24 23:30:00", "2026-10-25 01:10:00", "2027-10-31 12:00:00", "2028-02-28 10:00:00"],
    "America/New_York": ["2025-03-08 23:00:00", "2025-11-01 23:50:00", "2025-11-02 00:30:00", "2032-02-29 00:00:00"],
    "Australia/Lord_Howe": ["2026-04-04 20:00:00", "2026-10-03 22:00:00", "2027-01-31 23:59:30"],
}


def number(lo, hi, width=2):
    v = R.randint(lo, hi)
    return f"{v:0{width}d}" if R.random() < 0.5 else str(v)


def fraction(v):
    if R.random() < 0.15:
        return v + "." + "".join(R.choice("0123456789") for _ in range(R.randint(1, 8)))
    return v


def part(lo, hi, seconds=False, star=0.35):
    if R.random() < star:
        return "*"
    out = []
    for _ in range(R.choice([1, 1, 1, 1, 2, 3])):
        a = R.randint(lo, hi)
        text = f"{a:02d}" if R.random() < 0.6 else str(a)
        if seconds:
            text = fraction(text)
        if R.random() < 0.25:
            b = R.randint(min(a + (1 if R.random() < 0.8 else 0), hi), hi) if R.random() < 0.93 else R.randint(lo, hi)
            text += ".." + (fraction(str(b)) if seconds else str(b))
        if R.random() < 0.25:
            text += "/" + (fraction(number(1, 30)) if seconds else number(1, max(2, (hi - lo) // 3)))
        out.append(text)
    return ",".join(out)


def year():
    k = R.random()
    if k < 0.7:
        return "*"
    if k < 0.8:
        return str(R.randint(2020, 2040))
    if k < 0.86:
        return f"{R.randint(2020, 2030)}..{R.randint(2029, 2060)}"
    if k < 0.92:
        return f"{R.randint(1995, 2030)}/{R.randint(1, 7)}"
    if k < 0.97:
        return str(R.randint(0, 99))
    return R.choice(["1969", "2200", "2199", "1970", "2000", "9999", "99999999999"])


def weekdays():
    out = []
    for _ in range(R.choice([1, 1, 2, 3])):
        k = R.random()
        if k < 0.6:
            out.append(R.choice(DAYS))
        else:
            a, b = sorted([R.randrange(7), R.randrange(7)])
            if R.random() < 0.07:
                a, b = b, a
            out.append(DAYS[a] + R.choice(["..", "..", "-"]) + DAYS[b])
    return ",".join(out) + ("," if R.random() < 0.03 else "")


def date():
    sep = "~" if R.random() < 0.18 else "-"
    day = part(1, 31 if sep == "-" else 28, star=0.3)
    if R.random() < 0.25:
        return part(1, 12) + sep + day
    return year() + "-" + part(1, 12, star=0.5) + sep + day


def time():
    text = part(0, 23, star=0.3) + ":" + part(0, 59, star=0.2)
    if R.random() < 0.55:
        text += ":" + part(0, 59, True, star=0.15)
    return text


def spoil(text):
    k = R.randrange(8)
    at = R.randrange(len(text) + 1)
    if k == 0:
        return text[:at] + R.choice("x/.:~-*, @+") + text[at:]
    if k == 1:
        return text[:at] + text[at + 1:]
    if k == 2:
        return text.replace(":", ":6", 1)
    if k == 3:
        return text + R.choice([" +02:00", " Nowhere/City", " CET", " CEST", " EDT", "  ", " x", " Etc", " ../UTC"])
    if k == 4:
        return " " + text
    if k == 5:
        return text.replace("-", "-4", 1)
    if k == 6:
        return text.replace("/", "/0", 1)
    return text.replace(" ", "  ", 1)


def calendar():
    k = R.random()
    if k < 0.03:
        text = R.choice(WORDS)
    elif k < 0.05:
        text = "@" + str(R.choice([0, 1, 1900000000, 1796000000, 4102444800, 7258118400, 2**31, 2**40, R.randrange(2**33)])) + R.choice(["", "", "", ".5", " UTC"])
    else:
        parts = []
        if R.random() < 0.35:
            parts.append(weekdays())
        if R.random() < 0.75 or not parts:
            parts.append(date())
        if R.random() < 0.75:
            parts.append(time())
        text = R.choice([" "] * 20 + ["  "]).join(parts)
    if R.random() < 0.25:
        text += " " + R.choice(ZONES)
    return spoil(text) if R.random() < 0.08 else text


UNITS = ["seconds", "second", "sec", "s", "minutes", "minute", "min", "months", "month", "M", "msec", "ms", "m", "hours", "hour", "hr", "h",
         "days", "day", "d", "weeks", "week", "w", "years", "year", "y", "usec", "us", "µs", "μs", ""]


def span():
    k = R.random()
    if k < 0.02:
        return R.choice(["infinity", " infinity ", "infinity x", "0", "00", "", " ", "0.0", ".", "5.", ".5", "-1", "+5", "1e3", "inf"])
    out = []
    for _ in range(R.choice([1, 1, 2, 2, 3, 4])):
        v = R.choice([str(R.randrange(100)), str(R.randrange(100000)), f"{R.randrange(100)}.{R.randrange(10 ** R.randint(1, 9))}", str(R.randrange(10 ** R.randint(1, 21)))])
        out.append(v + R.choice(["", "", " ", "  "]) + R.choice(UNITS + ["bogus", "S", "H"] if R.random() < 0.05 else UNITS))
    text = R.choice(["", " ", " "]).join(out)
    return spoil(text) if R.random() < 0.05 and text else text


def stamp():
    y = R.choice([str(R.randint(1970, 2100)), f"{R.randrange(100):02d}", str(R.randint(1900, 2300))])
    day = f"{y}-{number(1, 12)}-{number(1, 31)}"
    clock = R.choice(["", f" {number(0, 23)}:{number(0, 59)}", f" {number(0, 23)}:{number(0, 59)}:{fraction(number(0, 60))}"])
    text = R.choice([day + clock] * 6 + [clock.strip() or "12:00", "today", "yesterday", "tomorrow", "@" + str(R.randrange(2**32)), "@" + fraction(str(R.randrange(2**31))), "@-1", "never"])
    if R.random() < 0.3:
        text = R.choice(DAYS) + " " + text
    if R.random() < 0.4:
        text += " " + R.choice(["UTC", "utc", "Nowhere/City"])  # other zones, which its manual promises, 252 refuses here
    return spoil(text) if R.random() < 0.08 else text


PIECES = ["/", "//", "/./", "/../", "..", ".", "-", "--", "\\", "\\x2d", "\\x2f", "\\xzz", "@", "a", "b1", "foo", "Bar_9", "äö", "x y", "\t", "*", "?", "[a]",
          ".service", ".mount", ".socket", ":", "%", "dev", "/dev/sda1", "/var/lib", "€", "~", "x@y", "x@y.service", "x@.service"]


def word():
    return "".join(R.choice(PIECES) for _ in range(R.randint(1, 6))) if R.random() < 0.98 else "x" * R.randint(200, 300)


def ask(prefix, command, args, env=None):
    p = subprocess.run(prefix + command + args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


def blocks(text, n):
    """what was said of each of n expressions: empty lines part them, refused ones have nothing"""
    out = [[]]
    for line in text.split("\n"):
        if line == "":
            out.append([])
        elif not line.lstrip().startswith("From now:"):
            out[-1].append(line.rstrip())
    return ["\n".join(b) for b in out[:n]] + [""] * (n - len(out))


class Tally:
    def __init__(self):
        self.same = self.refused = self.different = self.given_up = 0

    def add(self, question, theirs, ours, refused):
        if theirs == ours:
            self.same += 1
            self.refused += refused
            return
        self.different += 1
        if self.different <= 20:
            print(f"different: {question}\n  reference: {theirs!r}\n  ours:      {ours!r}")


def run_calendar(count, theirs, ours, prefix, tally):
    places = [(z, b) for z in BASES for b in BASES[z]]
    per = -(-count // len(places))
    for zone, base in places:
        env = dict(os.environ, TZ=zone, LC_ALL="C.UTF-8")
        for start in range(0, per, BATCH):
            cases = [calendar() for _ in range(min(BATCH, per - start))]
            args = ["--iterations=4", f"--base-time={base}", "--"] + cases
            a, b = ask(prefix, theirs, args, env), ask(prefix, ours, args, env)
            given_up = tally.given_up
            for case, x, y in zip(cases, blocks(a[1], len(cases)), blocks(b[1], len(cases))):
                if x == "" and y != "" and f"next elapse for '{case}'" in a[2]:
                    tally.given_up += 1         # the reference goes in circles where the clocks change, and says so
                else:
                    tally.add(f"TZ={zone} --base-time='{base}' {case!r}", x, y, x == "")
            if given_up == tally.given_up and a[0] != b[0]:
                tally.add(f"exit status of the batch {zone} {base}", a[0], b[0], False)


def run_timestamp(count, theirs, ours, prefix, tally):
    for zone in BASES:
        env = dict(os.environ, TZ=zone, LC_ALL="C.UTF-8")
        cases = [stamp() for _ in range(-(-count // len(BASES)))]
        for start in range(0, len(cases), BATCH):
            batch = cases[start:start + BATCH]
            a, b = ask(prefix, theirs, ["--"] + batch, env), ask(prefix, ours, ["--"] + batch, env)
            for case, x, y in zip(batch, blocks(a[1], len(batch)), blocks(b[1], len(batch))):
                tally.add(f"TZ={zone} {case!r}", x, y, x == "")


def run_timespan(count, theirs, ours, prefix, tally):
    """the reference stops at the first that it refuses: those are asked one by one"""
    env = dict(os.environ, LC_ALL="C.UTF-8")
    cases = [span() for _ in range(count)]
    at = 0
    while at < count:
        batch = cases[at:at + BATCH]
        a = ask(prefix, theirs, ["--"] + batch, env)
        n = len(batch) if a[0] == 0 else a[1].count("Original: ")
        b = ask(prefix, ours, ["--"] + batch[:n], env) if n else (0, "", "")
        for case, x, y in zip(batch[:n], blocks(a[1], n), blocks(b[1], n)):
            tally.add(repr(case), x, y, False)
        if n < len(batch):
            c = ask(prefix, ours, ["--", batch[n]], env)
            tally.add(repr(batch[n]), "", c[1], True)
            n += 1
        at += n


def run_escape(count, theirs, ours, prefix, tally):
    def options():
        if R.random() < 0.75:       # what goes together
            return list(R.choice([[], ["-p"], ["-u"], ["-u", "-p"], ["-m"], ["--suffix=mount"], ["-p", "--suffix=automount"], ["--template=foo@.service"],
                                  ["-p", "--template=systemd-fsck@.service"], ["-u", "--instance"], ["-u", "-p", "--instance"], ["-u", "--template=x@.service"]]))
        some = ["-p", "-u", "-m", "--instance", R.choice(["--suffix=mount", "--suffix=bogus"]), R.choice(["--template=x@.service", "--template=foo.service", "--template=x@y.service"])]
        return R.sample(some, R.randint(1, 3))
    env = dict(os.environ, LC_ALL="C.UTF-8")
    for i in range(count):
        kind = options()
        w = [word() for _ in range(R.choice([1, 1, 1, 2]))]
        if "-u" in kind and R.random() < 0.6:     # something that can be undone
            w = [ask(prefix, theirs, ["-p"] if "-p" in kind else [] + ["--", x], env)[1].strip("\n") or "a-b" for x in w]
            if "--instance" in kind:
                w = ["x@" + x + ".service" for x in w]
            elif any("template" in k for k in kind):
                w = [R.choice(["x@", "x@", "y@"]) + x + ".service" for x in w]
        a, b = ask(prefix, theirs, kind + ["--"] + w, env), ask(prefix, ours, kind + ["--"] + w, env)
        tally.add(f"{kind} {w!r}", a[:2] if a[0] == 0 else a[0], b[:2] if b[0] == 0 else b[0], a[0] != 0)


def main():
    what, count, theirs, ours, *prefix = sys.argv[1:]
    tally = Tally()
    {"calendar": run_calendar, "timespan": run_timespan, "timestamp": run_timestamp, "escape": run_escape}[what](int(count), shlex.split(theirs), shlex.split(ours), prefix, tally)
    print(f"{what}: {tally.same + tally.different} asked, {tally.same} equal ({tally.refused} refused by both), {tally.different} different"
          + (f"; {tally.given_up} more where the reference gives up" if tally.given_up else ""))
    sys.exit(1 if tally.different or tally.same < int(count) * 0.99 else 0)


main()

#!/usr/bin/env python3
"""hwdb-aliases.py FOLDER SEED N - modaliases to ask for, made of N patterns of each *.hwdb: globs filled in, a fifth of them cut short, too"""
import glob, random, re, sys
random.seed(int(sys.argv[2]))
out = set()
for f in sorted(glob.glob(sys.argv[1] + '/*.hwdb')):
    patterns = [l.rstrip('\n') for l in open(f, encoding='utf-8') if l[0] not in ' #\n\t']
    for p in random.sample(patterns, min(len(patterns), int(sys.argv[3]))):
        p = re.sub(r'\[([^\]])[^\]]*\]', r'\1', p).replace('?', 'x')
        p = ''.join(random.choice(['', '0', 'dC', 'FOO:bar']) if c == '*' else c for c in p)
        out.add(p)
        if random.random() < .2:
            out.add(p[:random.randrange(1, len(p) + 1)])
for p in sorted(out):
    print(p)

/*
 * rules.h - udev's rules: files -> a program, and the program applied to an event; udev(7) of systemd 252
 *
 * Beyond 252: i"" (case ignored), OPTIONS="dump". A line with a fault is reported (file, line, column) and left out as a
 * whole, as udevd does; a doubtful one is reported as a warning and kept.
 */
#pragma once
#include "diag.h"
#include "util.h"

struct rules;
struct event;

/* How names become numbers; a seam for tests and, later, for a helper that may use NSS. 0 or negative errno. */
struct rules_names {
	int (*user)(const char *name, uint32_t *ret);
	int (*group)(const char *name, uint32_t *ret);
};
extern const struct rules_names rules_names_nss;

int rules_new(struct rules **ret, struct diag_sink *sink, const struct rules_names *names);
void rules_free(struct rules *r);
DEFINE_CLEANUP(struct rules *, rules_free);

/** rules_add_text() - one file's content; @file for reports. 0, -ENOMEM; faults go to the sink */
int rules_add_text(struct rules *r, const char *file, const char *text, size_t n);
int rules_add_file(struct rules *r, const char *path);          /* also -errno of reading it, reported */
/**
 * rules_add_path() - every *.rules of the search path below @root (""), sorted by name, the first folder wins
 *
 * /etc, /run, /usr/lib: devmaster/rules.d; then udev's: /etc, /run, /usr/local/lib, /usr/lib, /lib: udev/rules.d. A link to
 * /dev/null and an empty file switch a name off.
 */
int rules_add_path(struct rules *r, const char *root);
int rules_path(const char *root, char ***ret);                  /* the files that rules_add_path() reads; caller strv_free()s */
size_t rules_lines(const struct rules *r);

void rules_use_index(struct rules *r, bool yes);                /* tests: walk every line instead */
/** rules_apply() - run the program for @e. 0, -ENOMEM; what single lines fail at is reported and the next goes on */
int rules_apply(struct rules *r, struct event *e);

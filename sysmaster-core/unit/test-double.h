/* test-double.h - what tests of unit/ share: unit types that do nothing, a sink that remembers, a tree of files to throw away */
#pragma once
#include "unit/path.h"
#include "unit/unit.h"

/* a service with a key of every kind; the other types have none */
struct double_service {
	struct unit unit;
	bool flag; int tristate, number, signo, choice; unsigned count; uint64_t u64, sec, sec_inf, size; mode_t mode;
	char *text, *raw, *path, **words, **paths, **names, **env; struct exit_set exits;
	unsigned loads, inits;          /* calls of the type's functions */
	bool spoil;                     /* load() says -ENOEXEC */
	int state;                      /* run time: must outlive a reload */
};
extern const struct key double_service_keys[];
extern const size_t n_double_service_keys;
void double_types(void);                /* registers all eleven; once a process */

struct double_sink { struct diag_sink sink; struct buf text; unsigned n; };     /* one line each: "file:line:column: text", '?' in front if unsupported */
void double_sink_init(struct double_sink *s);
const char *double_sink_take(struct double_sink *s);    /* since the last call; borrowed until the next */

/* a folder under /tmp; paths begin with "/" and mean below it */
struct tree { char root[64]; };
void tree_new(struct tree *t);
void tree_done(struct tree *t);
void tree_file(struct tree *t, const char *path, const char *text);
void tree_link(struct tree *t, const char *path, const char *target);
void tree_remove(struct tree *t, const char *path);

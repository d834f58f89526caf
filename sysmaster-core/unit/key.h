/*
 * key.h - keys of unit files as table rows: parsing, `sctl show`, `sctl verify` and the man page all come from the rows
 *
 * A row names a key, its kind (how the value is read, printed and freed), where it is stored, and what it means. Groups of rows
 * (an execution context, kill settings, resource control) are shared by unit types through a base offset.
 */
#pragma once
#include "buf.h"
#include "diag.h"
#include "value.h"

struct unit;

/** Where a value stands and whom it belongs to; given to parsers. */
struct key_place {
	struct unit *unit;              /* being loaded; specifiers are expanded for it */
	struct diag_sink *sink;
	const char *file, *section, *key;
	unsigned line, column;          /* of the value's first character */
};

struct key;
struct key_kind {
	const char *syntax;             /* for the man page, e.g. "boolean", "time span" */
	/**
	 * @value: trimmed, continuation lines joined; borrowed. An empty value resets lists, as systemd.syntax(7) says.
	 * @field: the row's storage.
	 * Return: 0, or a negative errno after it has reported the problem with key_bad(). The field is then unchanged.
	 */
	int (*parse)(const struct key_place *at, const struct key *k, const char *value, void *field);
	/** print as systemctl show prints the property; NULL: not a property */
	void (*format)(const struct key *k, const void *field, struct buf *out);
	void (*clear)(const struct key *k, void *field);        /* frees; NULL: nothing to free */
	bool merges;                    /* the same, but what is changed by a request replaces them */
	bool adds_up;                   /* a further assignment adds to the earlier ones; known of the kinds of resource control only */
};

struct key {
	const char *name;               /* "TimeoutStopSec" */
	const struct key_kind *kind;
	size_t off;                     /* of the field from the group's base */
	intptr_t arg;                   /* kind-specific: an enum table, a flag, a dependency kind */
	const char *property;           /* name under `show` when it differs ("TimeoutStopUSec"); NULL: same; "" : not shown */
	const char *doc;                /* what it does: a sentence or two in our own words */
};

struct key_group {
	const char *section;            /* "Service" */
	const struct key *rows;         /* sorted by name (strcmp); a test says so */
	size_t n_rows;                  /* or 0 and: */
	const size_t *n_rows_at;        /* where the number stands (rows of another file); NULL: n_rows holds */
	size_t base;                    /* offset of the structure that the rows' offsets count from, within the unit object */
};

static inline size_t key_group_size(const struct key_group *g) { return g->n_rows_at ? *g->n_rows_at : g->n_rows; }

const struct key *key_find(const struct key_group *groups, size_t n_groups, const char *section, const char *name, const struct key_group **ret_group);

/** key_bad() - report at @at: `Section.Key: <text>` and give -EINVAL back */
int key_bad(const struct key_place *at, const char *fmt, ...) _printf_(2, 3);
int key_bad_at(const struct key_place *at, unsigned extra_column, const char *fmt, ...) _printf_(3, 4);

/* What parsers of further kinds share (exec, cgroup, types). @column: bytes from the value's start. */
int key_expand(const struct key_place *at, const char *text, size_t column, char **ret);       /* specifiers; reports */
/** value_word() on *p within @value, with the report: 1 with *ret, 0 at the end, <0 reported */
int key_next_word(const struct key_place *at, const char *value, const char **p, bool unescape, char **ret);
int key_path_check(const struct key_place *at, size_t column, char *path);     /* absolute, no ".."; simplified in place */

/* The kinds. C type of the field behind each. Specifiers are expanded where the man page says so. */
extern const struct key_kind kind_bool;         /* bool */
extern const struct key_kind kind_tristate;     /* int: -1 unset, 0, 1 */
extern const struct key_kind kind_int;          /* int */
extern const struct key_kind kind_unsigned;     /* unsigned */
extern const struct key_kind kind_u64;          /* uint64_t */
extern const struct key_kind kind_sec;          /* uint64_t usec; "infinity" = USEC_INFINITY; bare number = seconds */
extern const struct key_kind kind_sec_zero_inf; /* the same, where 0 means infinity (Timeout*Sec) */
extern const struct key_kind kind_mode;         /* mode_t, octal */
extern const struct key_kind kind_size;         /* uint64_t bytes, K M G T suffixes (1024), "infinity" = UINT64_MAX */
extern const struct key_kind kind_signal;       /* int: "SIGTERM", "TERM" or number */
extern const struct key_kind kind_enum;         /* int; arg: const struct key_enum * */
extern const struct key_kind kind_string;       /* char * (NULL unset), specifiers expanded */
extern const struct key_kind kind_raw;          /* char *, no specifiers */
extern const struct key_kind kind_path;         /* char *: absolute, normalised; specifiers */
extern const struct key_kind kind_strv;         /* char ** NULL-terminated, quoting of systemd.syntax, appended; specifiers per word */
extern const struct key_kind kind_paths;        /* char **: absolute paths, appended, words */
extern const struct key_kind kind_names;        /* char **: unit names, appended, specifiers */
extern const struct key_kind kind_trigger;      /* char *: what is to be started, any unit but the one itself; specifiers */
extern const struct key_kind kind_dep;          /* no field: adds a dependency of kind arg (enum dep_kind) on the unit */
extern const struct key_kind kind_condition;    /* struct condition *; arg: enum condition_type (| 0x100 for Assert) */
extern const struct key_kind kind_documentation;/* char ** URIs */
extern const struct key_kind kind_exit_set;     /* struct exit_set: statuses and signals (SuccessExitStatus= ...) */
extern const struct key_kind kind_environ;      /* char ** NAME=VALUE, later ones replace */
/** known by name, not honoured: reported once as DIAG_UNSUPPORTED with file, line and the reason, a text in the row's arg (0: none) */
extern const struct key_kind kind_unsupported;
/** known and of no effect by design (the doc says why): accepted in silence only because systemd ignores it too */
extern const struct key_kind kind_obsolete;

struct exit_set { uint8_t status[32], signals[16]; };           /* bit sets */
static inline bool exit_set_has(const uint8_t *bits, unsigned n) { return bits[n / 8] & (1u << (n % 8)); }
bool exit_set_empty(const struct exit_set *s);

/* Names of exit statuses, systemd.exec(5) "Process Exit Codes": "SUCCESS", "USER", "TEMPFAIL" ...; NULL, -EINVAL */
const char *exit_status_name(int status);
int exit_status_value(const char *name, int *ret);

bool environ_valid(const char *assignment);                     /* NAME=VALUE with a name that a shell would take */
int environ_put(char ***env, char *assignment);                 /* takes it over, also on failure; replaces NAME */

/*
 * program.h - what rules files become: an array of lines, each a run of tokens in the order in which udev looks at them
 *
 * Inside of rules/ only; others see rules.h. Everything lives in the arena of struct rules.
 */
#pragma once
#include <sys/types.h>
#include "arena.h"
#include "rules.h"

enum rule_op { OP_MATCH, OP_NOMATCH, OP_ADD, OP_REMOVE, OP_ASSIGN, OP_ASSIGN_FINAL };
static inline bool op_is_match(enum rule_op op) { return op == OP_MATCH || op == OP_NOMATCH; }

/* The order is the order of evaluation within one line: matches, what imports, then assignments (as udevd of systemd 252 does it). */
enum token_kind {
	M_ACTION, M_DEVPATH, M_KERNEL, M_SYMLINK, M_NAME, M_ENV, M_CONST, M_TAG, M_SUBSYSTEM, M_DRIVER, M_ATTR, M_SYSCTL,
	M_KERNELS, M_SUBSYSTEMS, M_DRIVERS, M_ATTRS, M_TAGS,            /* all of them on one device: itself or a parent */
	M_TEST, M_PROGRAM, M_IMPORT_FILE, M_IMPORT_PROGRAM, M_IMPORT_BUILTIN, M_IMPORT_DB, M_IMPORT_CMDLINE, M_IMPORT_PARENT, M_RESULT,
	A_ESCAPE, A_DB_PERSIST, A_WATCH, A_LINK_PRIORITY, A_LOG_LEVEL, A_DUMP,
	A_OWNER, A_GROUP, A_MODE, A_TAG, A_STATIC_NODE, A_SECLABEL, A_ENV, A_NAME, A_SYMLINK, A_ATTR, A_SYSCTL, A_RUN_BUILTIN, A_RUN_PROGRAM,
	N_TOKEN_KINDS
};
static inline bool kind_of_parents(enum token_kind k) { return k >= M_KERNELS && k <= M_TAGS; }
static inline bool kind_has_pattern(enum token_kind k) { return k < M_TEST || k == M_RESULT; }
static inline bool kind_imports(enum token_kind k) { return k >= M_PROGRAM && k <= M_IMPORT_PARENT; }

enum pattern_kind { PATTERN_EMPTY, PATTERN_PLAIN, PATTERN_GLOB, PATTERN_SUBSYSTEM /* "subsystem", "bus" and "class" are one */ };
enum attr_kind { ATTR_PLAIN, ATTR_FORMAT /* has substitutions */, ATTR_SUBSYS /* [subsystem/kernel]attr */ };

struct pattern { const char *text; bool glob; size_t len; };

struct token {
	uint8_t kind, op;               /* enum token_kind, enum rule_op */
	uint8_t pattern, attr_kind;
	bool or_empty;                  /* "a||b": nothing matches too */
	bool icase;                     /* i"..." */
	bool strip;                     /* trailing blanks of an attribute do not count */
	bool resolved;                  /* .number holds what .value means (owner, group, mode, builtin) */
	const char *attr, *value;       /* attr NULL: none */
	const struct pattern *patterns; /* the alternatives, when kind_has_pattern() */
	size_t n_patterns;
	int64_t number;
	unsigned column;                /* of the key */
};

/* what a line has to say, and so for which events it is looked at at all (as udevd does: it can be seen in $id and in PROGRAM) */
enum { LINE_FOR_NET = 1, LINE_FOR_NODE = 2, LINE_UPDATES = 4, LINE_HAS_GOTO = 8, LINE_HAS_LABEL = 16, LINE_HAS_STATIC_NODE = 32 };

struct line {
	const struct token *tokens;
	size_t n_tokens;
	unsigned flags;
	const char *file, *label, *goto_label;
	unsigned number;                /* in the file, from 1 */
	unsigned goto_column;
	size_t goto_line;               /* index of the line to go on with; 0: none (nobody jumps to the first) */
	uint32_t first[8];              /* bytes that KERNEL of a matching device may begin with */
};

struct index;
struct rules {
	struct arena arena;
	struct diag_sink *sink;
	const struct rules_names *names;
	struct line *lines;
	size_t n_lines, cap_lines;
	struct index *index;            /* NULL: not made yet */
	bool no_index;
};

/* lex.c */
struct lexeme {
	char *key, *attr, *value;       /* within the text, ended by NUL; attr NULL: none */
	enum rule_op op;
	bool icase;
	const char *key_at, *attr_at, *op_at, *value_at;        /* for reports: where in the text as it was */
};
/** lex_next() - cut the next expression off *@p (changes the text). 1; 0: end of the line; -EINVAL with *@why and *@at */
int lex_next(char **p, struct lexeme *ret, const char **why, const char **at);

/* key.c */
struct place { struct rules *rules; const char *file; const char *text; const struct segment *segments; size_t n_segments; };
struct segment { size_t offset; unsigned line, column; };       /* of a joined line: where its bytes from offset on came from */
/** key_line() - make @line of one joined line of text (changed). 0; 1: nothing to do; -EINVAL after the report; -ENOMEM */
int key_line(struct place *at, char *text, struct line *line);
int key_complain(const struct place *at, int level, const char *where, const char *fmt, ...) _printf_(4, 5);

/* pattern.c */
int pattern_compile(struct arena *a, struct token *t);
bool pattern_match(const struct token *t, const char *text);    /* the operator counts: "!=" is turned round */
bool glob_match(const char *pattern, const char *text, bool icase);
void pattern_first(const struct token *t, uint32_t set[8]);     /* which first bytes can match; for KERNEL */

/* index.c */
void index_free(struct index *i);
DEFINE_CLEANUP(struct index *, index_free);

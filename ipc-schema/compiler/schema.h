/*
 * schema.h - a parsed schema: files, items, fields; and the steps that the compiler takes over it
 *
 * Everything lives in one arena and is freed with it. The steps run in this order: schema_parse() for each file,
 * schema_check() once, then the emitters, which cannot fail but for memory and files.
 */
#pragma once
#include "arena.h"
#include "buf.h"
#include "msg.h"

struct pos { const char *file; unsigned line, col; };

struct item;
struct field {
	struct pos pos, type_pos;
	const char *name, *doc;
	int64_t id;
	enum msg_kind kind;             /* MSG_STRUCT stands for any named type until schema_check() */
	bool list, optional, ranged;
	int64_t max, max_list, lo, hi;
	const char *type_name;          /* of a named type */
	struct item *type;              /* found by schema_check() */
	struct field *next;
};

struct value { struct pos pos; const char *name, *doc; int64_t value; struct value *next; };

/* a method, or an event (then rep is empty) */
struct message {
	struct pos pos;
	const char *name, *doc;
	int64_t id;
	bool event, root, dedup;
	const char *req_name, *rep_name;
	struct pos req_pos, rep_pos;
	struct item *req, *rep;
	struct message *next;
};

enum item_kind { ITEM_ENUM, ITEM_STRUCT, ITEM_SOCKET, ITEM_FRAMES };
struct item {
	enum item_kind kind;
	struct pos pos;
	const char *name, *doc;
	struct file *file;
	const char *path, *events_path; /* socket */
	struct field *fields;           /* struct */
	struct value *values;           /* enum */
	struct message *messages;       /* socket, frames; methods and events in the order of the file */
	int mark;                       /* walk of schema_check() and of the emitter: 0 new, 1 on the way, 2 done */
	struct item *next;
};

struct file {
	const char *path, *base;        /* base: "init" of ".../init.ipc" */
	const char *doc;                /* the sentence of its first comment line */
	struct item *items;
	int mark;
	struct file *next;
};

struct schema {
	struct arena arena;
	struct file *files;
	unsigned errors;
};

/** complain() - one line "file:line:column: text" on stderr; counts; returns -EINVAL */
int complain(struct schema *s, const struct pos *pos, const char *fmt, ...) _printf_(3, 4);

int schema_parse(struct schema *s, const char *path);           /* 0, -EINVAL (said), -errno of reading (said) */
int schema_check(struct schema *s);                             /* names, numbers, ranges, recursion: 0 or -EINVAL (said) */

void emit_header(const struct file *f, struct buf *out);        /* NAME.ipc.h */
void emit_source(const struct file *f, struct buf *out);        /* NAME.ipc.c */
void emit_sockets(const struct schema *s, struct buf *out);     /* sockets.c */
void emit_reference(const struct schema *s, struct buf *out);   /* reference.md */

bool file_uses(const struct file *f, const struct file *other); /* does a struct of f hold a type of other? */

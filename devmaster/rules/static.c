/* static.c - see static.h */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "database/database.h"
#include "program.h"
#include "rules/static.h"

struct wish { int64_t uid, gid, mode; const char *tags[64]; size_t n_tags; };

static int remember(const char *run, const char *tag, const char *name, const char *node)
{
	char path[PATH_MAX];
	size_t at = (size_t)snprintf(path, sizeof(path), "%s/static_node-tags/%s/", run, tag);
	int r;

	for (const char *p = name; *p; p++) {
		if (at + 8 >= sizeof(path))
			return -ENAMETOOLONG;
		at += (size_t)snprintf(path + at, sizeof(path) - at, *p == '/' ? "\\x2f" : *p == '\\' ? "\\x5c" : "%c", *p);
	}
	r = database_mkdir_parents(path);
	if (r < 0)
		return r;
	return symlink(node, path) < 0 && errno != EEXIST ? -errno : 0;
}

/* 1: done; 0: no such node */
static int fulfil(const struct wish *w, const char *dev, const char *run, const char *name)
{
	char path[PATH_MAX], node[PATH_MAX];
	struct stat st;
	mode_t mode;
	int r = 0;

	if (startswith(name, "/dev/"))
		name += 5;
	if (strstr(name, "..") || (size_t)snprintf(path, sizeof(path), "%s/%s", dev, name) >= sizeof(path) ||
	    (size_t)snprintf(node, sizeof(node), "/dev/%s", name) >= sizeof(node))
		return -EINVAL;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return 0;
	for (size_t i = 0; i < w->n_tags && r == 0; i++)
		r = remember(run, w->tags[i], name, node);
	if (r < 0 || (w->mode < 0 && w->uid < 0 && w->gid < 0))
		return r < 0 ? r : 1;
	mode = w->mode >= 0 ? (mode_t)w->mode : w->gid >= 0 ? 0660 : 0600;
	if (((st.st_mode & 07777) != mode && chmod(path, mode) < 0) ||
	    ((st.st_uid != (uid_t)MAX(w->uid, 0) || st.st_gid != (gid_t)MAX(w->gid, 0)) && lchown(path, (uid_t)MAX(w->uid, 0), (gid_t)MAX(w->gid, 0)) < 0))
		return -errno;
	return 1;
}

static int apply_line(const struct rules *r, const struct line *l, const char *dev, const char *run)
{
	struct wish w = { -1, -1, -1, { NULL }, 0 };
	int n = 0;

	for (size_t i = 0; i < l->n_tokens; i++) {      /* in the order of kinds: owner, group, mode and tags come first */
		const struct token *t = &l->tokens[i];
		int v = 0;

		if (t->kind == A_OWNER && t->resolved)
			w.uid = t->number;
		else if (t->kind == A_GROUP && t->resolved)
			w.gid = t->number;
		else if (t->kind == A_MODE && t->resolved)
			w.mode = t->number;
		else if (t->kind == A_TAG && w.n_tags < ARRAY_SIZE(w.tags))
			w.tags[w.n_tags++] = t->value;
		else if (t->kind == A_STATIC_NODE)
			v = fulfil(&w, dev, run, t->value);
		if (v < 0)
			diag(r->sink, DIAG_WARNING, l->file, l->number, t->column, "static node %s: %s", t->value, strerror(-v));
		n += v > 0;
	}
	return n;
}

int rules_static_nodes(const struct rules *r, const char *dev, const char *run)
{
	int n = 0;

	for (size_t i = 0; i < r->n_lines; i++)
		if (r->lines[i].flags & LINE_HAS_STATIC_NODE)
			n += apply_line(r, &r->lines[i], dev, run);
	return n;
}

/* node.c - see node.h; the order is udevd's: what was known, rules, node and links, record, tags */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include "node.h"

#define LINK_TRIES 64                   /* others may want the same link at the same time */

static void complain(struct event *e, const char *what, const char *name, int r)
{
	diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "%s %s: %s", what, name, strerror(-r));
}

/* "/dev/NAME" -> below the folder that stands for it */
static int below(const struct node_place *at, const char *name, char path[PATH_MAX])
{
	return (size_t)snprintf(path, PATH_MAX, "%s%s", at->dev, name + 4) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* the target as a path from the link's folder: "../null" */
static void relative(const char *link, const char *node, char out[PATH_MAX])
{
	size_t common = 0, n = 0;

	for (size_t i = 0; link[i] && link[i] == node[i]; i++)
		if (link[i] == '/')
			common = i + 1;
	for (const char *p = link + common; *p && n + 4 < PATH_MAX; p++)
		if (*p == '/')
			n += (size_t)sprintf(out + n, "../");
	snprintf(out + n, PATH_MAX - n, "%s", node + common);
}

static int point(const struct node_place *at, const char *link, const char *node)
{
	char path[PATH_MAX], target[PATH_MAX], old[PATH_MAX], temporary[PATH_MAX + 32];
	struct stat st;
	ssize_t n;
	int r = below(at, link, path);

	if (r < 0)
		return r;
	relative(link, node, target);
	if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode))
		return -EEXIST;                         /* a node or a folder stands there: not ours to remove */
	n = readlink(path, old, sizeof(old) - 1);
	if (n >= 0) {
		old[n] = '\0';
		if (streq(old, target))
			return 0;
	}
	if (n < 0 && symlink(target, path) == 0)
		return 0;
	r = database_mkdir_parents(path);
	if (r < 0)
		return r;
	snprintf(temporary, sizeof(temporary), "%s.tmp-%x", path, (unsigned)getpid());
	unlink(temporary);
	return symlink(target, temporary) < 0 || rename(temporary, path) < 0 ? -errno : 0;
}

static int drop(const struct node_place *at, const char *link)
{
	char path[PATH_MAX], *slash;
	struct stat st;
	int r = below(at, link, path);

	if (r < 0)
		return r;
	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return 0;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	while ((slash = strrchr(path, '/')) && slash > path + strlen(at->dev)) {
		*slash = '\0';
		if (rmdir(path) < 0)
			break;                          /* others have links there */
	}
	return 0;
}

/*
 * No lock: each first says what it wants in the stack, then points the link at the winner, and looks again. Who looks last has seen
 * all that was said before it, so the link ends at the right place whatever the order.
 */
static int settle(const struct node_place *at, struct event *e, const char *link, bool want)
{
	char node[PATH_MAX] = "", seen[PATH_MAX], normal[PATH_MAX];
	int r = database_link_path(link, normal, sizeof(normal)), tries = LINK_TRIES;

	if (r == 0)
		r = database_stack(at->db, e->dev, link, want);
	if (r > 0)
		tries = 1;                              /* nothing new was said: no need to look whether others heard it */
	r = MIN(r, 0);
	for (int i = 0; r == 0 && at->apply && i < tries; i++) {
		int found = database_winner(at->db, want ? e->dev : NULL, link, seen, sizeof(seen));

		if (found < 0 && found != -ENOENT)
			return found;
		if (found == -ENOENT)
			seen[0] = '\0';
		if (i > 0 && streq(seen, node))
			return 0;
		strcpy(node, seen);
		r = *node ? point(at, normal, node) : drop(at, normal);
	}
	return r;
}

static void links(const struct node_place *at, struct event *e, const struct words *before)
{
	struct device *d = e->dev;
	bool removing = event_is_remove(e);
	int r;

	for (size_t i = 0; before && i < before->n; i++) {
		if (!removing && words_has(&d->links, before->v[i]))
			continue;
		r = settle(at, e, before->v[i], false);
		if (r < 0)
			complain(e, "cannot give up", before->v[i], r);
	}
	for (size_t i = 0; !removing && i < d->links.n; i++) {
		r = settle(at, e, d->links.v[i], true);
		if (r < 0)
			complain(e, "cannot link", d->links.v[i], r);
	}
}

static void by_number(const struct node_place *at, struct event *e)
{
	struct device *d = e->dev;
	char link[64];
	int r;

	snprintf(link, sizeof(link), "/dev/%s/%u:%u", d->is_block ? "block" : "char", major(d->devnum), minor(d->devnum));
	r = event_is_remove(e) ? drop(at, link) : point(at, link, d->devname);
	if (r < 0)
		complain(e, "cannot link", link, r);
}

/* what neither a rule nor the kernel says: a node that is there keeps its own, a new one gets these */
static void permissions(struct event *e, const struct stat *there)
{
	struct device *d = e->dev;

	if (e->uid < 0)
		e->uid = d->devuid >= 0 ? d->devuid : there ? there->st_uid : 0;
	if (e->mode < 0)
		e->mode = d->devmode >= 0 ? d->devmode : e->gid > 0 ? 0660 : there ? there->st_mode & 07777 : 0600;
	if (e->gid < 0)
		e->gid = d->devgid >= 0 ? d->devgid : there ? there->st_gid : 0;
}

/* SECLABEL{module}: what that module reads of a file */
static int label(struct event *e, const char *path)
{
	static const struct { const char *module, *attribute; } rows[] = {
		{ "selinux", "security.selinux" }, { "smack", "security.SMACK64" },
	};

	for (const struct event_label *l = e->labels; l; l = l->next) {
		const char *attribute = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (streq(rows[i].module, l->module))
				attribute = rows[i].attribute;
		if (!attribute)
			diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "SECLABEL{%s}: no such security module is known", l->module);
		else if (lsetxattr(path, attribute, l->label, strlen(l->label), 0) < 0)
			complain(e, "cannot label", path, -errno);
	}
	return 0;
}

/* the node itself: made where it is missing (devtmpfs has it), then mode and owner */
static int make_node(const struct node_place *at, struct event *e)
{
	mode_t type = e->dev->is_block ? S_IFBLK : S_IFCHR;
	char path[PATH_MAX];
	struct stat st;
	int r = below(at, e->dev->devname, path);

	if (r < 0)
		return r;
	if (lstat(path, &st) < 0) {
		permissions(e, NULL);
		r = database_mkdir_parents(path);
		if (r < 0)
			return r;
		if (mknod(path, type | 0600, e->dev->devnum) < 0 || lstat(path, &st) < 0)
			return -errno;
	} else if ((st.st_mode & S_IFMT) != type || st.st_rdev != e->dev->devnum)
		return -EEXIST;
	permissions(e, &st);
	if (((uid_t)e->uid != st.st_uid || (gid_t)e->gid != st.st_gid) && lchown(path, (uid_t)e->uid, (gid_t)e->gid) < 0)
		return -errno;
	if (((mode_t)e->mode != (st.st_mode & 07777)) && chmod(path, (mode_t)e->mode) < 0)
		return -errno;
	return label(e, path);
}

static void node(const struct node_place *at, struct event *e, const struct words *before)
{
	int r = 0;

	if (!e->dev->devnum || !e->dev->devname) {
		e->mode = e->uid = e->gid = -1;
		return;
	}
	if (!at->dry)
		links(at, e, before);
	if (at->apply) {
		by_number(at, e);
		r = event_is_remove(e) ? 0 : make_node(at, e);
	}
	permissions(e, NULL);
	if (r < 0)
		complain(e, "cannot make", e->dev->devname, r);
}

static int on_remove(const struct node_place *at, struct rules *rules, struct event *e)
{
	int r = database_read(at->db, e->dev);
	struct words before = { 0 };

	if (r < 0)
		return r;
	r = device_finish_properties(e->dev);
	if (r < 0)
		return r;
	if (!at->dry) {
		database_tags(at->db, e->dev, &e->dev->tags, NULL);
		database_delete(at->db, e->dev);
	}
	for (size_t i = 0; i < e->dev->links.n && r >= 0; i++)  /* rules may name others; those that are there must go */
		r = words_add(e->arena, &before, e->dev->links.v[i]);
	if (r >= 0)
		r = rules_apply(rules, e);
	if (r == 0)
		node(at, e, &before);
	return r;
}

void node_forget(const struct node_place *at, struct device *d)
{
	struct event e;

	if (database_read(at->db, d) < 0)
		return;
	event_init(&e, d->arena, d, "remove");
	database_tags(at->db, d, &d->tags, NULL);
	for (size_t i = 0; d->devnum && i < d->links.n; i++)
		settle(at, &e, d->links.v[i], false);
	database_delete(at->db, d);
}

static int know_before(const struct node_place *at, struct event *e)
{
	struct device *d = e->dev;
	int r;

	e->old = device_shadow(d);
	if (!e->old)
		return -ENOMEM;
	r = database_read(at->db, e->old);
	for (size_t i = 0; r >= 0 && i < e->old->tags.n; i++)
		r = words_add(e->arena, &d->tags, e->old->tags.v[i]);
	d->initialized_usec = e->old->initialized_usec;
	return r < 0 ? r : 0;
}

/* an interface that moved keeps what was found out of it; its new name is known now */
static int moved(struct event *e)
{
	struct device *d = e->dev;
	int r = 0;

	for (size_t i = 0; i < e->old->n_props && r == 0; i++) {
		const struct property *p = &e->old->props[i];

		if (p->stored)
			r = device_set(d, p->key, p->value, true);
	}
	return r < 0 ? r : device_set(d, "ID_RENAMING", NULL, true);
}

int node_process(const struct node_place *at, struct rules *rules, struct event *e)
{
	struct device *d = e->dev;
	int r;

	e->db = at->db;
	if (device_set(d, "ACTION", e->action, false) < 0)
		return -ENOMEM;
	if (event_is_remove(e))
		return on_remove(at, rules, e);
	r = know_before(at, e);
	if (r == 0 && streq(e->action, "move") && !d->devnum)
		r = moved(e);
	if (r == 0)
		r = rules_apply(rules, e);
	if (r == 0 && at->decided)
		r = at->decided(e);
	if (r < 0)
		return r;
	node(at, e, &e->old->links);
	if (!d->initialized_usec)
		d->initialized_usec = now_usec(CLOCK_MONOTONIC);
	if (at->dry)
		return 0;
	r = database_tags(at->db, d, &e->old->tags, &d->tags);
	if (r == 0)
		r = database_write(at->db, d, e->old);
	return r == -ENOENT ? 0 : r;                    /* no subsystem: no record */
}

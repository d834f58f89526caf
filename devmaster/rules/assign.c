/* assign.c - the keys that decide something; udev(7), "The following keys can get values assigned" */
#include <stdio.h>
#include "eval.h"

static bool format(struct event *e, const struct line *l, const struct token *t, char *out, size_t size, bool underscores)
{
	if (event_format(e, t->value, out, size, underscores) == 0)
		return true;
	event_complain(e, l, t, "the value is too long after substitution, it is left out");
	return false;
}

static void set_id(struct event *e, const struct line *l, const struct token *t, int64_t *field, bool *final, int (*find)(const char *, uint32_t *))
{
	char text[EVENT_PATH_BYTES];
	uint32_t id;

	if (*final)
		return;
	*final = t->op == OP_ASSIGN_FINAL;
	if (t->resolved) {
		*field = t->number;
		return;
	}
	if (!format(e, l, t, text, sizeof(text), false))
		return;
	if (find(text, &id) < 0)
		event_complain(e, l, t, "nobody is called \"%s\"", text);
	else
		*field = id;
}

static void set_mode(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_PATH_BYTES];
	size_t n;

	if (e->mode_final)
		return;
	e->mode_final = t->op == OP_ASSIGN_FINAL;
	if (t->resolved) {
		e->mode = t->number;
		return;
	}
	if (!format(e, l, t, text, sizeof(text), false))
		return;
	n = strspn(text, "01234567");
	if (n == 0 || text[n] || n > 6 || strtol(text, NULL, 8) > 07777)
		event_complain(e, l, t, "\"%s\" is no file mode", text);
	else
		e->mode = strtol(text, NULL, 8);
}

static int set_env(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_PATH_BYTES];
	size_t at = 0;

	if (!*t->value)                                 /* unset; with += nothing happens */
		return t->op == OP_ADD ? 0 : device_set(e->dev, t->attr, NULL, true);
	if (t->op == OP_ADD) {
		const char *old = device_property(e->dev, t->attr);

		if (old)
			at = (size_t)snprintf(text, sizeof(text), "%s ", old);
	}
	if (at >= sizeof(text) || event_format(e, t->value, text + at, sizeof(text) - at, false) < 0) {
		event_complain(e, l, t, "the value is too long after substitution, it is left out");
		return 0;
	}
	if (e->escape == EVENT_ESCAPE_REPLACE)
		text_replace(text + at, NULL);
	return device_set(e->dev, t->attr, text, true);
}

static int set_tag(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_PATH_BYTES];

	if (!format(e, l, t, text, sizeof(text), false))
		return 0;
	if (t->op == OP_ASSIGN)
		e->dev->tags.n = e->dev->current_tags.n = 0;
	if (!*text || text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")]) {
		event_complain(e, l, t, "\"%s\" is no tag", text);
		return 0;
	}
	if (t->op == OP_REMOVE) {
		words_remove(&e->dev->current_tags, text);
		return 0;
	}
	if (words_add(e->arena, &e->dev->tags, text) < 0)
		return -ENOMEM;
	return words_add(e->arena, &e->dev->current_tags, text) < 0 ? -ENOMEM : 0;
}

static int set_name(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_NAME_BYTES];

	if (e->name_final)
		return 0;
	if (e->dev->ifindex <= 0) {
		event_complain(e, l, t, "only network interfaces can be renamed");
		return 0;
	}
	e->name_final = t->op == OP_ASSIGN_FINAL;
	if (!format(e, l, t, text, sizeof(text), false))
		return 0;
	if (e->escape != EVENT_ESCAPE_NONE)
		text_replace_ifname(text);
	e->name = arena_strndup(e->arena, text, strlen(text));
	return e->name ? 0 : -ENOMEM;
}

static bool has_link(const struct words *w, const char *link)
{
	char normal[PATH_MAX], other[PATH_MAX];

	if (database_link_path(link, normal, sizeof(normal)) < 0)
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (database_link_path(w->v[i], other, sizeof(other)) == 0 && streq(normal, other))
			return true;
	return false;
}

static int add_links(struct event *e, const struct line *l, const struct token *t, char *names)
{
	char path[EVENT_PATH_BYTES + 8], *save = NULL;

	for (char *p = strtok_r(names, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		snprintf(path, sizeof(path), "/dev/%s", p);
		if (database_link_path(path, NULL, 0) < 0)
			event_complain(e, l, t, "\"%s\" is no place for a link below /dev", p);
		else if (!has_link(&e->dev->links, path) && words_add(e->arena, &e->dev->links, path) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int set_links(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_PATH_BYTES];

	if (e->links_final || e->dev->devnum == 0)
		return 0;
	e->links_final = t->op == OP_ASSIGN_FINAL;
	if (t->op == OP_ASSIGN || t->op == OP_ASSIGN_FINAL)
		e->dev->links.n = 0;
	if (!format(e, l, t, text, sizeof(text), e->escape != EVENT_ESCAPE_NONE))
		return 0;
	if (e->escape != EVENT_ESCAPE_NONE)
		text_replace(text, e->escape == EVENT_ESCAPE_UNSET ? "/ " : "/");
	return add_links(e, l, t, text);
}

static void write_value(struct event *e, const struct line *l, const struct token *t)
{
	char value[EVENT_NAME_BYTES], path[PATH_MAX], attr[EVENT_PATH_BYTES];
	const char *found;
	int r = 0;

	if (t->kind == A_SYSCTL)
		r = sysctl_path(e, t->attr, path);
	else if (sysfs_resolve(e->arena, e->dev->sysfs, t->attr, false, &found) == 0)
		snprintf(path, sizeof(path), "%s", found);
	else if (event_format(e, t->attr, attr, sizeof(attr), false) < 0 ||
		 (size_t)snprintf(path, sizeof(path), "%s/%s", e->dev->path, t->attr_kind == ATTR_FORMAT ? attr : t->attr) >= sizeof(path))
		r = -E2BIG;
	if (r == 0 && t->kind == A_ATTR)
		r = wild_path(path);
	if (r < 0) {
		event_complain(e, l, t, "{%s}: there is no such file", t->attr);
		return;
	}
	if (!format(e, l, t, value, sizeof(value), false))
		return;
	r = e->host->write ? e->host->write(e, path, value) : 0;
	if (r < 0)
		event_complain(e, l, t, "%s: cannot be written: %s", path, strerror(-r));
}

/* what udev(7) says of RUN is not so: udevd puts values in when it meets the rule, after the other keys of that rule */
static int add_run(struct event *e, const struct line *l, const struct token *t)
{
	int builtin = t->kind == A_RUN_BUILTIN ? (int)t->number : -1;
	char text[EVENT_LINE_BYTES];
	struct event_run *run;

	if (e->run_final)
		return 0;
	e->run_final = t->op == OP_ASSIGN_FINAL;
	if (t->op != OP_ADD) {
		e->run = NULL;
		e->run_tail = &e->run;
	}
	if (!format(e, l, t, text, sizeof(text), false))
		return 0;
	run = arena_alloc(e->arena, sizeof(*run), _Alignof(struct event_run));
	if (!run)
		return -ENOMEM;
	*run = (struct event_run){ NULL, arena_strndup(e->arena, text, strlen(text)), builtin };
	if (!run->command)
		return -ENOMEM;
	*e->run_tail = run;
	e->run_tail = &run->next;
	return 0;
}

static int set_label(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_PATH_BYTES];
	struct event_label *label;

	if (!format(e, l, t, text, sizeof(text), false))
		return 0;
	if (t->op == OP_ASSIGN)
		e->labels = NULL;
	label = arena_alloc(e->arena, sizeof(*label), _Alignof(struct event_label));
	if (!label)
		return -ENOMEM;
	*label = (struct event_label){ e->labels, t->attr, arena_strndup(e->arena, text, strlen(text)) };
	e->labels = label;
	return label->label ? 0 : -ENOMEM;
}

int assign_token(struct event *e, const struct line *l, const struct token *t, const struct rules_names *names)
{
	switch ((enum token_kind)t->kind) {
	case A_ESCAPE:
		e->escape = t->number ? EVENT_ESCAPE_REPLACE : EVENT_ESCAPE_NONE;
		return 0;
	case A_DB_PERSIST:
		e->dev->db_persist = true;
		return 0;
	case A_WATCH:
		if (e->watch_final)
			return 0;
		e->watch_final = t->op == OP_ASSIGN_FINAL;
		e->watch = (int)t->number;
		return 0;
	case A_LINK_PRIORITY:
		e->dev->link_priority = (int)t->number;
		return 0;
	case A_LOG_LEVEL:
		e->log_level = (int)t->number;
		return 0;
	case A_DUMP:
		e->dump = true;
		return 0;
	case A_OWNER:
		set_id(e, l, t, &e->uid, &e->uid_final, names->user);
		return 0;
	case A_GROUP:
		set_id(e, l, t, &e->gid, &e->gid_final, names->group);
		return 0;
	case A_MODE:
		set_mode(e, l, t);
		return 0;
	case A_TAG:
		return set_tag(e, l, t);
	case A_STATIC_NODE:                             /* done once when the daemon starts, not by events */
		return 0;
	case A_SECLABEL:
		return set_label(e, l, t);
	case A_ENV:
		return set_env(e, l, t);
	case A_NAME:
		return set_name(e, l, t);
	case A_SYMLINK:
		return set_links(e, l, t);
	case A_ATTR:
	case A_SYSCTL:
		write_value(e, l, t);
		return 0;
	default:                                        /* A_RUN_BUILTIN, A_RUN_PROGRAM */
		return add_run(e, l, t);
	}
}

/* test-double.c - see test-double.h */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "unit/keys.h"
#include "unit/test-double.h"

static const struct key_enum choices[] = { { "one", 1 }, { "two", 2 }, { NULL, 0 } };

#define S(name, kind, field, arg) { name, &kind, offsetof(struct double_service, field), arg, NULL, "Test." }
const struct key double_service_keys[] = {
	S("Choice", kind_enum, choice, (intptr_t)choices), S("Count", kind_unsigned, count, 0), S("Env", kind_environ, env, 0),
	S("Exits", kind_exit_set, exits, 0), S("Flag", kind_bool, flag, 0), S("Later", kind_unsupported, unit, 0), S("Mode", kind_mode, mode, 0),
	S("Names", kind_names, names, 0), S("Number", kind_int, number, 0), S("Old", kind_obsolete, unit, 0), S("Path", kind_path, path, 0),
	S("Paths", kind_paths, paths, 0), S("Raw", kind_raw, raw, 0), S("Sec", kind_sec, sec, 0), S("SecInf", kind_sec_zero_inf, sec_inf, 0),
	S("Signal", kind_signal, signo, 0), S("Size", kind_size, size, 0), S("Text", kind_string, text, 0), S("Tristate", kind_tristate, tristate, 0),
	S("U64", kind_u64, u64, 0), S("Words", kind_strv, words, 0),
};
const size_t n_double_service_keys = ARRAY_SIZE(double_service_keys);

static enum unit_active_state service_active(const struct unit *u)
{
	return container_of(u, const struct double_service, unit)->state ? UNIT_ACTIVE : UNIT_INACTIVE;
}

static enum unit_active_state always_dead(const struct unit *u)
{
	return UNIT_INACTIVE;
}

static const char *dead(const struct unit *u)
{
	return "dead";
}

static void service_init(struct unit *u)
{
	struct double_service *s = container_of(u, struct double_service, unit);

	s->inits++;
	s->flag = s->spoil = false;
	s->tristate = -1;
}

static int service_load(struct unit *u, const struct key_place *at)
{
	struct double_service *s = container_of(u, struct double_service, unit);

	s->loads++;
	return s->spoil || (s->text && streq(s->text, "spoil")) ? -ENOEXEC : 0;
}

void double_types(void)
{
	static struct key_group groups[2];
	static struct unit_type types[] = {
		{ .name = "service", .section = "Service", .size = sizeof(struct double_service), .init = service_init, .load = service_load, .active = service_active },
		{ .name = "socket", .section = "Socket" }, { .name = "target" }, { .name = "timer", .section = "Timer" }, { .name = "path", .section = "Path" },
		{ .name = "mount", .section = "Mount" }, { .name = "automount", .section = "Automount" }, { .name = "swap", .section = "Swap" },
		{ .name = "slice", .section = "Slice", .no_files = true }, { .name = "scope", .section = "Scope", .no_files = true }, { .name = "device", .no_files = true },
	};

	groups[0] = (struct key_group){ "Service", double_service_keys, n_double_service_keys, 0 };
	groups[1] = (struct key_group){ "Service", unit_moved_keys, n_unit_moved_keys, 0 };
	types[0].groups = groups;
	types[0].n_groups = 2;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		types[i].abi = UNIT_TYPE_ABI;
		types[i].sub = dead;
		if (!types[i].size)
			types[i].size = sizeof(struct unit);
		if (!types[i].active)
			types[i].active = always_dead;
		unit_type_register(&types[i]);
	}
}

static void remember(struct diag_sink *sink, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	struct double_sink *s = container_of(sink, struct double_sink, sink);
	const char *base = strrchr(file, '/');

	s->n++;
	buf_addf(&s->text, "%s%s:%u:%u: %s\n", level == DIAG_UNSUPPORTED ? "?" : "", base ? base + 1 : file, line, column, text);
}

void double_sink_init(struct double_sink *s)
{
	*s = (struct double_sink){ .sink = { remember } };
}

const char *double_sink_take(struct double_sink *s)
{
	const char *text = buf_str(&s->text);

	s->n = 0;
	s->text.len = 0;                /* the bytes stay until the next problem */
	return text;
}

static void below(const struct tree *t, const char *path, char *full)
{
	snprintf(full, PATH_MAX, "%s%s", t->root, path);
}

static void make_parents(char *full)
{
	for (char *p = full + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
}

void tree_new(struct tree *t)
{
	strcpy(t->root, "/tmp/sysmaster-unit-XXXXXX");
	if (!mkdtemp(t->root))
		abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void tree_done(struct tree *t)
{
	nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_file(struct tree *t, const char *path, const char *text)
{
	char full[PATH_MAX];
	int fd;

	below(t, path, full);
	make_parents(full);
	if (full[strlen(full) - 1] == '/')
		return;                 /* a folder was asked for */
	unlink(full);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

void tree_link(struct tree *t, const char *path, const char *target)
{
	char full[PATH_MAX];

	below(t, path, full);
	make_parents(full);
	unlink(full);
	if (symlink(target, full) < 0)
		abort();
}

void tree_remove(struct tree *t, const char *path)
{
	char full[PATH_MAX];

	below(t, path, full);
	if (remove(full) < 0)
		abort();
}

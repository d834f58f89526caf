/* command.c - Exec*= lines: systemd.service(5) "Command lines" */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include "exec/exec.h"
#include "exec.ipc.h"
#include "unit/name.h"
#include "unit/specifier.h"

static void command_free(struct command *c)
{
	free(c->path);
	strv_free(c->argv);
	free(c);
}
DEFINE_CLEANUP(struct command *, command_free);

void command_list_free(struct command *c)
{
	while (c) {
		struct command *next = c->next;

		command_free(c);
		c = next;
	}
}

size_t command_count(const struct command *c)
{
	size_t n = 0;

	for (; c; c = c->next)
		n++;
	return n;
}

struct command *command_nth(struct command *c, size_t n)
{
	while (c && n--)
		c = c->next;
	return c;
}

/* prefixes in any order, each at most once; '+', '!' and '!!' exclude each other. Length of them, or -EINVAL; *argv0: '@' was there */
static int prefixes(const char *word, unsigned *flags, bool *argv0)
{
	const unsigned privileges = CMD_FULL_PRIVILEGES | CMD_NO_SETUID | CMD_AMBIENT_MAGIC;
	int n = 0;

	for (;; n++) {
		unsigned f = 0;

		switch (word[n]) {
		case '-': f = CMD_IGNORE_FAILURE; break;
		case ':': f = CMD_NO_ENV; break;
		case '+': f = CMD_FULL_PRIVILEGES; break;
		case '!':
			f = CMD_NO_SETUID;
			if (word[n + 1] == '!') {
				f = CMD_AMBIENT_MAGIC;
				n++;
			}
			break;
		case '@':
			if (*argv0)
				return -EINVAL;
			*argv0 = true;
			continue;
		default:
			return n;
		}
		if (*flags & f || (f & privileges && *flags & privileges))
			return -EINVAL;
		*flags |= f;
	}
}

/* an unknown escape is told and stays as it is; an unbalanced quote is a fault */
static int next_text(const struct key_place *at, const char *value, const char **p, char **ret)
{
	const char *begin = *p;
	int r = value_word(p, true, ret);
	const char *fault = *p;

	if (r != -EINVAL)
		return r;
	*p = begin;
	r = value_word_lax(p, ret);
	if (r == -EINVAL)
		return key_bad_at(at, (unsigned)(*p - value), "unbalanced quotes");
	if (r > 0)
		diag(at->sink, DIAG_WARNING, at->file, at->line, at->column + (unsigned)(fault - value), "%s.%s: unknown escape, taken as it stands", at->section, at->key);
	return r;
}

/* a word of the line, its specifiers expanded. 1, 0 at the end, or a reported error */
static int next_word(const struct key_place *at, const char *value, const char **p, char **ret)
{
	_cleanup_(freep) char *word = NULL;
	size_t bad = 0;
	int r = next_text(at, value, p, &word);

	if (r <= 0)
		return r;
	r = specifier_expand(at->unit, word, ret, &bad);
	if (r == -ENOMEM)
		return r;
	return r < 0 ? key_bad_at(at, (unsigned)(*p - value), "a specifier of \"%s\" cannot be expanded", word) : 1;
}

static const char *skip_white(const char *p) { return p + strspn(p, " \t\n\r"); }
static bool lone(const char *p) { return !p[1] || strchr(" \t\n\r", p[1]); }

static int check_path(const struct key_place *at, char *path)
{
	if (!*path)
		return key_bad(at, "there is no command behind the prefixes");
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			return key_bad(at, "the command's path holds a control character");
	if (*path != '/' && (strchr(path, '/') || streq(path, ".") || streq(path, "..")))
		return key_bad(at, "\"%s\" is neither an absolute path nor a bare name", path);
	if (endswith(path, "/"))
		return key_bad(at, "\"%s\" is a directory's path", path);
	if (*path == '/')
		path_simplify(path);
	return 0;
}

/* one command from *p up to a lone semicolon or the end */
static int parse_one(const struct key_place *at, const char *value, const char **p, struct command **ret)
{
	_cleanup_(command_freep) struct command *c = calloc(1, sizeof(*c));
	_cleanup_(freep) char *first = NULL;
	bool argv0 = false;
	int r = c ? next_word(at, value, p, &first) : -ENOMEM;

	if (r <= 0)
		return r;
	r = prefixes(first, &c->flags, &argv0);
	if (r < 0)
		return key_bad(at, "the prefixes of \"%s\" do not go together", first);
	c->path = strdup(first + r);
	if (!c->path)
		return -ENOMEM;
	r = argv0 ? 0 : strv_add(&c->argv, c->path);    /* as it is written; the path itself is made simple */
	if (r >= 0)
		r = check_path(at, c->path);
	while (r >= 0) {
		char *word;

		*p = skip_white(*p);
		if (**p == ';' && lone(*p))
			break;
		if (**p == '\\' && (*p)[1] == ';' && lone(*p + 1)) {
			*p += 2;
			r = strv_add(&c->argv, ";");
			continue;
		}
		r = next_word(at, value, p, &word);
		if (r == 0)
			break;
		if (r > 0)
			r = strv_consume(&c->argv, word);
	}
	if (r >= 0 && !c->argv)
		r = key_bad(at, "'@' needs an argument that becomes argv[0]");
	if (r < 0)                                      /* what may fail may also be missing; anything else spoils the unit */
		return r == -ENOMEM || c->flags & CMD_IGNORE_FAILURE ? r : -ENOEXEC;
	*ret = TAKE_PTR(c);
	return 1;
}

static int parse_command(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct command **tail = field, *fresh = NULL, **end = &fresh;
	const char *p = skip_white(value);
	int r = 0;

	if (!*p) {
		command_list_free(*tail);
		*tail = NULL;
		return 0;
	}
	while (*p) {
		if (*p == ';' && lone(p)) {
			p = skip_white(p + 1);
			continue;
		}
		r = parse_one(at, value, &p, end);
		if (r <= 0)
			break;
		end = &(*end)->next;
		p = skip_white(p);
	}
	if (r < 0) {
		command_list_free(fresh);
		return r;
	}
	while (*tail)
		tail = &(*tail)->next;
	*tail = fresh;
	return 0;
}

static void add_time(struct buf *out, const char *name, uint64_t usec)
{
	time_t t = (time_t)(usec / USEC_PER_SEC);
	char text[64] = "n/a";
	struct tm tm;

	if (usec && localtime_r(&t, &tm))
		strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S %Z", &tm);
	buf_addf(out, " ; %s=[%s]", name, text);
}

static void format_flags(unsigned flags, struct buf *out)
{
	static const struct { unsigned flag; const char *name; } names[] = {
		{ CMD_IGNORE_FAILURE, "ignore-failure" }, { CMD_FULL_PRIVILEGES, "privileged" }, { CMD_NO_SETUID, "no-setuid" },
		{ CMD_AMBIENT_MAGIC, "ambient" }, { CMD_NO_ENV, "no-env-expand" },
	};
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag) {
			buf_addf(out, "%s%s", sep, names[i].name);
			sep = " ";
		}
}

void command_format(const struct command *c, bool flags, struct buf *out)
{
	for (; c; c = c->next) {
		const char *code = c->code == CLD_EXITED ? "exited" : c->code == CLD_KILLED ? "killed" : c->code == CLD_DUMPED ? "dumped" : "(null)";

		buf_addf(out, "{ path=%s ; argv[]=", c->path);
		for (size_t i = 0; c->argv[i]; i++)
			buf_addf(out, "%s%s", i ? " " : "", c->argv[i]);
		if (flags) {
			buf_adds(out, " ; flags=");
			format_flags(c->flags, out);
		} else {
			buf_addf(out, " ; ignore_errors=%s", c->flags & CMD_IGNORE_FAILURE ? "yes" : "no");
		}
		add_time(out, "start_time", c->start_usec);
		add_time(out, "stop_time", c->exit_usec);
		buf_addf(out, " ; pid=%d ; code=%s ; status=%d", (int)c->pid, code, c->status);
		if (c->code == CLD_KILLED || c->code == CLD_DUMPED)
			buf_addf(out, "/%s", signal_name(c->status) ? signal_name(c->status) + 3 : "?");
		else
			buf_addf(out, "/%d", 0);
		buf_addf(out, " }%s", c->next ? "\n" : "");
	}
}

static void format_command(const struct key *k, const void *field, struct buf *out)
{
	command_format(*(struct command *const *)field, false, out);
}

static void clear_command(const struct key *k, void *field)
{
	struct command **list = field;

	command_list_free(*list);
	*list = NULL;
}

const struct key_kind kind_command = { "command line", parse_command, format_command, clear_command };

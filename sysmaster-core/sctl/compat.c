/* compat.c - the old names: poweroff reboot halt (halt(8)), shutdown(8), telinit(8), init with a run level, runlevel(8) */
#include <ctype.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <utmpx.h>
#include "query.h"
#include "schedule.h"
#include "text.h"
#include "verb.h"

struct old_options {
	bool help, no_wall, wtmp_only, no_wtmp, no_sync, cancel, show, only_wall, soft;
	unsigned force;
	int verb;                       /* enum ipc_power_verb */
};
#define AT(field) offsetof(struct old_options, field)

static const struct option_row halt_rows[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show this help" },
	{ "halt", 0, OPTION_CONST, NULL, AT(verb), NULL, IPC_POWER_VERB_HALT, "stop and leave the power on, whatever the name of the command" },
	{ "poweroff", 'p', OPTION_CONST, NULL, AT(verb), NULL, IPC_POWER_VERB_POWEROFF, "power off" },
	{ "reboot", 0, OPTION_CONST, NULL, AT(verb), NULL, IPC_POWER_VERB_REBOOT, "reboot" },
	{ "force", 'f', OPTION_COUNT, NULL, AT(force), .doc = "at once: no service is stopped, nobody is asked" },
	{ "wtmp-only", 'w', OPTION_FLAG, NULL, AT(wtmp_only), .doc = "write the record of a shutdown and do nothing else" },
	{ "no-wtmp", 'd', OPTION_FLAG, NULL, AT(no_wtmp), .doc = "do not write that record" },
	{ "no-sync", 'n', OPTION_FLAG, NULL, AT(no_sync), .doc = "accepted: what is in memory is always written" },
	{ "no-wall", 0, OPTION_FLAG, NULL, AT(no_wall), .doc = "do not tell the users logged in" },
};
static const struct option_row shutdown_rows[] = {
	{ "help", 0, OPTION_FLAG, NULL, AT(help), .doc = "show this help" },
	{ "halt", 'H', OPTION_CONST, NULL, AT(verb), NULL, IPC_POWER_VERB_HALT, "stop and leave the power on" },
	{ "poweroff", 'P', OPTION_CONST, NULL, AT(verb), NULL, IPC_POWER_VERB_POWEROFF, "power off: the default" },
	{ "reboot", 'r', OPTION_CONST, NULL, AT(verb), NULL, IPC_POWER_VERB_REBOOT, "reboot" },
	{ NULL, 'h', OPTION_FLAG, NULL, AT(soft), .doc = "power off, unless --halt says otherwise" },
	{ NULL, 'k', OPTION_FLAG, NULL, AT(only_wall), .doc = "tell the users and do nothing else" },
	{ "no-wall", 0, OPTION_FLAG, NULL, AT(no_wall), .doc = "do not tell the users" },
	{ NULL, 'c', OPTION_FLAG, NULL, AT(cancel), .doc = "cancel a shutdown that is pending" },
	{ "show", 0, OPTION_FLAG, NULL, AT(show), .doc = "say whether one is pending" },
	{ NULL, 'f', OPTION_ACCEPTED }, { NULL, 'F', OPTION_ACCEPTED }, { NULL, 'a', OPTION_ACCEPTED }, { NULL, 'n', OPTION_ACCEPTED },
	{ NULL, 't', OPTION_ACCEPTED, "SECONDS" },
};
static const struct option_row telinit_rows[] = {
	{ "help", 0, OPTION_FLAG, NULL, AT(help), .doc = "show this help" },
	{ "no-wall", 0, OPTION_FLAG, NULL, AT(no_wall), .doc = "do not tell the users logged in" },
	{ NULL, 'e', OPTION_ACCEPTED, "VARIABLE" }, { NULL, 't', OPTION_ACCEPTED, "SECONDS" },
};
static const struct option_row runlevel_rows[] = {
	{ "help", 0, OPTION_FLAG, NULL, AT(help), .doc = "show this help" },
};

static void usage(struct sctl *s, const struct option_set *set, const char *words)
{
	fprintf(s->out, "%s [OPTIONS...]%s%s\n\n", set->program, *words ? " " : "", words);
	for (size_t i = 0; i < set->n; i++) {
		const struct option_row *row = &set->rows[i];
		char title[64];

		if (!row->doc)
			continue;
		snprintf(title, sizeof(title), "%s%c%s%s%s", row->letter ? "-" : " ", row->letter ? row->letter : ' ',
			 row->letter && row->name ? ", " : "  ", row->name ? "--" : "", row->name ? row->name : "");
		fprintf(s->out, "  %-20s %s\n", title, row->doc);
	}
}

/* what last(1) shows as a shutdown */
static void write_wtmp(void)
{
	struct utmpx u = { .ut_type = RUN_LVL, .ut_line = "~", .ut_id = "~~", .ut_user = "shutdown" };
	uint64_t now = now_usec(CLOCK_REALTIME);
	struct utsname name;

	u.ut_tv.tv_sec = (__typeof__(u.ut_tv.tv_sec))(now / USEC_PER_SEC);
	u.ut_tv.tv_usec = (__typeof__(u.ut_tv.tv_usec))(now % USEC_PER_SEC);
	if (uname(&name) == 0)
		memcpy(u.ut_host, name.release, MIN(sizeof(u.ut_host), strlen(name.release)));
	updwtmpx("/var/log/wtmp", &u);
}

static int halt_main(struct sctl *s, const struct option_set *set, struct old_options *o, char **words, size_t n)
{
	char what[64];

	if (o->wtmp_only) {
		write_wtmp();
		return SCTL_OK;
	}
	if (n > 0 && o->verb == IPC_POWER_VERB_REBOOT)
		fprintf(s->err, "%s: '%s' is ignored; sctl reboot --reboot-argument= passes an argument to the kernel\n", set->program, words[0]);
	snprintf(what, sizeof(what), "The system is going down now!");
	if (o->force) {
		if (!o->no_wtmp && geteuid() == 0)
			write_wtmp();
		return power_request(s, o->verb, 2, NULL, -1);
	}
	power_wall(s, what, NULL);
	return power_request(s, o->verb, 0, NULL, -1);
}

static int show_pending(struct sctl *s)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct schedule d;

	if (schedule_read(&d) < 0) {
		fprintf(s->err, "No shutdown is pending.\n");
		return SCTL_FAILURE;
	}
	stamp_format(d.usec, STAMP_PRETTY, &b);
	fprintf(s->err, "%s scheduled for %s, use 'shutdown -c' to cancel.\n", d.verb == IPC_POWER_VERB_REBOOT ? "Reboot" : "Shutdown", buf_str(&b));
	return SCTL_OK;
}

static int cancel_pending(struct sctl *s, const char *message)
{
	int r = schedule_cancel();

	if (r == -ENOENT) {
		fprintf(s->err, "No shutdown is pending.\n");
		return SCTL_OK;
	}
	if (r < 0)
		return link_fail(s, r, NULL, "cancel the shutdown", NULL);
	power_wall(s, "The shutdown has been cancelled.", message);
	return SCTL_OK;
}

static int shutdown_main(struct sctl *s, const struct option_set *set, struct old_options *o, char **words, size_t n)
{
	_cleanup_(buf_finish) struct buf message = { 0 };
	const char *text;
	uint64_t usec;

	if (o->soft && o->verb != IPC_POWER_VERB_HALT)
		o->verb = IPC_POWER_VERB_POWEROFF;
	for (size_t i = o->cancel ? 0 : 1; i < n; i++)
		buf_addf(&message, "%s%s", message.len ? " " : "", words[i]);
	text = message.len ? buf_str(&message) : NULL;
	if (o->show)
		return show_pending(s);
	if (o->cancel)
		return cancel_pending(s, text);
	if (schedule_time(n ? words[0] : "+1", now_usec(CLOCK_REALTIME), &usec) < 0) {
		fprintf(s->err, "%s: '%s' is not a time: expected now, +MINUTES or HH:MM\n", set->program, words[0]);
		return SCTL_FAILURE;
	}
	if (o->only_wall) {
		power_wall(s, "The system is going down (not really)!", text);
		return SCTL_OK;
	}
	if (usec > 0)
		return schedule_start(s, o->verb, usec, text);
	power_wall(s, "The system is going down now!", text);
	return power_request(s, o->verb, 0, NULL, -1);
}

static const struct { const char *levels; const char *words[3]; } levels[] = {
	{ "0", { "poweroff" } }, { "6", { "reboot" } }, { "1sS", { "rescue" } },
	{ "2", { "isolate", "runlevel2.target" } }, { "3", { "isolate", "runlevel3.target" } },
	{ "4", { "isolate", "runlevel4.target" } }, { "5", { "isolate", "runlevel5.target" } },
	{ "qQ", { "daemon-reload" } }, { "uU", { "daemon-reexec" } },
};

static int telinit_main(struct sctl *s, const struct option_set *set, struct old_options *o, char **words, size_t n)
{
	for (size_t i = 0; n == 1 && strlen(words[0]) == 1 && i < ARRAY_SIZE(levels); i++)
		if (strchr(levels[i].levels, words[0][0])) {
			char *run[3] = { (char *)levels[i].words[0], (char *)levels[i].words[1], NULL };

			s->o.no_block = true;           /* what asks may belong to what is stopped */
			return sctl_run(s, run, run[1] ? 2 : 1);
		}
	fprintf(s->err, "%s: expected one of 0 1 2 3 4 5 6 s q u\n", set->program);
	return SCTL_FAILURE;
}

/* the run level that a target stands for, highest first */
static char current_level(struct sctl *s)
{
	static const struct { const char *target; char level; } targets[] = {
		{ "graphical.target", '5' }, { "multi-user.target", '3' }, { "rescue.target", '1' },
	};
	static const char *const wanted[] = { "ActiveState" };

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		struct ipc_properties_reply p;
		const char *error;

		if (query_unit(s, targets[i].target, wanted, 1, &p, &error) >= 0 && streq(query_value(&p, "ActiveState"), "active"))
			return targets[i].level;
	}
	return 'N';
}

static int runlevel_main(struct sctl *s, const struct option_set *set, struct old_options *o, char **words, size_t n)
{
	const char *now = getenv("RUNLEVEL"), *before = getenv("PREVLEVEL");
	char current = now && *now ? *now : 'N', previous = before && *before ? *before : 'N';

	if (current == 'N') {
		struct utmpx *u, want = { .ut_type = RUN_LVL };

		setutxent();
		u = getutxid(&want);
		if (u && isprint(u->ut_pid & 0xff)) {
			current = (char)(u->ut_pid & 0xff);
			previous = isprint((u->ut_pid >> 8) & 0xff) ? (char)((u->ut_pid >> 8) & 0xff) : 'N';
		}
		endutxent();
	}
	if (current == 'N')
		current = current_level(s);
	if (current == 'N' && previous == 'N') {
		fprintf(s->out, "unknown\n");
		return SCTL_FAILURE;
	}
	fprintf(s->out, "%c %c\n", previous, current);
	return SCTL_OK;
}

static const struct name {
	const char *name, *words;
	const struct option_row *rows;
	size_t n_rows, max;
	int verb;
	int (*run)(struct sctl *, const struct option_set *, struct old_options *, char **, size_t);
} names[] = {
	{ "poweroff", "", halt_rows, ARRAY_SIZE(halt_rows), 0, IPC_POWER_VERB_POWEROFF, halt_main },
	{ "reboot", "", halt_rows, ARRAY_SIZE(halt_rows), 1, IPC_POWER_VERB_REBOOT, halt_main },
	{ "halt", "", halt_rows, ARRAY_SIZE(halt_rows), 0, IPC_POWER_VERB_HALT, halt_main },
	{ "shutdown", "[TIME] [MESSAGE...]", shutdown_rows, ARRAY_SIZE(shutdown_rows), ANY_NUMBER, IPC_POWER_VERB_POWEROFF, shutdown_main },
	{ "telinit", "0|1|2|3|4|5|6|s|q|u", telinit_rows, ARRAY_SIZE(telinit_rows), 1, 0, telinit_main },
	{ "init", "0|1|2|3|4|5|6|s|q|u", telinit_rows, ARRAY_SIZE(telinit_rows), 1, 0, telinit_main },
	{ "runlevel", "", runlevel_rows, ARRAY_SIZE(runlevel_rows), 0, 0, runlevel_main },
};

static int run_as(const struct name *n, int argc, char **argv, FILE *out, FILE *err)
{
	struct option_set set = { n->rows, n->n_rows, n->name };
	struct old_options o = { .verb = n->verb };
	int first = 1, status;
	struct sctl s;

	if (options_parse(&set, &o, argc, argv, &first, out, err) != 0)
		return SCTL_FAILURE;
	if ((size_t)(argc - first) > n->max) {
		fprintf(err, "%s: too many arguments\n", n->name);
		return SCTL_FAILURE;
	}
	sctl_init(&s, n->name, out, err);
	s.o.no_wall = o.no_wall;
	if (o.help) {
		usage(&s, &set, n->words);
		status = SCTL_OK;
	} else {
		status = n->run(&s, &set, &o, argv + first, (size_t)(argc - first));
	}
	sctl_done(&s);
	return status;
}

int compat_main(const char *name, int argc, char **argv, FILE *out, FILE *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i].name, name))
			return run_as(&names[i], argc, argv, out, err);
	return -ENOENT;
}

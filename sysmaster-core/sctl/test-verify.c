/* test-verify.c - `sctl verify` on a small root: each kind of problem with its place, and what is no problem */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include "sctl.h"

#define D "root/usr/lib/systemd/system/"

static char dir[] = "/tmp/test-sctl-verify-XXXXXX";

static int forget(const char *path, const struct stat *st, int type, struct FTW *ftw) { return remove(path); }

static void put_file(const char *path, const char *text, mode_t mode)
{
	char part[PATH_MAX];

	for (const char *p = path; (p = strchr(p, '/')); p++) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		mkdir(part, 0755);
	}
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static const struct { const char *path, *text; } files[] = {
	{ D "sysinit.target", "" "[Unit]\n" }, { D "basic.target", "[Unit]\n" }, { D "shutdown.target", "[Unit]\nDefaultDependencies=no\n" },
	{ D "good.service", "[Service]\nExecStart=/bin/true\nExecStartPost=true x\nExecStop=-/bin/no-such\n[X-Ours]\nAny=thing\n" },
	{ D "typo.service", "[Unit]\nDescripton=x\n[Service]\nExecStart=/bin/true\nDescription=y\nexecstop=/bin/true\nZzzzzzzz=1\n[Instal]\nWantedBy=a.target\n" },
	{ D "value.service", "[Service]\nExecStart=/bin/true\nTimeoutStopSec=soon\nNice=5 %q\n" },
	{ D "noexec.service", "[Service]\nExecStartPre=/bin/true\n  ExecStart = -/bin/a ; /bin/data x\nType=oneshot\nExecStop=/bin/gone\n" },
	{ D "needs.service", "[Unit]\nRequires=good.service nowhere.service\nWants=neverland.service\n[Service]\nExecStart=/bin/true\n" },
	{ D "needs-too.service", "[Unit]\nRequires=needs.service\n[Service]\nExecStart=/bin/true\n" },
	{ D "cycle-a.service", "[Unit]\nRequires=cycle-b.service\nAfter=cycle-b.service\n[Service]\nExecStart=/bin/true\n" },
	{ D "cycle-b.service", "[Unit]\nAfter=cycle-a.service\n[Service]\nExecStart=/bin/true\n" },
	{ D "cycle-w.service", "[Unit]\nWants=cycle-a.service\n[Service]\nExecStart=/bin/true\n" },
	{ D "empty.service", "[Service]\nRestart=no\n" },
	{ D "tmpl@.service", "[Service]\nExecStart=/bin/true %i\nNosuch=1\n" },
	{ D "orphan.timer", "[Timer]\nOnBootSec=1\n" },
	{ D "dropped.service", "[Service]\nExecStart=/bin/true\n" },
	{ "root/etc/systemd/system/dropped.service.d/a.conf", "[Service]\nNicee=1\n" },
	{ "root/etc/systemd/system/dropped.service.d/b.txt", "" },
	{ "root/etc/systemd/system/notes.txt", "" },
	{ "root/etc/systemd/system/bad name.service", "" },
	{ "root/bin/data", "" },
	{ "root/srv/new.service", "[Service]\nExecStart=/bin/true\nBad=1\n" },
	{ "root/srv/other.service", "[Service]\nExecStart=/bin/sh\n" },
};

static int set_up(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("SYSTEMD_COLORS");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put_file(files[i].path, files[i].text, 0644);
	put_file("root/bin/true", "", 0755);
	mkdir("root/usr/lib/systemd/system/good.service.wants", 0755);
	mkdir("root/usr/lib/systemd/system/folder.d", 0755);
	int r = symlink("../lost.service", D "lost.service") | symlink("good.service", D "good.timer") | symlink("good.service", D "alias.service") |
		symlink("/dev/null", D "masked.service");

	return r;
}

static int tear_down(void **state) { return chdir("/") < 0 ? -1 : nftw(dir, forget, 8, FTW_DEPTH | FTW_PHYS); }

struct row { const char *line; int status; const char *out, *err; };

static void check_row(void **state)
{
	const struct row *row = *state;
	char *argv[16] = { (char *)"sctl" }, *copy = strdup(row->line), *save = NULL, *out = NULL, *err = NULL;
	size_t n_out, n_err;
	FILE *o = open_memstream(&out, &n_out), *e = open_memstream(&err, &n_err);
	int argc = 1;

	for (char *t = strtok_r(copy, "|", &save); t; t = strtok_r(NULL, "|", &save))
		argv[argc++] = t;
	int status = sctl_main(argc, argv, o, e);

	fclose(o);
	fclose(e);
	if (row->out[0] == '~') {
		if (!strstr(out, row->out + 1))
			assert_string_equal(out, row->out + 1);
	} else {
		assert_string_equal(out, row->out);
	}
	if (!row->err)
		assert_string_equal(err, "");
	else if (!strstr(err, row->err))
		assert_string_equal(err, row->err);
	assert_int_equal(status, row->status);
	free(copy);
	free(out);
	free(err);
}

#define IN "--root=root|-q|verify|"
#define ROW(...) { #__VA_ARGS__, check_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	ROW(IN "good", 0, "", NULL),
	ROW("--root=root|verify|good", 0, "1 units, 1 files, 4 assignments: 0 errors, 0 warnings, 0 not honoured\n", NULL),
	ROW(IN "masked", 0, "", NULL),
	ROW(IN "typo", 1,
	    D "typo.service:2:1: warning: unknown key Unit.Descripton, ignored, did you mean Unit.Description?\n"
	    D "typo.service:5:1: warning: unknown key Service.Description, ignored, it belongs into [Unit]\n"
	    D "typo.service:6:1: warning: unknown key Service.execstop, ignored, did you mean Service.ExecStop?\n"
	    D "typo.service:7:1: warning: unknown key Service.Zzzzzzzz, ignored\n"
	    D "typo.service:8:1: warning: unknown section [Instal], ignored with its keys, did you mean [Install]?\n", NULL),
	ROW(IN "value", 1, "~" D "value.service:3:16: error: Service.TimeoutStopSec: ", NULL),
	ROW(IN "value", 1, "~" D "value.service:4:6: error: Service.Nice: ", NULL),
	ROW(IN "noexec", 1,
	    D "noexec.service:3:25: error: ExecStart: /bin/data is not executable: Permission denied\n"
	    D "noexec.service:5:10: error: ExecStop: /bin/gone is not executable: No such file or directory\n", NULL),
	ROW(IN "needs", 1, D "needs.service:2:23: error: Requires=nowhere.service: no file of this name was found\n", NULL),
	ROW(IN "needs-too", 1, "~needs-too.service: error: needs-too.service cannot be started: ", NULL),
	ROW(IN "cycle-a", 1, "~cycle-a.service: error: ordering cycle: ", NULL),
	ROW(IN "cycle-w", 1, "~; the job of cycle-", NULL),
	ROW(IN "empty", 1, "~" D "empty.service: error: empty.service cannot be loaded: ", NULL),
	ROW(IN "nosuch", 1, "nosuch.service: error: nosuch.service cannot be loaded: no file of this name was found\n", NULL),
	ROW(IN "tmpl@", 1, D "tmpl@.service:3:1: warning: unknown key Service.Nosuch, ignored\n", NULL),
	ROW(IN "tmpl@|tmpl@x|" "tmpl@test-instance", 1, D "tmpl@.service:3:1: warning: unknown key Service.Nosuch, ignored\n", NULL),
	ROW(IN "orphan.timer", 1, D "orphan.timer: error: orphan.service, which it is to start: no file of this name was found\n", NULL),
	ROW(IN "dropped", 1, "root/etc/systemd/system/dropped.service.d/a.conf:2:1: warning: unknown key Service.Nicee, ignored, did you mean Service.Nice?\n", NULL),
	ROW(IN "typo|--json", 1, "~[{\"file\":\"" D "typo.service\",\"line\":2,\"column\":1,\"severity\":\"warning\",\"text\":\"unknown key ", NULL),
	/* files and folders */
	ROW(IN "/srv/new.service", 1, "root/srv/new.service:3:1: warning: unknown key Service.Bad, ignored\n", NULL),
	ROW(IN "srv/other.service", 1, "root/srv/other.service:2:11: error: ExecStart: /bin/sh is not executable: No such file or directory\n", NULL),
	ROW(IN "srv/", 1, "~root/srv/new.service:3:1: warning: unknown key Service.Bad, ignored\nroot/srv/other.service:2:11: error: ", NULL),
	ROW(IN "srv/none.service", 1, "", "Failed to verify srv/none.service: No such file or directory"),
	ROW("-q|verify|root/srv/new.service", 1, "~/root/srv/new.service:3:1: warning: unknown key Service.Bad, ignored\n", NULL),
	ROW(IN "/usr/lib/systemd/system/alias.service", 0, "", NULL),
	/* the whole search path */
	ROW("--root=root|-q|verify", 1, "~root/etc/systemd/system/bad name.service: warning: not a unit name, ignored\n", NULL),
	ROW("--root=root|-q|verify", 1, "~root/etc/systemd/system/notes.txt: warning: its ending is no unit type, ignored\n", NULL),
	ROW("--root=root|-q|verify", 1, "~root/etc/systemd/system/dropped.service.d/b.txt: warning: not called *.conf, ignored\n", NULL),
	ROW("--root=root|-q|verify", 1, "~" D "folder.d: warning: \"folder\" is no unit name, ignored\n", NULL),
	ROW("--root=root|-q|verify", 1, "~" D "lost.service: warning: link to ../lost.service: No such file or directory\n", NULL),
	ROW("--root=root|-q|verify", 1, "~" D "good.timer: warning: link to good.service, which cannot be another name of it\n", NULL),
	ROW("--root=root|-q|verify", 1, "~" D "needs.service:2:23: error: ", NULL),
};

int main(void) { return cmocka_run_group_tests(tests, set_up, tear_down); }

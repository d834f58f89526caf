/* test-generators.c - which generators are run, the environment they pass on, time-outs, services for x-systemd.makefs */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "generators/makefs.h"
#include "generators/run.h"
#include "unit/key.h"

static char root[64];

static char *at(const char *path)
{
	static char full[4][256];
	static unsigned i;
	char *s = full[i++ % 4];

	snprintf(s, 256, "%s%s", root, path);
	return s;
}

static void file(const char *path, const char *text, mode_t mode)
{
	char *full = at(path);
	FILE *f;

	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(full, mode), 0);
}

static const char *text_of(const char *path)
{
	static char text[4096];
	FILE *f = fopen(at(path), "re");
	size_t n;

	if (!f)
		return "(none)";
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static int setup(void **state)
{
	strcpy(root, "/tmp/test-generators-XXXXXX");
	assert_non_null(mkdtemp(root));
	file("/proc/cmdline", "quiet\n", 0644);
	file("/proc/1/cmdline", "init\n", 0644);
	return 0;
}

static int teardown(void **state)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	return system(cmd);
}

#define S "/usr/lib/systemd/system-generators/"

static const struct generator *find(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->v[i].name, name))
			return &p->v[i];
	return NULL;
}

static void first_counts(void **state)
{
	struct plan p;

	file(S "a", "#!/bin/sh\n", 0755);
	file(S "b", "#!/bin/sh\n", 0755);
	file(S "c", "#!/bin/sh\n", 0644);                       /* not executable: none */
	file(S "d", "#!/bin/sh\n", 0755);
	file("/etc/systemd/system-generators/b", "#!/bin/sh\n", 0755);
	file("/etc/sysmaster/system-generators/.keep", "", 0644);
	assert_int_equal(symlink("/dev/null", at("/etc/sysmaster/system-generators/a")), 0);
	file("/run/systemd/system-generators/d", "", 0644);     /* empty: a mask */
	assert_int_equal(plan_make(&p, PLAN_SYSTEM, root), 0);
	assert_int_equal(p.n, 3);
	assert_string_equal(find(&p, "a")->skip, "masked");
	assert_string_equal(find(&p, "d")->skip, "masked");
	assert_null(find(&p, "b")->skip);
	assert_non_null(strstr(find(&p, "b")->path, "/etc/systemd/"));
	plan_done(&p);
}

/* a row: systemd's generator, a file that gives it something to do (or words for the kernel command line) */
struct row { const char *name, *file, *cmdline; bool idle_without; };
static const struct row skips[] = {
	{ "systemd-cryptsetup-generator", "/etc/crypttab", NULL, true },        { "systemd-cryptsetup-generator", NULL, "rd.luks.uuid=x", true },
	{ "systemd-debug-generator", NULL, "systemd.wants=a.service", true },   { "systemd-veritysetup-generator", "/etc/veritytab", NULL, true },
	{ "systemd-veritysetup-generator", NULL, "roothash=abc", true },        { "systemd-integritysetup-generator", "/etc/integritytab", NULL, true },
	{ "systemd-rc-local-generator", "/etc/rc.local", NULL, true },          { "systemd-run-generator", NULL, "systemd.run=true", true },
	{ "systemd-system-update-generator", "/system-update", NULL, true },    { "systemd-hibernate-resume-generator", "/etc/initrd-release", NULL, true },
	{ "systemd-sysv-generator", "/etc/init.d/mine", NULL, true },           { "systemd-getty-generator", "/etc/none", NULL, false },
};

static void idle_ones(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(skips); i++) {
		const struct row *r = &skips[i];

		assert_int_equal(skip_reason(r->name, root) != NULL, r->idle_without);
		if (r->file)
			file(r->file, "x", 0755);
		if (r->cmdline) {
			file("/proc/cmdline", r->cmdline, 0644);
			file("/proc/1/cmdline", r->cmdline, 0644);
		}
		if (skip_reason(r->name, root))
			fail_msg("%s is skipped with %s%s", r->name, r->file ?: "", r->cmdline ?: "");
		if (r->file)
			unlink(at(r->file));
		file("/proc/cmdline", "quiet\n", 0644);
		file("/proc/1/cmdline", "init\n", 0644);
	}
	file("/etc/init.d/cron", "x", 0755);
	file("/lib/systemd/system/cron.service", "x", 0644);
	assert_non_null(skip_reason("systemd-sysv-generator", root));
	file("/etc/fstab", "x", 0644);
	assert_non_null(skip_reason("systemd-fstab-generator", root));
}

/* only systemd's own is judged */
static void somebody_elses(void **state)
{
	struct plan p;

	file(S "systemd-fstab-generator", "#!/bin/sh\n", 0755);
	file("/usr/local/lib/systemd/system-generators/systemd-run-generator", "#!/bin/sh\n", 0755);
	assert_int_equal(plan_make(&p, PLAN_SYSTEM, root), 0);
	assert_non_null(find(&p, "systemd-fstab-generator")->skip);
	assert_null(find(&p, "systemd-run-generator")->skip);
	plan_done(&p);
}

static uint64_t in(unsigned msec) { return now_usec(CLOCK_BOOTTIME) + msec * USEC_PER_MSEC; }

static void side_by_side(void **state)
{
	char *const words[] = { root, (char *)"early", (char *)"late", NULL };
	uint64_t begin = now_usec(CLOCK_BOOTTIME);
	struct plan p;

	file(S "one", "#!/bin/sh\nsleep 0.5; echo \"$2 $3\" >\"$1/one\"\n", 0755);
	file(S "two", "#!/bin/sh\nsleep 0.5; echo >\"$1/two\"; exit 3\n", 0755);
	file(S "three", "#!/bin/sh\nsleep 100 & sleep 100; echo >\"$1/three\"\n", 0755);
	assert_int_equal(plan_make(&p, PLAN_SYSTEM, root), 0);
	assert_int_equal(run_all(&p, words, in(4000)), 2);      /* the one that fails, the one that hangs */
	assert_string_equal(text_of("/one"), "early late\n");
	assert_string_equal(text_of("/two"), "\n");
	assert_string_equal(text_of("/three"), "(none)");
	assert_true(now_usec(CLOCK_BOOTTIME) - begin < 30 * USEC_PER_SEC);
	plan_done(&p);
}

#define E "/usr/lib/systemd/system-environment-generators/"

static void environment(void **state)
{
	_cleanup_(strv_freep) char **env = NULL;
	struct plan p;

	file(E "10-a", "#!/bin/sh\necho 'A=1'; echo 'B=\"two words\"'; echo 'not an assignment'; echo '9=x'\n", 0755);
	file(E "20-b", "#!/bin/sh\necho \"C=$A$B\"; echo A=3\n", 0755);
	file(E "30-c", "#!/bin/sh\necho D=4; exit 1\n", 0755);
	file(E "40-d", "#!/bin/sh\necho E=$A; sleep 100\n", 0755);
	assert_int_equal(plan_make(&p, PLAN_SYSTEM_ENVIRONMENT, root), 0);
	assert_int_equal(run_environment(&p, in(4000), &env), 2);
	assert_true(strv_has(env, "A=3"));
	assert_true(strv_has(env, "B=two words"));
	assert_true(strv_has(env, "C=1two words"));
	assert_int_equal(strv_len(env), 3);                     /* what failed has said nothing */
	plan_done(&p);
}

static void makefs(void **state)
{
	file("/etc/fstab", "/dev/sda1 /a\\040\"b ext4 x-systemd.makefs,x-systemd.growfs 0 0\n/dev/sdb none swap x-systemd.makefs 0 0\nsrv:/x /net nfs x-systemd.growfs 0 0\n/dev/sdc /c auto x-systemd.makefs 0 0\n", 0644);
	setenv("SYSMASTER_FSTAB", at("/etc/fstab"), true);
	mkdir(at("/out"), 0755);
	assert_int_equal(makefs_generate(at("/out")), 0);
	const char *t = text_of("/out/systemd-makefs@dev-sda1.service");

	assert_non_null(strstr(t, "ExecStart=/lib/systemd/systemd-makefs \"ext4\" \"/dev/sda1\"\n"));
	assert_non_null(strstr(t, "Before=shutdown.target systemd-fsck@%i.service a\\x20\\x22b.mount\n"));
	t = text_of("/out/systemd-growfs@a\\x20\\x22b.service");
	assert_non_null(strstr(t, "ExecStart=/lib/systemd/systemd-growfs \"/a \\\"b\"\n"));
	assert_non_null(strstr(t, "local-fs.target"));
	assert_non_null(strstr(text_of("/out/systemd-mkswap@dev-sdb.service"), "\"swap\" \"/dev/sdb\"\n"));
	assert_non_null(strstr(text_of("/out/systemd-growfs@net.service"), "remote-fs.target"));
	assert_string_equal(text_of("/out/systemd-makefs@dev-sdc.service"), "(none)");
	unsetenv("SYSMASTER_FSTAB");
	assert_int_equal(makefs_generate("/nonexistent") > 0, 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_counts), TEST(idle_ones), TEST(somebody_elses), TEST(side_by_side), TEST(environment), TEST(makefs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

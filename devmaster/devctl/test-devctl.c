/* test-devctl.c - command lines in-process: verify, test-rules with a database between events, --apply, info */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "devctl.h"
#include "test-tree.h"

#define SDA "/devices/pci0000:00/0000:00:1f.2/block/sda"
#define LO "/devices/virtual/net/lo"

static char *out, *err;

static int clean(void **state)
{
	free(TAKE_PTR(out));
	free(TAKE_PTR(err));
	tree_clean();
	return 0;
}

static int run(char **argv)
{
	size_t n_out, n_err;
	FILE *o, *e;
	int argc = 0, r;

	free(TAKE_PTR(out));
	free(TAKE_PTR(err));
	o = open_memstream(&out, &n_out);
	e = open_memstream(&err, &n_err);
	while (argv[argc])
		argc++;
	r = devctl_main(argc, argv, o, e);
	fclose(o);
	fclose(e);
	return r;
}
#define RUN(...) run((char *[]){ (char *)"devctl", __VA_ARGS__, NULL })

static int rules(const char *text, const char *action, const char *path, bool apply)
{
	char sysfs[128], run_dir[128], dev[128], proc[128], file[128];

	tree_write("x.rules", text);
	snprintf(sysfs, sizeof(sysfs), "--sysfs=%s/sys", tree_root);
	snprintf(run_dir, sizeof(run_dir), "--run=%s/run", tree_root);
	snprintf(dev, sizeof(dev), "--devdir=%s/dev", tree_root);
	snprintf(proc, sizeof(proc), "--proc=%s/proc", tree_root);
	snprintf(file, sizeof(file), "--rules=%s/x.rules", tree_root);
	return RUN((char *)"test-rules", sysfs, run_dir, dev, proc, file, (char *)"--action", (char *)action, (char *)path, (char *)(apply ? "--apply" : "--no-index"));
}

static void verify(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/x.rules", tree_root);
	tree_write("x.rules", "ENV{A}=\"1\"\nFOO==\"x\"\nENV{B}=\"$no\"\n");
	assert_int_equal(RUN((char *)"verify", path), 1);
	assert_non_null(strstr(err, "x.rules:2:1: \"FOO\" is no key"));
	assert_non_null(strstr(err, "x.rules:3:8: warning: ENV"));
	assert_string_equal(out, "1 files, 2 rules, 1 errors, 1 warnings\n");
	tree_write("x.rules", "ENV{B}=\"$no\"\n");
	assert_int_equal(RUN((char *)"verify", path), 0);
	assert_int_equal(RUN((char *)"verify", (char *)"--strict", path), 1);
	snprintf(path, sizeof(path), "%s/x.link", tree_root);
	tree_write("x.link", "[Match]\nOriginalName=*\n[Link]\nMTUBytes=big\n");
	assert_int_equal(RUN((char *)"verify", path), 1);
	assert_non_null(strstr(err, "x.link:4:10: MTUBytes=big: expected a number of bytes"));
	snprintf(path, sizeof(path), "%s/nope.rules", tree_root);
	assert_int_equal(RUN((char *)"verify", path), 1);
}

static void search_path(void **state)
{
	char root[128];

	tree_write("root/usr/lib/udev/rules.d/50-a.rules", "FOO==\"low\"\n");
	tree_write("root/etc/udev/rules.d/50-a.rules", "BAR==\"high\"\n");
	tree_write("root/usr/lib/devmaster/rules.d/10-b.rules", "BAZ==\"ours\"\n");
	tree_write("root/etc/udev/rules.d/10-b.rules", "QUX==\"udev\"\n");
	tree_write("root/etc/udev/rules.d/note.txt", "NOTE\n");
	snprintf(root, sizeof(root), "--root=%s/root", tree_root);
	assert_int_equal(RUN((char *)"verify", root), 1);
	assert_string_equal(out, "2 files, 0 rules, 2 errors, 0 warnings\n");
	assert_true(strstr(err, "\"BAZ\"") && strstr(err, "\"BAR\"") && strstr(err, "\"BAZ\"") < strstr(err, "\"BAR\""));
}

static void json(void **state)
{
	assert_int_equal(rules("SYMLINK+=\"a\",MODE=\"0640\",TAG+=\"t\",ENV{Q}=\"say \\\"hi\\\"\",RUN+=\"x %k\"", "add", SDA, false), 0);
	assert_non_null(strstr(out, "\"node\": \"/dev/sda\", \"symlinks\": [\"a\"], \"mode\": \"0640\", \"owner\": \"root\", \"group\": \"root\", \"major\": 8, \"minor\": 0"));
	assert_non_null(strstr(out, "\"Q\": \"say \\\"hi\\\"\""));
	assert_non_null(strstr(out, "\"tags\": [\"t\"], \"link_priority\": 0, \"run\": [\"x sda\"], \"run_types\": [\"program\"]"));
	assert_int_equal(strcspn(out, "\n"), strlen(out) - 1);
	assert_int_equal(rules("ENV{A}=\"1\"", "add", "/devices/nope", false), 1);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "no such device"));
}

/* a later call sees what an earlier one kept */
static void database_between(void **state)
{
	assert_int_equal(rules("ENV{A}=\"first\",TAG+=\"t\"", "add", SDA, false), 0);
	assert_int_equal(rules("IMPORT{db}==\"A\",ENV{B}=\"seen\"", "change", SDA, false), 0);
	assert_non_null(strstr(out, "\"B\": \"seen\""));
	assert_non_null(strstr(out, "\"TAGS\": \":t:\""));
	assert_non_null(strstr(out, "\"tags\": []"));
	assert_int_equal(rules("TAG==\"t\",ENV{D}=\"all\"\nENV{B}=\"seen\"", "change", SDA, false), 0);
	assert_non_null(strstr(out, "\"D\": \"all\""));
	assert_int_equal(rules("ENV{C}=\"$env{B}\"\nTAG==\"t\",ENV{E}=\"now\"", "remove", SDA, false), 0);
	assert_null(strstr(out, "\"E\""));
	assert_non_null(strstr(out, "\"C\": \"seen\""));
	assert_null(tree_read("run/data/b8:0"));
	assert_null(tree_read("run/tags/t/b8:0"));
}

/* --rules FILE... DEVPATH, the files as words of their own */
static void more_files(void **state)
{
	char sysfs[128], run_dir[128], file[2][128];

	snprintf(sysfs, sizeof(sysfs), "--sysfs=%s/sys", tree_root);
	snprintf(run_dir, sizeof(run_dir), "--run=%s/run", tree_root);
	for (int i = 0; i < 2; i++)
		snprintf(file[i], sizeof(file[i]), "%s/%d.rules", tree_root, i);
	tree_write("0.rules", "ENV{A}=\"one\"\n");
	tree_write("1.rules", "ENV{B}=\"$env{A}\"\n");
	assert_int_equal(RUN((char *)"test-rules", sysfs, run_dir, (char *)"--rules", file[0], file[1], (char *)"--action", (char *)"change", (char *)(SDA + 1)), 0);
	assert_non_null(strstr(out, "\"ACTION\": \"change\", \"A\": \"one\", \"B\": \"one\""));
	assert_int_equal(RUN((char *)"test-rules", sysfs, run_dir, file[0], (char *)SDA), 1);
	assert_non_null(strstr(err, "--rules"));
}

static void target(const char *below, const char *want)
{
	char text[64];
	ssize_t n = readlink(tree_path(below), text, sizeof(text) - 1);

	if (!want) {
		assert_int_equal(n, -1);
		return;
	}
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, want);
}

/* nodes need a privilege, links do not: the winner of a link over the life of two devices */
static void apply(void **state)
{
	assert_int_equal(rules("SYMLINK+=\"disk/x y\"", "add", SDA, true), 0);
	target("dev/disk/x", "../sda");
	target("dev/y", "sda");
	assert_int_equal(rules("SYMLINK+=\"disk/x\",OPTIONS+=\"link_priority=5\"", "add", SDA "/sda1", true), 0);
	target("dev/disk/x", "../sda1");
	assert_int_equal(rules("SYMLINK+=\"disk/x\"", "change", SDA, true), 0);
	target("dev/disk/x", "../sda1");
	target("dev/y", NULL);
	assert_int_equal(rules("", "remove", SDA "/sda1", true), 0);
	target("dev/disk/x", "../sda");
	assert_int_equal(rules("SYMLINK=\"other\",ENV{A}=\"1\"", "remove", SDA, true), 0);
	target("dev/disk/x", NULL);
	assert_int_equal(access(tree_path("dev/disk"), F_OK), -1);
	assert_int_equal(access(tree_path("run/links/disk\\x2fx"), F_OK), -1);
}

/* a link never takes the place of what is no link */
static void apply_keeps(void **state)
{
	char *text;

	tree_write("dev/file", "precious");
	assert_int_equal(rules("SYMLINK+=\"file\"", "add", SDA, true), 0);
	assert_non_null(strstr(err, "cannot link /dev/file"));
	text = tree_read("dev/file");
	assert_string_equal(text, "precious");
	free(text);
}

static void programs(void **state)
{
	assert_int_equal(rules("PROGRAM==\"/bin/sh -c 'echo one $$DEVPATH; exit 0'\",ENV{A}=\"%c{1}\",ENV{B}=\"%c{2}\"\nIMPORT{program}==\"/bin/echo C='x y'\"\nPROGRAM==\"/bin/false\",ENV{D}=\"1\"\n"
			       "IMPORT{program}!=\"/nope\",ENV{E}=\"1\"", "add", LO, false), 0);
	assert_non_null(strstr(out, "\"A\": \"one\", \"B\": \"" LO "\", \"C\": \"x y\", \"E\": \"1\""));
	assert_null(strstr(out, "\"D\""));
}

static void info(void **state)
{
	char sysfs[128], run_dir[128];

	snprintf(sysfs, sizeof(sysfs), "--sysfs=%s/sys", tree_root);
	snprintf(run_dir, sizeof(run_dir), "--run=%s/run", tree_root);
	assert_int_equal(rules("SYMLINK+=\"a b\",ENV{A}=\"1\"", "add", SDA, false), 0);
	assert_int_equal(RUN((char *)"info", sysfs, run_dir, (char *)"/class/block/sda"), 0);
	assert_non_null(strstr(out, "P: " SDA "\nM: sda\nU: block\nT: disk\nD: b 8:0\nN: sda\nL: 0\nS: a\nS: b\n"));
	assert_non_null(strstr(out, "E: A=1\n"));
	assert_int_equal(RUN((char *)"info", sysfs, run_dir, (char *)"--query=symlink", (char *)SDA), 0);
	assert_string_equal(out, "a b\n");
	assert_int_equal(RUN((char *)"info", sysfs, run_dir, (char *)"--query=nope", (char *)SDA), 2);
	assert_int_equal(RUN((char *)"info", sysfs, run_dir, (char *)"/nope"), 1);
}

static void info_json(void **state)
{
	char sysfs[128], run_dir[128];

	snprintf(sysfs, sizeof(sysfs), "--sysfs=%s/sys", tree_root);
	snprintf(run_dir, sizeof(run_dir), "--run=%s/run", tree_root);
	assert_int_equal(rules("SYMLINK+=\"a\",ENV{A}=\"1\",TAG+=\"t\"", "add", SDA, false), 0);
	assert_int_equal(RUN(sysfs, run_dir, (char *)"info", (char *)"--json", (char *)SDA), 0);
	assert_non_null(strstr(out, "\"devnum\": \"b8:0\", \"initialized\": true, \"link_priority\": 0, \"symlinks\": [\"/dev/a\"], \"tags\": [\"t\"]"));
	assert_int_equal(RUN((char *)"info", (char *)"--json", (char *)"-q", (char *)"path", sysfs, (char *)SDA), 2);
	assert_int_equal(RUN((char *)"info", (char *)"-e", (char *)"--json", sysfs, run_dir), 0);
	assert_non_null(strstr(out, "\"devpath\": \"" LO "\""));
}

static void trigger(void **state)
{
	static const struct { const char *args[3], *want; } cases[] = {
		{ { "-s", "mem" }, "/devices/virtual/mem/null\n" },
		{ { "-b", SDA, "-ysda1" }, SDA "/sda1\n" },
		{ { "-a", "size=2*" }, SDA "\n" },
		{ { "--prioritized-subsystem=net", "-Sblock" }, LO "\n" },
	};
	char sysfs[128];

	snprintf(sysfs, sizeof(sysfs), "--sysfs=%s/sys", tree_root);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = strlen(tree_path("sys"));

		RUN((char *)"trigger", sysfs, (char *)"-nv", (char *)cases[i].args[0], (char *)cases[i].args[1], (char *)(cases[i].args[2] ? cases[i].args[2] : "-q"));
		assert_true(!*cases[i].want || strlen(out) > n);
		assert_true(startswith(*cases[i].want ? out + n : out, cases[i].want));
	}
	assert_int_equal(RUN((char *)"trigger", (char *)"-c", (char *)"nope"), 2);
	assert_int_equal(RUN((char *)"trigger", (char *)"-c", (char *)"help"), 0);
}

static void command_lines(void **state)
{
	assert_int_equal(RUN((char *)"nope"), 2);
	assert_int_equal(RUN((char *)"--help"), 0);
	for (size_t i = 0; i < n_devctl_verbs; i++)
		assert_non_null(strstr(out, devctl_verbs[i].name));
	assert_int_equal(RUN((char *)"test-rules"), 2);
	assert_int_equal(RUN((char *)"test-builtin", (char *)"nope", (char *)"/x"), 2);
	assert_int_equal(RUN((char *)"builtins"), 0);
	assert_non_null(strstr(out, "path_id"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, clean, clean)
int main(void)
{
	static const struct CMUnitTest all[] = { T(verify), T(search_path), T(json), T(database_between), T(apply), T(apply_keeps), T(programs), T(more_files), T(info), T(info_json), T(trigger), T(command_lines) };

	return cmocka_run_group_tests(all, tree_make, tree_remove);
}

/* test-edit.c - edit, with editors that are little scripts, below a root of its own */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include "sctl.h"
#include "unit/test-double.h"

#define U "/usr/lib/systemd/system/"
#define E "/etc/systemd/system/"
static struct tree tree;

static void path_of(const char *name, char *ret, size_t size) { snprintf(ret, size, "%s%s", tree.root, name); }

static const char *read_text(const char *name)
{
	static char text[8192];
	char path[512];
	FILE *f;
	size_t n;

	path_of(name, path, sizeof(path));
	f = fopen(path, "re");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* on a terminal, with $EDITOR a script of @commands; what is said goes to *said */
static int edit(const char *commands, const char *line, char **said)
{
	char root[256], editor[256], script[2048], *argv[16] = { (char *)"sctl", (char *)"edit", root }, *copy = strdup(line), *save = NULL;
	int argc = 3, master, slave, status;
	ssize_t n;
	FILE *f;

	snprintf(root, sizeof(root), "--root=%s", tree.root);
	snprintf(script, sizeof(script), "#!/bin/sh\n%s\n", commands);
	tree_file(&tree, "/editor", script);
	path_of("/editor", editor, sizeof(editor));
	assert_int_equal(chmod(editor, 0755), 0);
	setenv("EDITOR", editor, 1);
	for (char *t = strtok_r(copy, " ", &save); t; t = strtok_r(NULL, " ", &save))
		argv[argc++] = t;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	f = fdopen(slave, "w");
	assert_non_null(f);
	status = sctl_main(argc, argv, f, f);
	fclose(f);
	*said = calloc(1, 4096);
	n = read(master, *said, 4095);
	assert_true(n >= -1);
	close(master);
	free(copy);
	return status;
}

static void a_drop_in(void **state)
{
	char *said;

	assert_int_equal(edit("sed -i '2a [Unit]\\nDescription=edited' \"$1\"", "a", &said), 0);
	assert_string_equal(read_text(E "a.service.d/override.conf"), "[Unit]\nDescription=edited\n");
	free(said);
	/* the second time it is there to be changed; the files of the unit stand below and are thrown away */
	assert_int_equal(edit("grep -q '^# ExecStart=/bin/a$' \"$1\" && grep -q '^# $' \"$1\" && sed -i s/edited/again/ \"$1\"", "a.service", &said), 0);
	assert_string_equal(read_text(E "a.service.d/override.conf"), "[Unit]\nDescription=again\n");
	free(said);
	assert_int_equal(edit("echo Nice=1 >\"$1\"", "--drop-in=x --runtime a", &said), 0);
	assert_string_equal(read_text("/run/systemd/system/a.service.d/x.conf"), "Nice=1\n");
	free(said);
}

static void whole_files(void **state)
{
	char *said;

	assert_int_equal(edit("sed -i s,/bin/a,/bin/b, \"$1\"; sed -i s,/bin/c,/bin/d, \"$2\"", "--full a c", &said), 0);
	assert_string_equal(read_text(E "a.service"), "[Service]\nExecStart=/bin/b\n\n[Install]\n");
	assert_string_equal(read_text(E "c.service"), "[Service]\nExecStart=/bin/d\n");
	free(said);
	assert_int_equal(edit("exit 0", "--full --runtime a", &said), 1);
	assert_non_null(strstr(said, "stands before it"));
	free(said);
	assert_int_equal(edit("echo '[Service]' >\"$1\"", "--full nosuch", &said), 1);
	assert_non_null(strstr(said, "No files found for nosuch.service."));
	free(said);
	assert_int_equal(edit("echo '[Service]' >\"$1\"", "--full --force nosuch", &said), 0);
	assert_string_equal(read_text(E "nosuch.service"), "[Service]\n");
	free(said);
}

static void nothing_is_written(void **state)
{
	char *said;

	assert_int_equal(edit("exit 3", "c", &said), 1);
	assert_non_null(strstr(said, "nothing is changed"));
	free(said);
	assert_int_equal(edit("true", "c", &said), 0);
	assert_non_null(strstr(said, "the text is empty"));
	free(said);
	assert_null(read_text(E "c.service.d/override.conf"));
	assert_int_equal(edit("true", "m", &said), 1);
	assert_non_null(strstr(said, "it is masked"));
	free(said);
}

static int set_up(void **state)
{
	tree_new(&tree);
	tree_file(&tree, U "a.service", "[Service]\nExecStart=/bin/a\n\n[Install]\n");
	tree_file(&tree, U "c.service", "[Service]\nExecStart=/bin/c\n");
	tree_link(&tree, E "m.service", "/dev/null");
	unsetenv("SYSTEMD_EDITOR");
	return 0;
}

static int tear_down(void **state)
{
	tree_done(&tree);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_drop_in), cmocka_unit_test(whole_files), cmocka_unit_test(nothing_is_written) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

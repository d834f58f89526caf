/* test-command.c - Exec*= lines against the words of systemd.service(5), ends of processes against systemd.exec(5) */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "exec/exec.h"
#include "exec.ipc.h"

static char reported[1024];
static unsigned column;

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned col, const char *text)
{
	snprintf(reported, sizeof(reported), "%s", text);
	column = col;
}

static struct diag_sink sink = { report };
static struct unit unit = { .id = (char *)"probe@in-st.service", .instance = (char *)"in-st" };
static const struct key key = { .name = "ExecStart", .kind = &kind_command };

static int parse(const char *value, struct command **list)
{
	struct key_place at = { .unit = &unit, .sink = &sink, .file = "test", .section = "Service", .key = "ExecStart", .line = 1, .column = 11 };

	return kind_command.parse(&at, &key, value, list);
}

/* "path|flags|argv0,argv1|..." for each command; commands are separated by " ;; " */
struct row { const char *in; const char *want; };

static void describe(const struct command *list, struct buf *b)
{
	for (const struct command *c = list; c; c = c->next) {
		buf_addf(b, "%s%s %u", c == list ? "" : " ;; ", c->path, c->flags);
		for (size_t i = 0; c->argv[i]; i++)
			buf_addf(b, " <%s>", c->argv[i]);
	}
}

static void command_row(void **state)
{
	const struct row *row = *state;
	struct command *list = NULL;
	struct buf b = { 0 };
	int r = parse(row->in, &list);

	if (!row->want) {
		assert_true(r == -EINVAL || r == -ENOEXEC);
		assert_null(list);
		assert_true(column >= 11);
	} else {
		assert_int_equal(r, 0);
		describe(list, &b);
		assert_string_equal(buf_str(&b), row->want);
	}
	buf_finish(&b);
	command_list_free(list);
}

static void empty_resets(void **state)
{
	struct command *list = NULL;

	assert_int_equal(parse("/bin/a", &list), 0);
	assert_int_equal(parse("/bin/b ; /bin/c", &list), 0);
	assert_int_equal(command_count(list), 3);
	assert_string_equal(command_nth(list, 2)->path, "/bin/c");
	assert_null(command_nth(list, 3));
	assert_int_equal(parse("/bin/d 'open", &list), -ENOEXEC);
	assert_int_equal(parse("-/bin/d 'open", &list), -EINVAL);       /* it might as well be missing */        /* the good ones before it stay */
	assert_int_equal(command_count(list), 3);
	assert_int_equal(parse("  ", &list), 0);
	assert_null(list);
}

static void shown(void **state)
{
	struct command *list = NULL;
	struct buf b = { 0 };

	assert_int_equal(parse("-/bin/a b", &list), 0);
	kind_command.format(&key, &list, &b);
	assert_string_equal(buf_str(&b), "{ path=/bin/a ; argv[]=/bin/a b ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }");
	buf_finish(&b);
	command_list_free(list);
}

/* ---- status ---- */

static void stages(void **state)
{
	static const struct { uint32_t stage; const char *name; int status; } rows[] = {
		{ 200, "chdir", 200 }, { 203, "exec", 203 }, { 208, "stdin", 208 }, { 216, "group", 216 }, { 217, "user", 217 }, { 218, "capabilities", 218 },
		{ 226, "namespace", 226 }, { 228, "seccomp", 228 }, { 233, "runtime_directory", 233 }, { 243, "credentials", 243 }, { 0, "unknown", 255 }, { 9999, "unknown", 255 },
		{ UINT32_MAX, "unknown", 255 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_string_equal(exec_stage_name(rows[i].stage), rows[i].name);
		assert_int_equal(exec_stage_status(rows[i].stage), rows[i].status);
	}
	for (size_t i = 0; i < ipc_exec_stage_enum.n_values; i++)       /* an exit status is one byte */
		assert_in_range(ipc_exec_stage_enum.values[i].value, 200, 255);
}

static void ends(void **state)
{
	static const struct { int code, status; const char *text; bool clean, clean_daemon; } rows[] = {
		{ CLD_EXITED, 0, "exited, status=0/SUCCESS", true, true }, { CLD_EXITED, 1, "exited, status=1/FAILURE", false, false },
		{ CLD_EXITED, 217, "exited, status=217/USER", false, false }, { CLD_EXITED, 233, "exited, status=233/RUNTIME_DIRECTORY", false, false },
		{ CLD_EXITED, 75, "exited, status=75/TEMPFAIL", false, false }, { CLD_EXITED, 42, "exited, status=42/n/a", false, false },
		{ CLD_KILLED, SIGTERM, "killed, signal=TERM", false, true }, { CLD_KILLED, SIGKILL, "killed, signal=KILL", false, false },
		{ CLD_KILLED, SIGPIPE, "killed, signal=PIPE", false, true }, { CLD_DUMPED, SIGSEGV, "dumped, signal=SEGV", false, false },
	};
	struct exit_set ok = { .status = { 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 };

		exec_format_exit(rows[i].code, rows[i].status, &b);
		assert_string_equal(buf_str(&b), rows[i].text);
		buf_finish(&b);
		assert_int_equal(exec_clean_exit(rows[i].code, rows[i].status, false, NULL), rows[i].clean);
		assert_int_equal(exec_clean_exit(rows[i].code, rows[i].status, true, NULL), rows[i].clean_daemon);
	}
	ok.status[42 / 8] |= 1u << (42 % 8);
	ok.signals[SIGKILL / 8] |= 1u << (SIGKILL % 8);
	assert_true(exec_clean_exit(CLD_EXITED, 42, false, &ok));
	assert_false(exec_clean_exit(CLD_EXITED, 43, false, &ok));
	assert_true(exec_clean_exit(CLD_KILLED, SIGKILL, false, &ok));
	assert_false(exec_clean_exit(CLD_DUMPED, SIGKILL, false, &ok));
}

#define ROW(...) { #__VA_ARGS__, command_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	/* the examples of the manual page */
	ROW("echo $ONE $TWO ${TWO}", "echo 0 <echo> <$ONE> <$TWO> <${TWO}>"),
	ROW("echo one ; echo \"two two\"", "echo 0 <echo> <one> ;; echo 0 <echo> <two two>"),
	ROW("echo / >/dev/null & \\; ls", "echo 0 <echo> </> <>/dev/null> <&> <;> <ls>"),
	ROW("sh -c 'dmesg | tac'", "sh 0 <sh> <-c> <dmesg | tac>"),
	/* prefixes, alone and together */
	ROW("/bin/a", "/bin/a 0 </bin/a>"),
	ROW("-/bin/a", "/bin/a 1 </bin/a>"),
	ROW(":/bin/a", "/bin/a 2 </bin/a>"),
	ROW("+/bin/a", "/bin/a 4 </bin/a>"),
	ROW("!/bin/a", "/bin/a 8 </bin/a>"),
	ROW("!!/bin/a", "/bin/a 16 </bin/a>"),
	ROW("@/bin/a name x", "/bin/a 0 <name> <x>"),
	ROW("-@:+/bin/a n", "/bin/a 7 <n>"),
	ROW("!!-/bin/a", "/bin/a 17 </bin/a>"),
	ROW("-/bin/a ; +/bin/b", "/bin/a 1 </bin/a> ;; /bin/b 4 </bin/b>"),
	ROW("--/bin/a", NULL), ROW("+!/bin/a", NULL), ROW("!!!/bin/a", NULL), ROW("@@/bin/a x", NULL), ROW("+!!/bin/a", NULL),
	ROW("@/bin/a", NULL), ROW("-", NULL), ROW("@", NULL),
	/* quoting */
	ROW("/bin/a 'one two' \"three \\\"four\\\"\" five\\x20six", "/bin/a 0 </bin/a> <one two> <three \"four\"> <five six>"),
	ROW("\"/bin/a b\" c", "/bin/a b 0 </bin/a b> <c>"),
	ROW("/bin/a \\t\\n", "/bin/a 0 </bin/a> <\t\n>"),
	ROW("/bin/a ''", "/bin/a 0 </bin/a> <>"),
	ROW("/bin/a 'open", NULL), ROW("/bin/a \"open", NULL),
	ROW("/bin/a ; 'open", NULL),
	/* semicolons are commands' ends only as words of their own */
	ROW("/bin/a \\q \\x41", "/bin/a 0 </bin/a> <\\q> <A>"),
	ROW("/bin/a x; y", "/bin/a 0 </bin/a> <x;> <y>"),
	ROW("/bin/a ;; y", "/bin/a 0 </bin/a> <;;> <y>"),
	ROW("/bin/a ';' y", "/bin/a 0 </bin/a> <;> <y>"),
	ROW("; /bin/a ; ", "/bin/a 0 </bin/a>"),
	ROW("/bin/a ; ; /bin/b", "/bin/a 0 </bin/a> ;; /bin/b 0 </bin/b>"),
	/* specifiers */
	ROW("/bin/a %i %% %p", "/bin/a 0 </bin/a> <in-st> <%> <probe>"),
	ROW("/bin/%i", "/bin/in-st 0 </bin/in-st>"),
	ROW("/bin/a %Z", NULL),
	/* paths */
	ROW("//usr//bin/./a", "/usr/bin/a 0 <//usr//bin/./a>"),
	ROW("bin/a", NULL), ROW("/bin/", NULL), ROW("..", NULL), ROW("/bin/a\\x01", NULL),
	{ "an empty value resets", empty_resets, NULL, NULL, NULL },
	{ "as systemctl show prints it", shown, NULL, NULL, NULL },
	{ "stages", stages, NULL, NULL, NULL },
	{ "ends of processes", ends, NULL, NULL, NULL },
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }

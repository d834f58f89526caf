/* test-sctl.c - whole command lines against a core that is the real server library with a few units (fake-core.c) */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include "fake-core.h"
#include "verb.h"

static char run_dir[] = "/tmp/test-sctl-XXXXXX";
static pid_t core;

static int forget(const char *path, const struct stat *st, int type, struct FTW *ftw) { return remove(path); }

static int put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -1;
	fputs(text, f);
	return fclose(f);
}

/* a little system for --root=: the rows on unit files change it one after the other */
static int make_root(void)
{
	static const char *const dirs[] = { "root", "root/etc", "root/etc/systemd", "root/etc/systemd/system", "root/usr", "root/usr/lib",
					    "root/usr/lib/systemd", "root/usr/lib/systemd/system", "root/usr/lib/systemd/system/one.service.d" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		r |= mkdir(dirs[i], 0755);
	r |= put_file("root/usr/lib/systemd/system/one.service", "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n");
	r |= put_file("root/usr/lib/systemd/system/one.service.d/x.conf", "[Service]\nNice=1\n");
	r |= put_file("root/usr/lib/systemd/system/fixed.service", "[Service]\nExecStart=/bin/true\n");
	r |= put_file("root/usr/lib/systemd/system/multi-user.target", "[Unit]\nAllowIsolate=yes\n");
	return r;
}

static int start_core(void **state)
{
	if (!mkdtemp(run_dir))
		return -1;
	setenv("SYSMASTER_RUN_DIR", run_dir, 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("SYSTEMD_COLORS");
	core = fake_core_start(run_dir);
	return core > 0 && chdir(run_dir) == 0 ? make_root() : -1;
}

static int stop_core(void **state)
{
	fake_core_stop(core);
	return nftw(run_dir, forget, 8, FTW_DEPTH | FTW_PHYS);
}

struct run { int status; char *out, *err; };

static struct run run_line(const char *line)
{
	char *argv[32] = { (char *)"sctl" }, *copy = strdup(line), *save = NULL;
	struct run r = { 0 };
	size_t n_out, n_err;
	FILE *out = open_memstream(&r.out, &n_out), *err = open_memstream(&r.err, &n_err);
	int argc = 1;

	for (char *t = strtok_r(copy, "|", &save); t; t = strtok_r(NULL, "|", &save))
		argv[argc++] = t;
	if (argv[1] && argv[1][0] == '!') {             /* "!telinit|6": called by another name */
		argv[0] = argv[1] + 1;
		memmove(argv + 1, argv + 2, (size_t)(--argc) * sizeof(*argv));
	}
	r.status = sctl_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	free(copy);
	return r;
}

/* @out: the whole of it; a leading "~": a part of it; NULL: not looked at. @err: a part; NULL: must be empty */
struct row { const char *line; int status; const char *out, *err; };

static void check_row(void **state)
{
	const struct row *row = *state;
	struct run r = run_line(row->line);

	if (row->out && row->out[0] == '~') {
		if (!strstr(r.out, row->out + 1))
			assert_string_equal(r.out, row->out + 1);
	} else if (row->out) {
		assert_string_equal(r.out, row->out);
	}
	if (!row->err)
		assert_string_equal(r.err, "");
	else if (!strstr(r.err, row->err))
		assert_string_equal(r.err, row->err);
	assert_int_equal(r.status, row->status);
	free(r.out);
	free(r.err);
}

/* every option of the table is read as its kind says, in its long and its short form */
static void options_as_rows(void **state)
{
	static const char *const args[] = {
		[OPTION_BOOL] = "yes", [OPTION_STRING] = "x", [OPTION_UNSIGNED] = "7", [OPTION_WORDS] = "a,b", [OPTION_ENUM] = NULL, [OPTION_ACCEPTED] = "x",
		[OPTION_REFUSED] = "x",
	};

	for (size_t i = 0; i < sctl_options.n; i++) {
		const struct option_row *row = &sctl_options.rows[i];
		const char *arg = row->kind == OPTION_ENUM ? ((const struct key_enum *)row->table)[0].name : row->arg ? args[row->kind] : NULL;
		bool refused = row->kind == OPTION_REFUSED;

		for (int form = 0; form < 2; form++) {
			char word[128], *argv[] = { (char *)"sctl", word, (char *)"word", NULL }, *text = NULL;
			size_t n = 0;
			struct sctl s;
			FILE *err = open_memstream(&text, &n);
			int first = 0, r;

			if (form == 0 ? !row->name : !row->letter || (arg && row->arg[0] == '[')) {
				fclose(err);
				free(text);
				continue;
			}
			if (form == 0)
				snprintf(word, sizeof(word), "--%s%s%s", row->name, arg ? "=" : "", arg ? arg : "");
			else
				snprintf(word, sizeof(word), "-%c%s", row->letter, arg ? arg : "");
			sctl_init(&s, "sctl", stdout, err);
			r = options_parse(&sctl_options, &s.o, 3, argv, &first, stdout, err);
			fclose(err);
			if (r != (refused ? -EINVAL : 0) || (refused && !strstr(text, row->doc)))
				fail_msg("%s: %d %s", word, r, text);
			if (!refused)
				assert_int_equal(first, 2);
			sctl_done(&s);
			free(text);
		}
	}
}

static void verbs_as_rows(void **state)
{
	struct run help = run_line("--help"), man = run_line("help|--man"), md = run_line("--help-markdown");

	for (size_t i = 0; i < n_verbs; i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(verbs[i].name, verbs[j].name);
		assert_null(verb_refused(verbs[i].name));
		assert_ptr_equal(verb_find(verbs[i].name), &verbs[i]);
		if (verbs[i].doc && (!strstr(help.out, verbs[i].name) || !strstr(md.out, verbs[i].name)))
			fail_msg("%s is not in the help", verbs[i].name);
		if (verbs[i].min > 0) {
			struct run r = run_line(verbs[i].name);

			assert_int_equal(r.status, SCTL_FAILURE);
			assert_non_null(strstr(r.err, "Too few arguments."));
			free(r.out);
			free(r.err);
		}
	}
	assert_int_equal(help.status + man.status + md.status, 0);
	assert_non_null(strstr(man.out, ".TH SCTL 1"));
	free(help.out), free(help.err), free(man.out), free(man.err), free(md.out), free(md.err);
}

#define LEGEND "\nLOAD   = was its file read without trouble\nACTIVE = its state in one of seven words, the same for all types\n" \
	       "SUB    = its state in the words of its type\n"
#define HINTS " Pass --all to see loaded but inactive units, too.\nTo see every unit file there is, use 'sctl list-unit-files'.\n"
#define ROW(...) { #__VA_ARGS__, check_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(options_as_rows),
	cmocka_unit_test(verbs_as_rows),
	/* set-property */
	ROW("set-property|web|CPUWeight=20|MemoryMax=1M|--runtime", 0, "", NULL),
	ROW("set-property|web|CPUWeight=20|MemoryMax=1M", 1, "", "Failed to set unit properties on web.service: seen"),
	ROW("set-property|web|Foo=1", 1, "", "Unknown assignment: Foo=1\n"),
	ROW("set-property|web", 1, "", "Too few arguments."),
	/* run */
	ROW("run", 1, "", "Command line to execute required."),
	ROW("!sysmaster-run", 1, "", "Command line to execute required."),
	ROW("run|--frob", 1, "", "unknown or ambiguous option '--frob'"),
	ROW("-q|run|true", 1, "", "The options of run stand behind it"),
	ROW("run|--help", 0, "~--on-calendar=SPEC", NULL),
	ROW("run|--version", 0, "~sysmaster ", NULL),
	ROW("run|no-such-command", 1, "", "Failed to find executable no-such-command: No such file or directory"),
	ROW("run|--scope|--wait|true", 1, "", "--wait may not be combined with --scope."),
	ROW("run|--scope|-t|true", 1, "", "--pty/--pipe is not compatible in timer or --scope mode."),
	ROW("run|--scope|-r|true", 1, "", "--remain-after-exit and --service-type= are not supported"),
	ROW("run|-P|--no-block|true", 1, "", "--pty/--pipe is not compatible with --no-block."),
	ROW("run|--on-boot=1|--socket-property=ListenStream=1|true", 1, "", "Only single trigger"),
	ROW("run|--on-boot=1|--scope|true", 1, "", "Path, socket or timer options are not supported in --scope mode."),
	ROW("run|--on-boot=1|--wait|true", 1, "", "--wait may not be combined with path, socket or timer operations."),
	ROW("run|--timer-property=AccuracySec=1|true", 1, "", "--timer-property= has no effect"),
	ROW("run|--wait|--no-block|true", 1, "", "--wait may not be combined with --no-block."),
	ROW("run|--nice=99|true", 1, "", "Failed to parse nice value: 99"),
	ROW("run|-E|=x|true", 1, "", "Cannot assign environment variable =x"),
	ROW("run|-p|Foo=1|true", 1, "", "Unknown assignment: Foo=1\n"),
	ROW("run|-u|web|-p|Bar=1|true", 0, "", "known and not honoured\nRunning as unit: web.service\n"),
	ROW("run|-q|-u|web|true", 0, "", NULL),
	ROW("run|-u|fail|true", 1, "", "Job for fail.service failed"),
	ROW("run|-u|bad/name|true", 0, "", "Invalid unit name \"bad/name\" escaped as \"bad-name\""),
	ROW("run|--no-block|-u|crash|true", 0, "", "Running as unit: crash.service\n"),
	/* what is asked for */
	ROW("run|-u|seen-a|/bin/echo|a b|;|-n|%n $X \"\t'\\|", 1, "", "[seen-a.service]Description=/bin/echo a b ; -n %n $X \" '\\|"
	    "ExecStart=\"/bin/echo\" \"a b\" \\; \"-n\" \"%n $X \\\"\\t'\\\\\"|mode=1 hold=0 streams=0 pids=0"),
	ROW("run|-u|seen-a|--description=D|-p|CPUWeight=20|--slice=x|--send-sighup|-G|-r|--service-type=oneshot|--uid=1|--gid=2|--nice=3|--working-directory=/tmp|-E|A=b c|/bin/true", 1, "",
	    "[seen-a.service]Description=D|CollectMode=inactive-or-failed|CPUWeight=20|Slice=x.slice|SendSIGHUP=yes|RemainAfterExit=yes|Type=oneshot|User=1|Group=2|Nice=3|"
	    "WorkingDirectory=/tmp|Environment=\"A=b c\"|ExecStart=\"/bin/true\"|mode=1 hold=0"),
	ROW("run|--wait|-u|seen-a|/bin/true", 1, "", "hold=1 streams=0"),
	ROW("run|--scope|-u|seen-a|-p|MemoryHigh=1M|/bin/true", 1, "", "transient scope unit: [seen-a.scope]Description=/bin/true|MemoryHigh=1M|mode=1 hold=0 streams=0 pids=1"),
	ROW("run|-u|seen-a|--on-active=1h|--on-calendar=daily|--on-clock-change|--timer-property=AccuracySec=1s|/bin/true", 1, "",
	    "transient timer unit: [seen-a.timer]Description=/bin/true|OnActiveSec=1h|OnCalendar=daily|OnClockChange=yes|AccuracySec=1s|RemainAfterElapse=no|"
	    "[seen-a.service]Description=/bin/true|ExecStart=\"/bin/true\"|mode=1"),
	ROW("run|-u|seen-a.service|--on-boot=1", 1, "", "[seen-a.timer]Description=seen-a.timer|OnBootSec=1|RemainAfterElapse=no|mode=1"),
	ROW("run|-u|seen-a|--path-property=PathExists=/x|/bin/true", 1, "", "[seen-a.path]Description=/bin/true|PathExists=/x|[seen-a.service]"),
	ROW("run|-u|seen-a|--socket-property=ListenStream=/x|/bin/true", 1, "", "[seen-a.socket]Description=/bin/true|ListenStream=/x|[seen-a.service]"),
	ROW("run|-u|web.service|--on-boot=1", 0, "", "Running timer as unit: web.timer\n"),
	/* how it ended */
	ROW("run|--wait|-u|ran|true", 7, "", "Running as unit: ran.service\nFinished with result: exit-code\nMain processes terminated with: code=exited/status=7\n"
	    "Service runtime: 1.234s\nCPU time consumed: 912us\nIO bytes read: 2.0K\n"),
	ROW("run|--wait|-q|-u|ran|true", 7, "", NULL),
	ROW("run|--wait|-u|shot|true", 255, "", "Finished with result: signal\nMain processes terminated with: code=killed/status=KILL\n"),
	ROW("run|--wait|-u|fine|true", 0, "", "Finished with result: success\nMain processes terminated with: code=exited/status=3\n"),
	ROW("run|--wait|-q|-u|late|true", 1, "", "Job for late.service timed out."),
	/* what is not understood */
	ROW("frobnicate", 1, "", "Unknown command verb frobnicate."),
	ROW("list-machines", 1, "", "not available"),
	ROW("suspend|--dry-run", 0, "Would start suspend.target.\n", NULL),
	ROW("log-target", 0, "kmsg\n", NULL),
	ROW("log-target|journal", 1, "", "the kernel log"),
	ROW("service-watchdogs|yes", 0, "", NULL),
	ROW("service-watchdogs|no", 1, "", "cannot be switched off"),
	ROW("--timestamp=help", 0, "pretty\nunix\nus\nutc\nus+utc\n", NULL),
	ROW("--frob", 1, "", "unknown or ambiguous option '--frob'"),
	ROW("-n", 1, "", "option '-n' needs an argument"),
	ROW("--lines", 1, "", "needs an argument"),
	ROW("--lines=x|status", 1, "", "'x' is not valid"),
	ROW("--quiet=1|status", 1, "", "takes no argument"),
	ROW("--user|poweroff", 1, "", "that is the system's"),
	ROW("--global|status", 1, "", "--global is about unit files"),
	ROW("isolate|a|b", 1, "", "Too many arguments."),
	ROW("-t|frob", 1, "", "Unknown unit type or load state 'frob'."),
	ROW("--job-mode=frob|start|web", 1, "", "it takes one of: fail replace"),
	ROW("--root=/nowhere|start|web", 1, "", "does not go with --root="),
	ROW("start|--wait|--no-block|web", 1, "", "may not be combined"),
	ROW("-t|help", 0, "~Available unit types:\nservice\n", NULL),
	ROW("--state=help", 0, "~not-found\n", NULL),
	ROW("-s|list", 0, "~    15 SIGTERM\n", NULL),
	ROW("kill|-s|FROB|web", 1, "", "'FROB' is not a signal"),
	ROW("--version", 0, "~sysmaster ", NULL),
	/* lists */
	ROW("list-units|web.*|basic.target|lost.service", 0,
	    "  UNIT         LOAD   ACTIVE SUB       DESCRIPTION\n"
	    "  web.service  loaded active running   A web server with a description that goes on for quite a while\n"
	    "  web.socket   loaded active listening Web socket\n"
	    "  basic.target loaded active active    Basic\n" LEGEND "3 loaded units listed." HINTS, NULL),
	ROW("list-units|--all|--no-legend|db|lost.service", 0,
	    "● db.service   loaded    failed   failed Database\n"
	    "● lost.service not-found inactive dead   lost.service\n", NULL),
	ROW("--failed|--plain|-q", 0,
	    "db.service   loaded failed failed Database\nfail.service loaded failed failed Fail\nlate.service loaded failed failed Late\n", NULL),
	ROW("list-units|-t|slice,mount|--no-legend", 0, "  -.mount      loaded active mounted Root\n  system.slice loaded active active  System Slice\n", NULL),
	ROW("list-units|nosuch*", 0, "  UNIT LOAD ACTIVE SUB DESCRIPTION\n0 loaded units listed." HINTS, NULL),
	ROW("list-units|-o|json|web.s*t", 0, "[{\"unit\":\"web.socket\",\"load\":\"loaded\",\"active\":\"active\",\"sub\":\"listening\",\"description\":\"Web socket\"}]\n", NULL),
	ROW("list-sockets|--show-types", 0,
	    "LISTEN        TYPE     UNIT       ACTIVATES\n/run/web.sock Datagram web.socket web.service\n[::]:80       Stream   web.socket web.service\n"
	    "\n2 sockets listed.\nPass --all to see loaded but inactive sockets, too.\n", NULL),
	ROW("list-jobs", 0, "JOB UNIT        TYPE          STATE\n 12 web.service start         running\n  7 db.service  verify-active waiting\n\n2 jobs listed.\n", NULL),
	ROW("list-jobs|--json|db*", 0, "[{\"job\":7,\"unit\":\"db.service\",\"type\":\"verify-active\",\"state\":\"waiting\"}]\n", NULL),
	ROW("list-dependencies", 0,
	    "default.target\n● ├─web.service\n● ├─basic.target\n○ │ └─idle.service\n  └─...\n", NULL),
	ROW("list-dependencies|-a|web", 0, "web.service\n× ├─db.service\n● ├─system.slice\n● └─basic.target\n○   └─idle.service\n", NULL),
	ROW("list-dependencies|--plain|web", 0, "web.service\n  db.service\n  system.slice\n  basic.target\n  idle.service\n", NULL),
	/* resources: what can be said without a control group */
	ROW("clean|--what=help", 0, "runtime\nstate\ncache\nlogs\nconfiguration\n", NULL),
	ROW("clean|--what=frob|web", 1, "", "expected runtime, state"),
	ROW("clean", 1, "", "Too few arguments."),
	ROW("clean|web", 1, "", "the unit is not inactive"),
	ROW("clean|idle", 1, "", "it has nothing of the kind"),
	ROW("freeze|idle", 1, "", "Failed to freeze idle.service"),
	ROW("thaw|nosuch", 1, "", "Failed to thaw nosuch.service"),
	ROW("edit|web", 1, "", "not on a tty"),
	/* states and their exit statuses */
	ROW("is-active|web", 0, "active\n", NULL),
	ROW("is-active|idle|web", 0, "inactive\nactive\n", NULL),
	ROW("is-active|idle|db", 3, "inactive\nfailed\n", NULL),
	ROW("is-active|nosuch", 3, "inactive\n", NULL),
	ROW("is-active|-q|nosuch", 3, "", NULL),
	ROW("is-failed|web|db", 0, "active\nfailed\n", NULL),
	ROW("is-failed|web", 1, "active\n", NULL),
	ROW("is-system-running", 1, "degraded\n", NULL),
	ROW("is-system-running|--wait|-q", 1, "", NULL),
	ROW("status|web|-n0", 0,
	    "~● web.service - A web server with a description that goes on for quite a while\n"
	    "     Loaded: loaded (/lib/systemd/system/web.service; enabled; preset: enabled)\n"
	    "    Drop-In: /etc/systemd/system/web.service.d\n"
	    "             └─a.conf, b.conf\n"
	    "     Active: active (running) since Tue 2023-11-14 22:13:20 UTC; ", NULL),
	ROW("status|web|-n0", 0,
	    "~TriggeredBy: ● web.socket\n       Docs: man:web(8)\n             https://example.org/\n"
	    "    Process: 77 ExecStartPre=/bin/true -x (code=exited, status=0/SUCCESS)\n   Main PID: 1 (", NULL),
	ROW("status|web|-n0", 0, "~     Status: \"serving\"\n        CPU: 1.234s\n", NULL),
	ROW("status|db|-n0", 3, "~     Active: failed (Result: exit-code)\n    Process: 78 ExecStart=/bin/db -d ${X} ; ls } (code=exited, status=3/NOTIMPLEMENTED)\n   Main PID: 78 (code=exited, status=3/NOTIMPLEMENTED)\n", NULL),
	ROW("status|idle|-n0", 1, "○ idle.service - Idle\n     Loaded: loaded\n     Active: inactive (dead)\n", NULL),
	ROW("status|quiet|-n0", 3, "○ quiet.service - Quiet\n     Loaded: loaded\n     Active: inactive (dead)\n", NULL),
	ROW("status|unmet|-n0", 3, "~  Condition: start condition failed at Tue 2023-11-14 22:13:20 UTC; ", NULL),
	ROW("status|unmet|-n0", 3, "~ ago\n             └─ConditionPathExists=!/a; b was not met\n", NULL),
	ROW("show|-p|ConditionTimestamp|unmet|--timestamp=unix", 0, "ConditionTimestamp=@1700000000\n", NULL),
	ROW("status|nosuch", 4, "", "Unit nosuch.service could not be found."),
	ROW("status|--state=listening|-n0", 0, "~     Listen: [::]:80 (Stream)\n             /run/web.sock (Datagram)\n", NULL),
	ROW("status", 0, "~    State: degraded\n", NULL),
	/* properties */
	ROW("show|-p|MainPID,Id|web", 0, "Id=web.service\nMainPID=1\n", NULL),
	ROW("show|-P|Id|web|db", 0, "web.service\n\ndb.service\n", NULL),
	ROW("show|-p|Empty|web", 0, "Empty=\n", NULL),
	ROW("show|-p|Nothing|web", 0, "", NULL),
	ROW("show|quiet", 0, "Id=quiet.service\nDescription=Quiet\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n", NULL),
	ROW("show|nosuch|-p|LoadState|--value", 0, "not-found\n", NULL),
	ROW("show", 0, "Version=test\nSystemState=running\n", NULL),
	ROW("show|-p|ActiveEnterTimestamp|web|--timestamp=unix", 0, "ActiveEnterTimestamp=@1700000000\n", NULL),
	ROW("show|--json|web|-p|Id,Empty", 0, "{\"Id\":\"web.service\",\"Empty\":\"\"}\n", NULL),
	ROW("show|-p|Listen|web.socket", 0, "Listen=[::]:80 (Stream)\nListen=/run/web.sock (Datagram)\n", NULL),
	ROW("show|999", 1, "", "Failed to read job 999"),
	/* jobs */
	ROW("start|web", 0, "", NULL),
	ROW("start|web|slow.service", 0, "", NULL),
	ROW("start|--wait|slow", 0, "", NULL),
	ROW("start|--no-block|fail", 0, "", NULL),
	ROW("-T|start|quiet", 0, "", "/start."),
	ROW("start|fail", 1, "", "Job for fail.service failed because the control process exited with error code.\nSee \"sctl status fail.service\" for details."),
	ROW("-q|start|fail", 1, "", NULL),
	ROW("start|late|web", 1, "", "Job for late.service timed out."),
	ROW("start|gone", 5, "", "Failed to start gone.service: Unit gone.service not found."),
	ROW("start|gone|web", 5, "", "Failed to start gone.service: Unit gone.service not found."),
	ROW("stop|denied", 4, "", "Failed to stop denied.service: Access denied"),
	ROW("restart|crash", 0, "", NULL),
	ROW("stop|web", 0, "", "it can still be started by:\n  web.socket"),
	ROW("start|nosuch*", 0, "", NULL),
	ROW("try-restart|web.s[eo]*", 0, "", NULL),
	ROW("cancel|12", 0, "", NULL),
	ROW("cancel|99", 1, "", "Failed to cancel job 99"),
	ROW("cancel|x", 1, "", "'x' is not a job number"),
	ROW("cancel", 0, "", NULL),
	/* the manager */
	ROW("kill|-s|HUP|--kill-whom=main|web", 0, "", NULL),
	ROW("kill|web", 1, "", "Failed to kill unit web.service: no such process"),
	ROW("kill|--kill-whom=some|web", 1, "", "expected main, control or all"),
	ROW("reset-failed", 0, "", NULL),
	ROW("reset-failed|web|nosuch", 1, "", "Failed to reset failed state of unit nosuch.service"),
	ROW("daemon-reload", 0, "", "/a.service:3:1: Unit.Foo: unknown key\n"),
	ROW("daemon-reload|-l", 0, "", "/a.service:3:1: Unit.Foo: unknown key\n42 units read in 5 ms, 1 problems."),
	ROW("log-level", 0, "info\n", NULL),
	ROW("log-level|debug", 0, "", NULL),
	ROW("log-level|frob", 1, "", "is not a log level"),
	ROW("show-environment", 0, "PATH=/bin:/usr/bin\nGREETING=$'it\\'s me\\n'\n", NULL),
	ROW("set-environment|A=b c", 0, "", NULL),
	ROW("set-environment|1A=b", 1, "", "is not of the form"),
	ROW("unset-environment|A", 0, "", NULL),
	ROW("dump", 0, "~-> Unit web.service:\n", NULL),
	ROW("dump", 0, "~\tRequires: system.slice\n\tRequires: basic.target\n", NULL),
	ROW("dump", 0, "~-> Job 7:\n\tUnit: db.service\n\tType: verify-active\n\tState: waiting\n", NULL),
	ROW("dump|lost*", 0, "~-> Unit lost.service:\n", NULL),
	ROW("--user|preset|a.service", 1, "", "--user does not go with preset"),
	ROW("ipc|core|status", 0, "~state: degraded\n", NULL),
	/* the ways down: what is asked of core; it refuses, so nothing happens */
	ROW("reboot|--no-wall|--reboot-argument=recovery", 0, "", NULL),
	ROW("exit|7", 0, "", NULL),
	ROW("exit|700", 1, "", "is not an exit status"),
	ROW("poweroff|--no-wall", 1, "", "Failed to poweroff: power seen"),
	ROW("poweroff|now", 1, "", "Too many arguments."),
	ROW("--dry-run|-f|halt", 0, "Would halt without stopping units.\n", NULL),
	ROW("--dry-run|rescue", 0, "Would start rescue.target and stop everything else.\n", NULL),
	ROW("!poweroff|--no-wall", 1, "", "power seen"),
	ROW("!/sbin/telinit|--no-wall|6", 1, "", "power seen"),
	ROW("!init|q", 0, "", "/a.service:3:1: Unit.Foo: unknown key\n"),
	ROW("!telinit|3", 0, "", NULL),
	ROW("!telinit|9", 1, "", "expected one of"),
	ROW("!shutdown|--show", 1, "", "No shutdown is pending."),
	ROW("!shutdown|-c", 0, "", "No shutdown is pending."),
	ROW("!shutdown|25:00", 1, "", "'25:00' is not a time"),
	ROW("!shutdown|--no-wall|now", 1, "", "power seen"),
	ROW("!halt|--help", 0, "~--wtmp-only", NULL),
	/* unit files, below a root of their own */
	ROW("--root=root|cat|one", 0, "# root/usr/lib/systemd/system/one.service\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
	    "\n# root/usr/lib/systemd/system/one.service.d/x.conf\n[Service]\nNice=1\n", NULL),
	ROW("--root=root|cat|nosuch", 1, "", "No files found for nosuch.service."),
	ROW("--root=root|is-enabled|one", 1, "disabled\n", NULL),
	ROW("--root=root|enable|one", 0, "", "Created symlink "),
	ROW("--root=root|is-enabled|fixed|one", 0, "static\nenabled\n", NULL),
	ROW("--root=root|is-enabled|nosuch", 1, "", "Failed to get unit file state for nosuch.service: No such file or directory"),
	ROW("--root=root|list-unit-files", 0,
	    "UNIT FILE         STATE   PRESET\nfixed.service     static  -\none.service       enabled enabled\nmulti-user.target static  -\n\n3 unit files listed.\n", NULL),
	ROW("--root=root|list-unit-files|--state=static|-t|target|-o|json", 0, "[{\"unit_file\":\"multi-user.target\",\"state\":\"static\",\"preset\":null}]\n", NULL),
	ROW("--root=root|-q|reenable|one", 0, "", NULL),
	ROW("--root=root|disable|one", 0, "", "Removed "),
	ROW("--root=root|enable|fixed", 0, "", "there is nothing to enable"),
	ROW("--root=root|enable|nosuch", 1, "", "nosuch.service does not exist"),
	ROW("--root=root|mask|fixed", 0, "", "Created symlink "),
	ROW("--root=root|is-enabled|fixed", 1, "masked\n", NULL),
	ROW("--root=root|unmask|fixed", 0, "", "Removed "),
	ROW("--root=root|--now|enable|one", 1, "", "does not go with --root="),
	ROW("--root=root|link|one", 1, "", "is no path"),
	ROW("--root=root|get-default", 1, "", "Failed to get default target"),
	ROW("--root=root|set-default|multi-user", 0, "", "Created symlink "),
	ROW("--root=root|get-default", 0, "multi-user.target\n", NULL),
	/* tools */
	ROW("escape|Hallöchen, Meister", 0, "Hall\\xc3\\xb6chen\\x2c\\x20Meister\n", NULL),
	ROW("escape|-u|Hall\\xc3\\xb6chen\\x2c\\x20Meister", 0, "Hallöchen, Meister\n", NULL),
	ROW("escape|--path|--suffix=mount|/tmp//waldi/foobar/", 0, "tmp-waldi-foobar.mount\n", NULL),
	ROW("escape|--template=systemd-nspawn@.service|My Container 1|containerb|container/III", 0,
	    "systemd-nspawn@My\\x20Container\\x201.service systemd-nspawn@containerb.service systemd-nspawn@container-III.service\n", NULL),
	ROW("escape|-u|--instance|systemd-nspawn@My\\x20Container\\x201.service", 0, "My Container 1\n", NULL),
	ROW("escape|-u|--template=systemd-nspawn@.service|systemd-nspawn@My\\x20Container\\x201.service", 0, "My Container 1\n", NULL),
	ROW("escape|--suffix=frob|x", 1, "", "not a unit type"),
	ROW("timespan|90s", 0, "Original: 90s\n      μs: 90000000\n   Human: 1min 30s\n", NULL),
	ROW("timespan|soon", 1, "", "is not a time span"),
};

int main(void) { return cmocka_run_group_tests(tests, start_core, stop_core); }

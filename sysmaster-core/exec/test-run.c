/* test-run.c - words, environment, programs, identity, attributes, directories, credentials, streams, PAM; actions that are no commands */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include "exec/shared.h"
#include "test-rig.h"

/* ---- preparations, inside the private world ---- */

static void env_file(void)
{
	put("/run/env", "# comment\nONE='one' two\nTWO=\"a \\\"b\\\" $c\"\n; other\nTHREE=x\\\n y  \nBAD NAME=1\nEMPTY=\nonly text\nFOUR=a\\ b # not a comment\n");
	put("/run/env2", "ONE=later");
}

static void old_state(void)
{
	must(mkdir("/var/lib/probe", 0700) == 0, "mkdir");
	put("/var/lib/probe/file", "x");
}

static void credential(void)
{
	must(mkdir("/run/credentials", 0755) == 0 && mkdir("/run/credentials/@system", 0755) == 0, "mkdir");
	put("/run/credentials/@system/given", "secret\n");
}

/* made by systemd-creds(1) of systemd 252: under a host key of 4,096 times 'A', the third not valid after 2020; and with a null key */
#define CREDENTIAL_ONE "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAADdFpWXiZ0EJckdRYMAAAAAQX0MCIln383K5DYaTw0U3YKL+7Dt8itt4Hp27lYNeJ7cfhZ1URZQW/NrTuFYabG4zZJu1g=="
#define CREDENTIAL_ANY "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAABIm9HjonK9kOKeh4EAAAAA18Sl/LywqXk9DahCqjVI+FZCk6C8YBXs29LBQ0nFbHk1+KALq8JW3+FZdmM7zLa6iJGPYw=="
#define CREDENTIAL_LATE "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAAAZi10MYf7HfqxdxHgAAAAA5UUNWzr22HtBrnRoTmh4b0GBZ3BPSTb21bBFBhO+KutVzCnY80Ww5NcyUAGgvvfNiuLbBQ=="
#define CREDENTIAL_TWO "BYRp2vb1QySABUnaD46i+yAAAAABAAAADAAAABAAAAANCEdX1ZhIykvSCncAAAAAH32hNiYwj7DzhxPkYT3uHogYbCbXAOrRUUSjso17P9CLE0SRVb03RdCpE17FfAeejfk="
/* the first, its head changed to say that it is sealed to a TPM2; the first, a bit changed */
#define CREDENTIAL_TPM "DHzAexF2RZGcSwvqCLwg/iAAAAABAAAADAAAABAAAADdFpWXiZ0EJckdRYMAAAAAQX0MCIln383K5DYaTw0U3YKL+7Dt8itt4Hp27lYNeJ7cfhZ1URZQW/NrTuFYabG4zZJu1g=="
#define CREDENTIAL_BAD "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAADdFpWXiZ0EJckdRYMAAAAAQX0MCIln383K5DYaTg0U3YKL+7Dt8itt4Hp27lYNeJ7cfhZ1URZQW/NrTuFYabG4zZJu1g=="

static void encrypted(void)
{
	char secret[16 + 4096 + 1] = "................";

	memset(secret + 16, 'A', 4096);
	must(mkdir("/var/lib/systemd", 0755) == 0 && mkdir("/run/credstore.encrypted", 0755) == 0, "mkdir");
	put("/var/lib/systemd/credential.secret", secret);
	put("/run/one", CREDENTIAL_ONE "\n");
	put("/run/late", CREDENTIAL_LATE "\n");
	put("/run/text", "plain text\n");
	put("/run/credstore.encrypted/any", CREDENTIAL_ANY);
}

static void other_databases(void)
{
	put("/etc/nsswitch.conf", "passwd: files nosuchmodule\ngroup: files [NOTFOUND=return] nosuchmodule\n");
}

static void pam_service(void)
{
	must(mkdir("/etc/pam.d", 0755) == 0, "mkdir");
	put("/etc/pam.d/probe", "account required pam_permit.so\nsession required pam_permit.so\nsession required pam_env.so conffile=/etc/pam-env\n");
	put("/etc/pam.d/closed", "account required pam_deny.so\n");
	put("/etc/pam-env", "FROM_PAM DEFAULT=yes\n");
}

/* a log collector that prints what it is sent */
static void collector(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/stdout" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), conn;
	char mem[4096];
	ssize_t n;

	must(mkdir("/run/systemd", 0755) == 0 && mkdir("/run/systemd/journal", 0755) == 0, "mkdir");
	must(bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 && listen(fd, 1) == 0, "bind");
	if (fork() != 0) {
		close(fd);
		return;
	}
	alarm(20);                                      /* nobody comes when the run fails early */
	conn = accept(fd, NULL, NULL);
	while ((n = read(conn, mem, sizeof(mem))) > 0)
		must(write(test_out, mem, (size_t)n) == n, "write");
	_exit(0);
}

/* ---- terminals ---- */

static void terminal(void **state)
{
	static const char *const inputs[] = { "tty", "tty-force", "tty-fail" };

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		_cleanup_(closep) int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		char path[64], input[64], mem[65536] = "", want[96];
		struct row row = { .keys = { path, input, "TTYReset=yes", "TTYVHangup=yes", "TTYVTDisallocate=yes", "TTYRows=7", "TTYColumns=33", "UtmpIdentifier=p1" },
			.command = "/bin/sh -c 'tty; stty size; : </dev/tty && echo controlling $TERM'", .run_flags = RUN_TTY };
		void *arg = &row;
		ssize_t n;

		assert_true(master >= 0);
		assert_return_code(unlockpt(master), errno);
		snprintf(path, sizeof(path), "TTYPath=%s", ptsname(master));
		snprintf(input, sizeof(input), "StandardInput=%s", inputs[i]);
		snprintf(want, sizeof(want), "%s\r", ptsname(master));
		run_row(&arg);
		for (size_t len = 0; !strstr(mem, "controlling") && (n = read(master, mem + len, sizeof(mem) - 1 - len)) > 0;)
			len += (size_t)n;       /* it comes in pieces on a busy machine; EIO at its end */
		if (!strstr(mem, want) || !strstr(mem, "7 33\r") || !strstr(mem, "controlling vt220"))
			fail_msg("%s: %s", inputs[i], mem);
	}
}

/* ---- actions that are no commands ---- */

static void actions_world(void)
{
	must(mkdir("/run/dir", 0755) == 0 && mkdir("/run/dir/sub", 0755) == 0 && mkdir("/run/outside", 0755) == 0, "mkdir");
	put("/run/dir/sub/file", "x");
	put("/run/outside/file", "x");
	must(symlink("/run/outside", "/run/dir/link") == 0, "symlink");
	put("/run/socket", "");
	must(symlink("/run/outside/file", "/run/socket-link") == 0, "symlink");
}

/* the outcome has to be looked at within the private world: so a child of it stays behind the action */
static void look_after(void)
{
	pid_t self = getpid();
	struct stat st;

	actions_world();
	if (fork() != 0)
		return;
	while (kill(self, 0) == 0 && getppid() == self)
		usleep(1000);
	dprintf(test_out, "dir=%s\n", access("/run/dir", F_OK) == 0 ? "there" : "gone");
	dprintf(test_out, "outside=%s\n", access("/run/outside/file", F_OK) == 0 ? "there" : "gone");
	if (stat("/run/socket", &st) == 0)
		dprintf(test_out, "socket=%u:%u\n", st.st_uid, st.st_gid);
	if (stat("/run/outside/file", &st) == 0)
		dprintf(test_out, "target=%u:%u\n", st.st_uid, st.st_gid);
	_exit(0);
}

static void act(int r, struct unit_spawn *s, struct outcome *o)
{
	assert_return_code(r, -r);
	start(s, look_after, o);
	buf_finish(&s->blob);
}

static void actions(void **state)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	struct outcome *o = calloc(1, sizeof(*o));
	char *paths[] = { (char *)"/run/socket", (char *)"/run/socket-link", NULL };
	struct exec_context c;

	assert_non_null(s);
	assert_non_null(o);
	act(exec_chown_blob(&thing.u, paths, "nobody", "daemon", s), s, o);
	assert_int_equal(o->stage, 0);
	assert_true(has_line(o->text, "socket=65534:1"));
	assert_true(has_line(o->text, "target=0:0"));           /* a link is given away itself */
	act(exec_chown_blob(&thing.u, paths, "nosuchuser", NULL, s), s, o);
	assert_int_equal(o->stage, IPC_EXEC_STAGE_USER);
	act(exec_chown_blob(&thing.u, paths, NULL, "nosuchgroup", s), s, o);
	assert_int_equal(o->stage, IPC_EXEC_STAGE_GROUP);

	exec_context_init(&c);
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), 0);      /* nothing to do */
	set_key(&c, "RuntimeDirectory=dir");
	act(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), s, o);
	assert_true(has_line(o->text, "dir=gone"));
	assert_true(has_line(o->text, "outside=there"));
	set_key(&c, "RuntimeDirectoryPreserve=restart");
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .restarting = true }, s), 0);
	act(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), s, o);
	assert_true(has_line(o->text, "dir=gone"));
	set_key(&c, "RuntimeDirectoryPreserve=yes");
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), 0);
	exec_context_done(&c);

	/* two commands of a run share a directory; cleaning takes exactly that one */
	exec_context_init(&c);
	set_key(&c, "PrivateTmp=yes");
	assert_return_code(exec_shared_acquire(&thing.u, &c), 0);
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), 1);
	assert_non_null(memmem(s->blob.data, s->blob.len, "/var/tmp/systemd-private-", 25));
	assert_non_null(memmem(s->blob.data, s->blob.len, "-probe.service-abcd00", 21));
	buf_finish(&s->blob);
	assert_null(thing.u.shared);
	exec_context_done(&c);
	free(s);
	free(o);
}

static const struct CMUnitTest tests[] = {
	/* words and environment */
	ROW("arguments", CALL("one 'two three' $$X"), WANT("argv.1=one", "argv.2=two three", "argv.3=$X")),
	ROW("argv[0]", .command = "@PROBE other name", WANT("argv.0=other", "argv.1=name")),
	ROW("variables", KEYS("Environment=\"ONE=one\" 'TWO=two two'"), CALL("x $ONE $TWO ${TWO} a${ONE}b $NONE ${NONE} x$ONE"),
	    WANT("argv.2=one", "argv.3=two", "argv.4=two", "argv.5=two two", "argv.6=aoneb", "argv.7=", "argv.8=x$ONE", "!argv.9*")),
	ROW("quotes in values", KEYS("Environment=ONE='one' \"TWO='two two' too\" THREE="), CALL("x $ONE $TWO $THREE ${ONE} ${TWO} ${THREE}"),
	    WANT("argv.2=one", "argv.3=two two", "argv.4=too", "argv.5=one", "argv.6='two two' too", "argv.7=", "!argv.8*")),
	ROW("no variables", KEYS("Environment=ONE=1"), .command = ":PROBE $ONE ${ONE} $$", WANT("argv.1=$ONE", "argv.2=${ONE}", "argv.3=$$")),
	ROW("environment", WANT("env.PATH=/usr/bin:/bin", "env.LANG=C.UTF-8", "env.MAINPID=42", "env.NOTIFY_SOCKET=/run/sysmaster/notify", "env.WATCHDOG_USEC=5000000",
				"env.INVOCATION_ID=abcd0000000000000000000000000000", "exec_pid_env=yes", "!env.USER=*", "!env.HOME=*", "!env.LISTEN_FDS=*", "!env.TERM=*")),
	ROW("later wins", KEYS("Environment=LANG=C A=1", "Environment=A=2"), WANT("env.LANG=C", "env.A=2", "!env.A=1", "!env.LANG=C.UTF-8")),
	ROW("environment file", KEYS("EnvironmentFile=/run/env", "EnvironmentFile=-/run/none", "Environment=ONE=unit"), .before = env_file,
	    WANT("env.ONE=one two", "env.TWO=a \"b\" $c", "env.THREE=x y", "env.EMPTY=", "env.FOUR=a b # not a comment", "!env.BAD*", "!env.only*")),
	ROW("environment files by glob", KEYS("EnvironmentFile=/run/env*"), .before = env_file, WANT("env.ONE=later")),
	ROW("missing environment file", KEYS("EnvironmentFile=/run/none"), FAILS(ENVIRONMENT, ENOENT)),
	ROW("unset", KEYS("UnsetEnvironment=LANG A=2 B=1", "Environment=A=1 B=1"), WANT("!env.LANG*", "env.A=1", "!env.B*")),
	ROW("search path", KEYS("ExecSearchPath=/opt/x:/usr/bin"), WANT("env.PATH=/opt/x:/usr/bin")),
	ROW("user's variables", KEYS(NOBODY), WANT("env.USER=nobody", "env.LOGNAME=nobody", "!env.SHELL*")),
	ROW("root's variables", KEYS("User=root"), WANT("env.USER=root", "env.HOME=/root", "env.SHELL=/bin/*")),

	/* the program */
	ROW("no such program", .command = "/nonexistent/program", FAILS(EXEC, ENOENT)),
	ROW("no such name", .command = "no-such-program-here", FAILS(EXEC, ENOENT)),
	ROW("name is looked up", .command = "cat /proc/self/comm", WANT("cat")),
	ROW("not executable", .command = "/etc/passwd", FAILS(EXEC, EACCES)),

	/* identity */
	ROW("user", KEYS(NOBODY), WANT("status.Uid:\t65534\t65534\t65534\t65534", "status.Gid:\t65534\t65534\t65534\t65534", "status.CapEff:\t0000000000000000")),
	ROW("user by number", KEYS("User=65534"), WANT("status.Uid:\t65534\t65534\t65534\t65534", "env.USER=nobody")),
	ROW("a number that is nobody's", KEYS("User=4711"), FAILS(USER, ESRCH)),
	ROW("a group that is nobody's", KEYS("Group=4711"), FAILS(GROUP, ESRCH)),
	ROW("group", KEYS("Group=daemon"), WANT("status.Uid:\t0\t0\t0\t0", "status.Gid:\t1\t1\t1\t1")),
	ROW("groups", KEYS(NOBODY, "SupplementaryGroups=daemon adm"), WANT("status.Groups:\t1 4 65534 ")),
	ROW("no such user", KEYS("User=nosuchuser"), FAILS(USER, ESRCH)),
	ROW("no such group", KEYS("Group=nosuchgroup"), FAILS(GROUP, ESRCH)),
	ROW("full privileges", KEYS(NOBODY, "NoNewPrivileges=yes", "CapabilityBoundingSet=CAP_CHOWN"), .command = "+PROBE",
	    WANT("status.Uid:\t0\t0\t0\t0", "status.NoNewPrivs:\t0", "env.USER=nobody")),
	ROW("no setuid", KEYS(NOBODY, "NoNewPrivileges=yes"), .command = "!PROBE", WANT("status.Uid:\t0\t0\t0\t0", "status.NoNewPrivs:\t1")),
	ROW("dynamic user", KEYS("DynamicUser=yes", "User=madeup"), WANT("!status.Uid:\t0*", "env.USER=madeup", "status.NoNewPrivs:\t1")),

	/* capabilities */
	ROW("bounding set", KEYS("CapabilityBoundingSet=CAP_CHOWN CAP_KILL"), WANT("status.CapBnd:\t0000000000000021", "status.CapEff:\t0000000000000021")),
	ROW("bounding set but", KEYS("CapabilityBoundingSet=~CAP_CHOWN"), WANT("!status.CapBnd:\t0000000000000001", "!status.CapEff:\t*ff")),
	ROW("ambient", KEYS(NOBODY, "AmbientCapabilities=CAP_NET_BIND_SERVICE"),
	    WANT("status.CapAmb:\t0000000000000400", "status.CapEff:\t0000000000000400", "status.CapPrm:\t0000000000000400", "status.Uid:\t65534*")),
	ROW("ambient of root", KEYS("AmbientCapabilities=CAP_CHOWN", "CapabilityBoundingSet=CAP_CHOWN CAP_KILL"), WANT("status.CapAmb:\t0000000000000001", "status.CapEff:\t0000000000000021")),
	ROW("secure bits", KEYS("SecureBits=noroot noroot-locked"), WANT("securebits=3", "status.CapEff:\t0000000000000000")),
	ROW("no new privileges", KEYS("NoNewPrivileges=yes"), WANT("status.NoNewPrivs:\t1")),

	/* attributes */
	ROW("plain", WANT("session=own", "umask=022", "cwd=/", "sigpipe=ignored", "status.SigBlk:\t0000000000000000", "fd.0=/dev/null", "!fd.3*", "!fd.4*", "!fd.5*")),
	ROW("sigpipe", KEYS("IgnoreSIGPIPE=no"), WANT("sigpipe=default", "status.SigIgn:\t0000000000000000")),
	ROW("umask", KEYS("UMask=0077"), WANT("umask=077")),
	ROW("limits", KEYS("LimitNOFILE=512:1000", "LimitCORE=0", "LimitCPU=2min"),
	    WANT("limit.NOFILE=512:1000", "limit.CORE=0:0", "limit.CPU=120:120")),
	ROW("nice", KEYS("Nice=5"), WANT("nice=5")),
	ROW("oom", KEYS("OOMScoreAdjust=300"), WANT("oom=300")),
	ROW("scheduler", KEYS("CPUSchedulingPolicy=batch"), WANT("sched=3:0")),
	ROW("real time", KEYS("CPUSchedulingPolicy=rr", "CPUSchedulingPriority=3", "CPUSchedulingResetOnFork=yes"), WANT("sched=1073741826:3")),
	ROW("io class", KEYS("IOSchedulingClass=idle"), WANT("ioprio=24580")),
	ROW("io priority", KEYS("IOSchedulingPriority=2"), WANT("ioprio=16386")),
	ROW("timer slack", KEYS("TimerSlackNSec=1ms"), WANT("timerslack=1000000")),
	ROW("personality", KEYS("Personality=x86"), WANT("personality=8")),
	ROW("affinity", KEYS("CPUAffinity=0"), WANT("status.Cpus_allowed_list:\t0")),
	ROW("core dump filter", KEYS("CoredumpFilter=private-anonymous elf-headers"), WANT("coredump=00000011")),

	/* directories */
	ROW("working directory", KEYS("WorkingDirectory=/usr"), WANT("cwd=/usr")),
	ROW("home as working directory", KEYS("User=root", "WorkingDirectory=~"), WANT("cwd=/root")),
	ROW("missing working directory", KEYS("WorkingDirectory=/nonexistent"), FAILS(CHDIR, ENOENT)),
	ROW("optional working directory", KEYS("WorkingDirectory=-/nonexistent"), WANT("cwd=/")),
	ROW("root directory", KEYS("RootDirectory=/usr/bin"), .command = "/sh -c :", FAILS(EXEC, ENOENT)),
	ROW("missing root directory", KEYS("RootDirectory=/nonexistent"), FAILS(NAMESPACE, ENOENT)),
	ROW("missing root directory without mounts", KEYS("RootDirectory=/nonexistent", "MountAPIVFS=no"), FAILS(CHROOT, ENOENT)),
	ROW("runtime directory", KEYS(NOBODY, "RuntimeDirectory=probe probe/deep/er", "RuntimeDirectoryMode=0750"), CALL("stat:/run/probe stat:/run/probe/deep stat:/run/probe/deep/er"),
	    WANT("stat:/run/probe=65534:65534:0750", "stat:/run/probe/deep=0:0:0755", "stat:/run/probe/deep/er=65534:65534:0750")),
	ROW("directory variables", KEYS("RuntimeDirectory=probe other", "StateDirectory=s", "CacheDirectory=c", "LogsDirectory=l", "ConfigurationDirectory=e"),
	    WANT("env.RUNTIME_DIRECTORY=/run/probe:/run/other", "env.STATE_DIRECTORY=/var/lib/s", "env.CACHE_DIRECTORY=/var/cache/c", "env.LOGS_DIRECTORY=/var/log/l",
		 "env.CONFIGURATION_DIRECTORY=/etc/e")),
	ROW("state directory is given away", KEYS(NOBODY, "StateDirectory=probe"), .before = old_state, CALL("stat:/var/lib/probe stat:/var/lib/probe/file"),
	    WANT("stat:/var/lib/probe=65534:65534:0755", "stat:/var/lib/probe/file=65534:65534:0644")),
	ROW("directory link", KEYS("StateDirectory=probe:other/link"), CALL("open:/var/lib/other/link"), WANT("open:/var/lib/other/link=ok")),
	ROW("dynamic state directory", KEYS("DynamicUser=yes", "User=madeup", "StateDirectory=probe"), CALL("write:/var/lib/probe/x list:/var/lib/private write:/var/lib/y"),
	    WANT("write:/var/lib/probe/x=ok", "write:/var/lib/y=EROFS")),
	ROW("credentials", KEYS(NOBODY, "LoadCredential=given", "LoadCredential=none", "SetCredential=own:value%%\\x21", "SetCredential=given:hidden"), .before = credential,
	    CALL("cat:/run/credentials/probe.service/given cat:/run/credentials/probe.service/own stat:/run/credentials/probe.service open:/run/credentials/probe.service/none"),
	    WANT("cat:/run/credentials/probe.service/givensecret", "cat:/run/credentials/probe.service/ownvalue%%!", "stat:/run/credentials/probe.service=65534:0:0500",
		 "open:/run/credentials/probe.service/none=ENOENT")),
	ROW("encrypted credentials", KEYS(NOBODY, "LoadCredentialEncrypted=one:/run/one", "LoadCredentialEncrypted=any", "LoadCredentialEncrypted=none", "SetCredentialEncrypted=two: " CREDENTIAL_TWO),
	    .before = encrypted, CALL("cat:/run/credentials/probe.service/one cat:/run/credentials/probe.service/two cat:/run/credentials/probe.service/any"),
	    WANT("cat:/run/credentials/probe.service/onehello-secret", "cat:/run/credentials/probe.service/twohello-null", "cat:/run/credentials/probe.service/anyhello-secret")),
	ROW("a credential of another name", KEYS("LoadCredentialEncrypted=two:/run/one"), .before = encrypted, FAILS(CREDENTIALS, EREMOTE)),
	ROW("a credential that is too old", KEYS("LoadCredentialEncrypted=late:/run/late"), .before = encrypted, FAILS(CREDENTIALS, ESTALE)),
	ROW("a credential that is none", KEYS("LoadCredentialEncrypted=text:/run/text"), .before = encrypted, FAILS(CREDENTIALS, EBADMSG)),
	ROW("a credential that was changed", KEYS("SetCredentialEncrypted=one:" CREDENTIAL_BAD), .before = encrypted, FAILS(CREDENTIALS, EBADMSG)),
	ROW("a credential for a TPM2", KEYS("SetCredentialEncrypted=one:" CREDENTIAL_TPM), .before = encrypted, FAILS(CREDENTIALS, EOPNOTSUPP)),
	ROW("no key to decrypt with", KEYS("SetCredentialEncrypted=one:" CREDENTIAL_ONE), FAILS(CREDENTIALS, ENOENT)),
	ROW("missing credential", KEYS("LoadCredential=x:/nonexistent"), FAILS(CREDENTIALS, ENOENT)),

	/* streams */
	ROW("null", KEYS("StandardOutput=null"), WANT("!uid*", "!cwd*")),
	ROW("file", KEYS("StandardError=truncate:/run/err"), .command = "/bin/sh -c 'echo oops >&2; cat /run/err'", WANT("oops")),
	ROW("append", KEYS("StandardError=append:/run/env2"), .before = env_file, .command = "/bin/sh -c 'echo oops >&2; cat /run/env2'", WANT("ONE=lateroops")),
	ROW("input file", KEYS("StandardInput=file:/run/env2"), .before = env_file, .command = "/bin/cat", WANT("ONE=later")),
	ROW("missing input file", KEYS("StandardInput=file:/run/none"), FAILS(STDIN, ENOENT)),
	ROW("input text", KEYS("StandardInputText=one\\ttwo", "StandardInputData=dGhyZWUK"), .command = "/bin/cat", WANT("one\ttwo", "three")),
	ROW("output directory missing", KEYS("StandardOutput=file:/run/no/file"), FAILS(STDOUT, ENOENT)),
	ROW("error directory missing", KEYS("StandardError=file:/run/no/file"), FAILS(STDERR, ENOENT)),
	ROW("sockets", .run_flags = RUN_LISTEN, WANT("fd.3=socket*", "fd.4=socket*", "!fd.5*", "env.LISTEN_FDS=2", "env.LISTEN_FDNAMES=web:admin", "pid_env=yes")),
	ROW("open files", .run_flags = RUN_LISTEN | RUN_OPEN, KEYS(NOBODY), .before = env_file,
	    WANT("fd.3=socket*", "fd.4=socket*", "fd.5=/run/env2", "flags.5=rw", "fd.6=/run/env2", "flags.6=rw append", "fd.7=/run/env", "fd.8=/etc/passwd", "flags.8=r",
		 "!fd.9*", "env.LISTEN_FDS=6", "env.LISTEN_FDNAMES=web:admin:both:end:cut:read")),
	ROW("open files without sockets", .run_flags = RUN_OPEN, .before = env_file, WANT("fd.3=/run/env2", "fd.6=/etc/passwd", "!fd.7*", "env.LISTEN_FDS=4")),
	ROW("missing file to open", .run_flags = RUN_MISSING, .before = env_file, FAILS(FDS, ENOENT)),
	ROW("socket by name", .run_flags = RUN_LISTEN, KEYS("StandardInput=fd:admin", "StandardOutput=null", "StandardError=truncate:/run/err"),
	    .command = "/bin/sh -c 'readlink /proc/self/fd/0 >&2'"),
	ROW("no socket of that name", .run_flags = RUN_LISTEN, KEYS("StandardInput=fd:other"), FAILS(STDIN, EBADF)),
	ROW("connection", .run_flags = RUN_CONNECTION, KEYS("StandardInput=socket", "StandardOutput=inherit"), WANT("!cwd*")),
	ROW("no terminal", .run_flags = RUN_TTY, KEYS("StandardInput=tty", "TTYPath=/dev/null"), FAILS(STDIN, ENOTTY)),

	ROW("log collector", KEYS("StandardOutput=journal", "SyslogIdentifier=id", "SyslogLevel=notice", "SyslogLevelPrefix=no"), .before = collector, .command = "/bin/echo hello",
	    WANT("id", "probe.service", "29", "0", "hello")),
	ROW("log collector's variable", KEYS("StandardOutput=journal"), .before = collector, WANT("env.JOURNAL_STREAM=*", "test-exec-probe")),

	/* PAM */
	ROW("PAM session", KEYS(NOBODY, "PAMName=probe"), .before = pam_service, WANT("env.FROM_PAM=yes", "status.Uid:\t65534*", "!fd.3*")),
	ROW("PAM says no", KEYS(NOBODY, "PAMName=closed"), .before = pam_service, FAILS(PAM, EACCES)),
	ROW("PAM only with a user", KEYS("PAMName=closed"), .before = pam_service, WANT("status.Uid:\t0*")),

	/* a user database beside files is the dynamic program's business */
	ROW("other user databases", KEYS(NOBODY), .before = other_databases, WANT("status.Uid:\t65534*", "env.USER=nobody")),
	ROW("no user anywhere", KEYS("User=nosuchuser"), .before = other_databases, FAILS(USER, ESRCH)),
	{ "terminal", terminal, NULL, NULL, NULL },
	{ "chown and remove", actions, NULL, NULL, NULL },
};

int main(void) { return rig_main(tests, ARRAY_SIZE(tests)); }

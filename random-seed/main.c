/*
 * main.c - random-seed: the command line, and the daemon that saves the seed at intervals and when it is told to end
 *
 * Read carry.h first. The daemon runs under any service manager (sd_notify(3)); `load` and `save` are for those without one.
 */
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "carry.h"
#include "generic.h"
#include "log.h"
#include "loop.h"
#include "machine.h"
#include "option.h"
#include "pool.h"
#include "sandbox.h"
#include "sdnotify.h"
#include "server.h"
#include "value.h"
#include "version.h"

#define DIR "/var/lib/sysmaster/random-seed"
#define INTERVAL "1h"
#define RETRY_USEC (60 * USEC_PER_SEC)  /* after a save that failed */

struct options { const char *directory, *interval, *socket; int credit; bool version; };

static const struct key_enum credits[] = { { "auto", CARRY_AUTO }, { "yes", CARRY_ALWAYS }, { "no", CARRY_NEVER }, { NULL, 0 } };
static const struct option_row option_rows[] = {
	{ "credit", 0, OPTION_ENUM, "auto|yes|no", offsetof(struct options, credit), credits, 0,
	  "let the kernel count the seed: where all is well; also where no name of the hardware tells the machine from its twin; never" },
	{ "directory", 0, OPTION_STRING, "DIR", offsetof(struct options, directory), NULL, 0, "of the seed file (" DIR ")" },
	{ "interval", 0, OPTION_STRING, "SPAN", offsetof(struct options, interval), NULL, 0, "between two saves of the daemon (" INTERVAL ")" },
	{ "socket", 0, OPTION_STRING, "PATH", offsetof(struct options, socket), NULL, 0, "of the daemon, for tests" },
	{ "version", 0, OPTION_FLAG, NULL, offsetof(struct options, version), NULL, 0, "print the version" },
};

static struct carry carry;
static struct loop *loop;
static struct server *server;
static struct source signals, ready;
static struct timer next;
static uint64_t interval_usec;

/* -- the daemon */

static int save_fire(struct timer *t)
{
	int r = carry_save(&carry);

	server_publish(server, IPC_RANDOM_SEED_EV_SAVED, &(struct ipc_seed_saved){ .creditable = r == 1, .error = MIN(r, 0) });
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + (r < 0 ? MIN(RETRY_USEC, interval_usec) : interval_usec), save_fire);
}

static int status(struct server_call *call, const void *req, void *rep)
{
	uint8_t unused[SEED_BYTES];

	*(struct ipc_seed_status *)rep = (struct ipc_seed_status){
		.version = SYSMASTER_VERSION, .verdict = carry.verdict, .credited_bits = carry.credited_bits, .pool_ready = pool_draw(unused) == 1,
		.boot_loader = carry.boot_loader, .directory = carry.config.dir, .saved_usec = carry.saved_usec, .creditable = carry.creditable,
		.saves = carry.saves, .failures = carry.failures, .error = carry.error, .interval_usec = interval_usec,
	};
	explicit_bzero(unused, sizeof(unused));
	return 0;
}

static int save(struct server_call *call, const void *req, void *rep)
{
	int r = save_fire(&next);

	if (r < 0)
		return r;
	*(struct ipc_seed_saved *)rep = (struct ipc_seed_saved){ .creditable = carry.creditable, .error = carry.error };
	return 0;
}

static const struct server_method methods[] = { { IPC_RANDOM_SEED_STATUS, status }, { IPC_RANDOM_SEED_SAVE, save } };

/* the kernel's pool has become ready: what is on disk may be counted from now on */
static int ready_fire(struct source *s, uint32_t events)
{
	source_del(s);
	closep(&s->fd);
	return carry.creditable ? 0 : save_fire(&next);
}

static int signal_fire(struct source *s, uint32_t events)
{
	sdnotify_send("STOPPING=1", -1);
	carry_save(&carry);
	loop_exit(loop, 0);
	return 0;
}

static int listen_to_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : source_add(loop, &signals, fd, EPOLLIN, signal_fire);
}

static const char *const entropy[] = { "ioctl:random", "capset", NULL };
static const struct sandbox_group groups[] = {
	{ "memory, random bytes", sandbox_memory }, { "the seed file", sandbox_files }, { "time", sandbox_time }, { "waiting", sandbox_poll },
	{ "sockets", sandbox_sockets }, { "locks of libc", sandbox_threads }, { "signals", sandbox_signals },
	{ "the pool, then no privilege any more", entropy }, { "leaving", sandbox_exit },
};
static const struct sandbox_list list = { "random-seed", groups, ARRAY_SIZE(groups) };

/* what follows is files of our own and a socket: nothing of that needs a privilege */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		log_event(LOG_WARNING, "SEED_CAPABILITIES", "privileges cannot be given up", F_ERRNO(-errno));
}

static const char *verdict_name(void) { return msg_enum_name(&ipc_seed_verdict_enum, (int32_t)carry.verdict); }

static int serve(const char *socket_path)
{
	struct server_config config = { .socket = &ipc_random_seed_socket, .path = socket_path, .methods = methods, .n_methods = ARRAY_SIZE(methods) };
	char text[128];
	int fd, r = loop_new(&loop, 4, false);

	mkdir("/run/sysmaster", 0755);          /* under another init nobody has made it */
	if (r >= 0)
		r = sdnotify_open();
	if (r >= 0)
		r = sandbox_enter(&list);               /* what is read next is foreign */
	if (r < 0)
		return r;
	carry_load(&carry);
	drop_capabilities();
	r = listen_to_signals();
	if (r >= 0)
		r = server_new(&server, &config);
	if (r >= 0)
		r = server_start(server, loop);
	if (r < 0)
		return r;
	fd = carry.creditable ? -1 : pool_watch();
	if (fd >= 0)
		source_add(loop, &ready, fd, EPOLLIN, ready_fire);
	timer_set(loop, &next, now_usec(CLOCK_BOOTTIME) + interval_usec, save_fire);
	log_event(LOG_INFO, "SEED_LOADED", "the seed of the last boot was taken", F_STR("VERDICT", verdict_name()), F_U64("CREDITED_BITS", carry.credited_bits));
	snprintf(text, sizeof(text), "READY=1\nSTATUS=Seed: %s, %u bits credited.", verdict_name(), carry.credited_bits);
	sdnotify_send(text, -1);
	return loop_run(loop);
}

/* -- the command line */

static int open_carry(const struct options *o)
{
	struct carry_config config = { .dir = o->directory, .root = "", .credit = (enum carry_credit)o->credit };
	int r = carry_open(&carry, &config);

	if (r < 0 && r != -EBUSY)
		log_event(LOG_WARNING, "SEED_DIRECTORY", "the folder of the seed cannot be opened; nothing is kept", F_STR("DIR", o->directory), F_ERRNO(r));
	return r == -EBUSY ? r : 0;
}

/* for who cannot go on beside another */
static int open_alone(const struct options *o)
{
	int r = open_carry(o);

	if (r == -EBUSY)
		log_event(LOG_ERR, "SEED_BUSY", "another random-seed holds the folder", F_STR("DIR", o->directory));
	return r;
}

static int verb_daemon(const struct options *o)
{
	int r = open_alone(o);

	if (r == 0)
		r = serve(o->socket);
	if (r < 0)
		log_event(LOG_ERR, "SEED_ENDED", "cannot go on", F_ERRNO(r));
	return r;
}

static int verb_load(const struct options *o)
{
	int r = open_alone(o);

	if (r < 0)
		return r;
	carry_load(&carry);
	printf("%s, %u bits credited\n", verdict_name(), carry.credited_bits);
	return carry.failures ? carry.error : 0;
}

/* ask the daemon, by the words of `sctl ipc` */
static int ask(const struct options *o, const char *method)
{
	char socket[4096];

	snprintf(socket, sizeof(socket), "random_seed%s%s", o->socket ? "@" : "", o->socket ?: "");
	return generic_call(2, (char *[]){ socket, (char *)(uintptr_t)method, NULL }, false, stdout);
}

static int verb_status(const struct options *o) { return ask(o, "status"); }

static int verb_save(const struct options *o)
{
	int r = open_carry(o);

	if (r == -EBUSY)
		return ask(o, "save");
	machine_identify("", carry.machine);
	r = carry_save(&carry);
	return MIN(r, 0);
}

static const struct verb { const char *name; int (*run)(const struct options *o); const char *doc; } verbs[] = {
	{ "daemon", verb_daemon, "load the seed, then save a new one at intervals, on request and at the end" },
	{ "load", verb_load, "load the seed, save its successor and end" },
	{ "save", verb_save, "save a new seed: by the daemon, or where none runs by itself" },
	{ "status", verb_status, "what the daemon says of the seed" },
};

static int read_options(struct options *o, int argc, char **argv, const struct verb **ret)
{
	static const struct option_set set = { option_rows, ARRAY_SIZE(option_rows), "random-seed", false };
	int words, r = options_parse(&set, o, argc, argv, &words, stdout, stderr);

	if (r != 0)
		return r;
	if (value_sec(o->interval, USEC_PER_SEC, &interval_usec) < 0 || interval_usec < USEC_PER_SEC) {
		fprintf(stderr, "random-seed: --interval=%s is no time span of a second or more\n", o->interval);
		return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs) && words + 1 == argc; i++)
		if (streq(verbs[i].name, argv[words]))
			*ret = &verbs[i];
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .directory = DIR, .interval = INTERVAL, .credit = CARRY_AUTO };
	const struct verb *verb = NULL;
	int r = read_options(&o, argc, argv, &verb);

	if (r != 0)
		return r > 0 ? EXIT_SUCCESS : 2;
	if (o.version)
		return printf("random-seed %s\n", SYSMASTER_VERSION) < 0;
	if (!verb) {
		fprintf(stderr, "random-seed: one of these words is needed:\n");
		for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
			fprintf(stderr, "  %-8s %s\n", verbs[i].name, verbs[i].doc);
		return 2;
	}
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);     /* no core file of a seed */
	signal(SIGPIPE, SIG_IGN);
	umask(0022);
	log_open("random-seed", LOG_TO_STDERR, NULL);
	r = verb->run(&o);
	return r < 0 ? EXIT_FAILURE : r;
}

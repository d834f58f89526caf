/* sandbox.c - what core may ask of the kernel: no exec, no mount, no ptrace, no module, no clock, no id changes */
#include "manager/manager.h"
#include "sandbox.h"

static const char *const load_plugins[] = { "mmap:exec", "mprotect:exec", NULL };
static const char *const make_things[] = { "mknod", "mknodat", NULL };
static const char *const look_around[] = { "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "sched_getaffinity", "name_to_handle_at", "getxattr", NULL };
static const char *const signal_others[] = { "kill", "pidfd_open", "pidfd_send_signal", NULL };
static const char *const ask_self[] = { "getgroups", "getresuid", "getresgid", "capget", "getsid", "getpgid", "getpriority", NULL };
static const char *const open_sockets[] = { "socket", "sendmmsg", "recvmmsg", NULL };
static const char *const message_queues[] = { "mq_open", "mq_timedreceive", "mq_unlink", "mq_getsetattr", NULL };

static const char *const answer_automounts[] = { "tee", "ioctl:autofs", "getpgrp", NULL };

static const struct sandbox_group groups[] = {
	{ "memory", sandbox_memory },
	{ "files", sandbox_files },
	{ "time", sandbox_time },
	{ "waiting", sandbox_poll },
	{ "sockets", sandbox_sockets },
	{ "locks of libc", sandbox_threads },
	{ "signals", sandbox_signals },
	{ "leaving", sandbox_exit },
	{ "unit-type plug-ins, loaded when first needed", load_plugins },
	{ "FIFOs of socket units", make_things },
	{ "looking around", look_around },
	{ "signalling services", signal_others },
	{ "asking about itself", ask_self },
	{ "listening for services", open_sockets },
	{ "POSIX message queues of socket units", message_queues },
	{ "automount units: a look into the pipe, answers through /dev/autofs", answer_automounts },
};
const struct sandbox_list core_sandbox = { "sysmaster-core", groups, ARRAY_SIZE(groups) };

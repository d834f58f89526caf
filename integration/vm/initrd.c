/*
 * initrd.c - the whole initramfs of the test machines: load drivers, mount the root, become the real init
 *
 * Reads the kernel command line:
 *   root=DEV        block device to mount, default /dev/vda
 *   rootfstype=T    its file system, default ext4
 *   ro / rw         how to mount it, default ro
 *   init=PATH       what to exec as PID 1, default /sbin/init
 * and the file /modules of the initramfs: one path of a kernel object per line, in loading order.
 * Writes the time of the exec to the kernel log: "initrd: exec PATH", which benchmarks take as time zero.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROOT_WAIT_MSEC 10000

struct options {
	char root[64];
	char fstype[16];
	char init[256];
	bool writable;
};

static const struct api {
	const char *target, *type, *data;
	unsigned long flags;
} apis[] = {
	{ "/dev",  "devtmpfs", "mode=0755", MS_NOSUID },
	{ "/proc", "proc",     NULL,        MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "/sys",  "sysfs",    NULL,        MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "/run",  "tmpfs",    "mode=0755", MS_NOSUID | MS_NODEV },
};

#define N_APIS (sizeof(apis) / sizeof(apis[0]))

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n, fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (fd < 0)
		return;
	if (n > 0 && write(fd, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1) < 0) {
		/* the kernel log is all there is: nobody else to tell */
	}
	close(fd);
}

static int fail(const char *what)
{
	say("<2>initrd: %s: %s", what, strerror(errno));
	sleep(1);	/* the message first, then the panic that ends the machine */
	return 1;
}

static void load_modules(void)
{
	char path[256];
	FILE *f = fopen("/modules", "re");

	while (f && fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
			say("<3>initrd: %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	if (f)
		fclose(f);
}

static void parse_word(struct options *o, const char *word)
{
	if (strncmp(word, "root=", 5) == 0)
		snprintf(o->root, sizeof(o->root), "%s", word + 5);
	else if (strncmp(word, "rootfstype=", 11) == 0)
		snprintf(o->fstype, sizeof(o->fstype), "%s", word + 11);
	else if (strncmp(word, "init=", 5) == 0)
		snprintf(o->init, sizeof(o->init), "%s", word + 5);
	else if (strcmp(word, "rw") == 0)
		o->writable = true;
	else if (strcmp(word, "ro") == 0)
		o->writable = false;
}

static void parse_cmdline(struct options *o)
{
	char line[4096] = "", *save = NULL;
	FILE *f = fopen("/proc/cmdline", "re");

	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	for (char *w = strtok_r(line, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
		parse_word(o, w);
}

static int mount_root(const struct options *o)
{
	struct timespec msec = { .tv_nsec = 1000000 };

	for (int i = 0; i < ROOT_WAIT_MSEC; i++) {
		if (mount(o->root, "/root", o->fstype, o->writable ? 0 : MS_RDONLY, NULL) == 0)
			return 0;
		if (errno != ENOENT && errno != ENXIO)
			return -1;
		nanosleep(&msec, NULL);	/* the driver is still probing */
	}
	return -1;
}

static int enter_root(void)
{
	char to[32];

	for (size_t i = 0; i < N_APIS; i++) {
		snprintf(to, sizeof(to), "/root%s", apis[i].target);
		if (mount(apis[i].target, to, NULL, MS_MOVE, NULL) < 0)
			return -1;
	}
	if (chdir("/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return -1;
	return chroot(".") < 0 || chdir("/") < 0 ? -1 : 0;
}

/* give the new init a console even when the kernel had none to open in the initramfs */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	for (int i = 0; fd >= 0 && i <= 2; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

int main(void)
{
	struct options o = { .root = "/dev/vda", .fstype = "ext4", .init = "/sbin/init" };

	for (size_t i = 0; i < N_APIS; i++) {
		mkdir(apis[i].target, 0755);
		if (mount(apis[i].type, apis[i].target, apis[i].type, apis[i].flags, apis[i].data) < 0 && errno != EBUSY)
			return fail(apis[i].target);
	}
	mkdir("/root", 0755);
	parse_cmdline(&o);
	load_modules();
	if (mount_root(&o) < 0)
		return fail(o.root);
	if (enter_root() < 0)
		return fail("switching to the root file system");
	open_console();
	say("<6>initrd: exec %s", o.init);
	execl(o.init, o.init, (char *)NULL);
	return fail(o.init);
}

/*
 * main.c - sysmaster-generators: runs the generators once and ends; systemd.generator(7), systemd.environment-generator(7)
 *
 * Started by core as a unit of its own before the first transaction and before each reload. Leaves unit files in
 * RUN/systemd/generator{,.early,.late}, where RUN is /run or $XDG_RUNTIME_DIR, and RUN/sysmaster/generators.environment for core.
 */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "buf.h"
#include "generators/makefs.h"
#include "generators/run.h"
#include "arch.h"
#include "unit/key.h"
#include "virt.h"
#include "version.h"

#define TIMEOUT_USEC (90 * USEC_PER_SEC)

static const char *const outputs[] = { "generator", "generator.early", "generator.late" };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f) { return remove(path) < 0 && errno != ENOENT ? -1 : 0; }

/* empty and there */
static int fresh_dir(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		return -errno;
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

/* what generators left empty need not be looked into */
static void drop_empty(char *const *dirs)
{
	for (; *dirs; dirs++)
		rmdir(*dirs);
}

static void set_facts(bool user)
{
	enum virt_class class;
	const char *virt = virt_detect(&class), *arch = arch_native();
	char text[128];

	setenv("SYSTEMD_SCOPE", user ? "user" : "system", true);
	setenv("SYSTEMD_IN_INITRD", access("/etc/initrd-release", F_OK) == 0 ? "1" : "0", true);
	setenv("SYSTEMD_FIRST_BOOT", access("/run/sysmaster/first-boot", F_OK) == 0 || access("/run/systemd/first-boot", F_OK) == 0 ? "1" : "0", true);
	snprintf(text, sizeof(text), "%s:%s", class == VIRT_VM ? "vm" : "container", virt);
	if (class != VIRT_NONE)
		setenv("SYSTEMD_VIRTUALIZATION", text, true);
	if (arch)
		setenv("SYSTEMD_ARCHITECTURE", arch, true);
}

static void say_skipped(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].skip)
			printf("<7>%s: not run: %s\n", p->v[i].name, p->v[i].skip);
}

static unsigned count(const struct plan *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += !p->v[i].skip;
	return n;
}

/* one assignment a line, as C strings are written where there is need */
static int write_environment(const char *path, char *const *env)
{
	_cleanup_(freep) char *tmp = NULL;
	FILE *f;
	int r = 0;

	if (asprintf(&tmp, "%s.new", path) < 0)
		return -ENOMEM;
	f = fopen(tmp, "we");
	if (!f)
		return -errno;
	for (; env && *env; env++)
		if (fwrite(*env, strlen(*env) + 1, 1, f) != 1)
			r = -EIO;
	if (fclose(f) != 0 || rename(tmp, path) < 0)
		r = -errno;
	return r;
}

static int environment(bool user, const char *run, uint64_t deadline_usec)
{
	_cleanup_(plan_done) struct plan p = { 0 };
	_cleanup_(strv_freep) char **env = NULL;
	_cleanup_(freep) char *path = NULL;
	int r = plan_make(&p, user ? PLAN_USER_ENVIRONMENT : PLAN_SYSTEM_ENVIRONMENT, "");

	if (r < 0)
		return r;
	if (asprintf(&path, "%s/sysmaster/generators.environment", run) < 0)
		return -ENOMEM;
	say_skipped(&p);
	r = run_environment(&p, deadline_usec, &env);
	if (r < 0)
		return r;
	if (!env) {
		unlink(path);
		return r;
	}
	int w = write_environment(path, env);

	return w < 0 ? w : r;
}

static int units(bool user, const char *run, uint64_t deadline_usec, unsigned *ret_run)
{
	_cleanup_(plan_done) struct plan p = { 0 };
	_cleanup_(strv_freep) char **dirs = NULL;
	char *path;
	int r = plan_make(&p, user ? PLAN_USER : PLAN_SYSTEM, "");

	if (r < 0)
		return r;
	if (asprintf(&path, "%s/systemd", run) < 0)
		return -ENOMEM;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		r = -errno;
	free(path);
	for (size_t i = 0; i < ARRAY_SIZE(outputs) && r >= 0; i++) {
		if (asprintf(&path, "%s/systemd/%s", run, outputs[i]) < 0)
			return -ENOMEM;
		r = fresh_dir(path);
		if (r < 0)
			fprintf(stderr, "%s: cannot be made anew: %s\n", path, strerror(-r));
		if (strv_consume(&dirs, path) < 0)
			return -ENOMEM;
	}
	if (r < 0)
		return r;
	say_skipped(&p);
	*ret_run = count(&p);
	/* generators take the directories in the order normal, early, late */
	r = (int)run_all(&p, dirs, deadline_usec);
	if (!user && makefs_generate(dirs[0]) < 0)
		r++;
	drop_empty(dirs);
	return r;
}

int main(int argc, char **argv)
{
	bool user = argc > 1 && streq(argv[1], "--user");
	const char *run = user ? getenv("XDG_RUNTIME_DIR") : "/run";
	uint64_t begin = now_usec(CLOCK_BOOTTIME);
	unsigned n = 0;
	int r, e;

	if (argc > 2 || (argc == 2 && !user)) {
		printf("sysmaster-generators %s: runs the generators, started by sysmaster-core\nUsage: sysmaster-generators [--user]\n", SYSMASTER_VERSION);
		return argc == 2 && (streq(argv[1], "--help") || streq(argv[1], "--version")) ? 0 : 2;
	}
	if (!run || *run != '/') {
		fprintf(stderr, "sysmaster-generators: XDG_RUNTIME_DIR is no path\n");
		return 1;
	}
	umask(0022);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);          /* the kernel log takes a line a write */
	if (chdir("/") < 0)
		return 1;
	set_facts(user);
	e = environment(user, run, begin + TIMEOUT_USEC);
	r = units(user, run, begin + TIMEOUT_USEC, &n);
	printf("<6>%u generators run in %llu ms\n", n, (unsigned long long)((now_usec(CLOCK_BOOTTIME) - begin) / USEC_PER_MSEC));
	if (r < 0 || e < 0)
		fprintf(stderr, "sysmaster-generators: %s\n", strerror(r < 0 ? -r : -e));
	return r != 0 || e != 0;
}

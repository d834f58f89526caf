/*
 * test-carry.c - the seed over reboots and power cuts
 *
 * The disk is a model that loses what was not synced: after a cut the folder has any prefix of the changes since its last fsync(2), and a
 * file that was not synced holds what it held before, the half of it, zeros, or all. The pool is a model without any luck: it starts from the same
 * state at each boot, and the clock stands still, so that two boots differ by nothing but the seed. The code is the real one, its
 * system calls are taken by the linker's --wrap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "carry.h"
#include "machine.h"
#include "pool.h"

#define DIR "/model-of-a-disk"
#define DIR_FD 5000
#define FILE_FD 5001            /* + inode */
#define INODES 24
#define CHANGES 8
#define TORN 4                  /* ways in which an unsynced file can come back */
#define CREDITS 64

/* -- the disk */

struct inode { uint8_t now[256], kept[256]; size_t n_now, n_kept; };
struct change { int name, inode; bool moved; };         /* moved: the other name is gone */
enum { SEED, NEW, NAMES };

static struct disk {
	struct inode inodes[INODES];
	int n_inodes, names[NAMES], kept_names[NAMES], n_changes;       /* of an inode; -1: no such name */
	struct change changes[CHANGES];
} disk;
static long fs_type = EXT4_SUPER_MAGIC;
static bool read_only;
static size_t at;               /* where the open file is read */

static int calls, cut;          /* cut: after so many of them the power is gone; 0: never */
static jmp_buf power;
static int count_call(int r)
{
	if (++calls == cut)
		longjmp(power, 1);
	return r;
}

static int name_of(const char *s) { return strcmp(s, "random-seed") == 0 ? SEED : NEW; }
static void apply(int names[NAMES], const struct change *c)
{
	names[c->name] = c->inode;
	if (c->moved)
		names[!c->name] = -1;
}
static void change(struct change c)
{
	assert_true(disk.n_changes < CHANGES);
	disk.changes[disk.n_changes++] = c;
	apply(disk.names, &c);
}

static void disk_format(void)
{
	disk = (struct disk){ .names = { -1, -1 }, .kept_names = { -1, -1 } };
}

static void tear(struct inode *i, int how)
{
	if (i->n_now != i->n_kept || memcmp(i->now, i->kept, i->n_now) != 0) {
		if (how == 1)
			i->n_kept = i->n_now / 2;
		if (how >= 2)
			i->n_kept = i->n_now;
		if (how == 1 || how == 3)
			memcpy(i->kept, i->now, i->n_kept);
		if (how == 2)
			memset(i->kept, 0, i->n_kept);
	}
	memcpy(i->now, i->kept, i->n_kept);
	i->n_now = i->n_kept;
}

/* the disk after a cut: @n of the folder's changes have come through */
static void disk_lose(int n, int torn)
{
	for (int i = 0; i < n; i++)
		apply(disk.kept_names, &disk.changes[i]);
	memcpy(disk.names, disk.kept_names, sizeof(disk.names));
	disk.n_changes = 0;
	for (int i = 0; i < disk.n_inodes; i++)
		tear(&disk.inodes[i], torn);
}

static void disk_put(const struct seed *s)
{
	disk_format();
	seed_encode(s, disk.inodes[0].now);
	disk.inodes[0].n_now = SEED_FILE_BYTES;
	disk.n_inodes = 1;
	disk.names[SEED] = disk.kept_names[SEED] = 0;
	memcpy(disk.inodes[0].kept, disk.inodes[0].now, SEED_FILE_BYTES);
	disk.inodes[0].n_kept = SEED_FILE_BYTES;
}

static bool disk_get(struct seed *s)
{
	int i = disk.names[SEED];

	return i >= 0 && seed_decode(disk.inodes[i].now, disk.inodes[i].n_now, s) == 0;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) { return strcmp(path, DIR) == 0 ? count_call(DIR_FD) : __real_open(path, flags, 0600); }
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
	if (strcmp(path, DIR) != 0)
		return __real_mkdir(path, mode);
	errno = EEXIST;
	return count_call(-1);
}
int __wrap_flock(int fd, int op);
int __wrap_flock(int fd, int op) { return count_call(0); }

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...)
{
	int i;

	if (dir != DIR_FD)
		return __real_openat(dir, name, flags, 0600);
	errno = read_only && (flags & O_CREAT) ? EROFS : ENOENT;
	if (errno == EROFS)
		return count_call(-1);
	i = disk.names[name_of(name)];
	if (i < 0 && (flags & O_CREAT)) {
		i = disk.n_inodes++ % INODES;
		assert_true(disk.n_inodes <= INODES);
		disk.inodes[i] = (struct inode){ 0 };
		change((struct change){ name_of(name), i, false });
	}
	at = 0;
	if (i >= 0 && (flags & O_TRUNC))
		disk.inodes[i].n_now = 0;
	return count_call(i < 0 ? -1 : FILE_FD + i);
}
ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	if (fd < FILE_FD)
		return __real_read(fd, buf, n);
	n = MIN(n, disk.inodes[fd - FILE_FD].n_now - at);
	memcpy(buf, disk.inodes[fd - FILE_FD].now + at, n);
	at += n;
	return count_call((int)n);
}
ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	if (fd < FILE_FD)
		return __real_write(fd, buf, n);
	memcpy(disk.inodes[fd - FILE_FD].now, buf, n);
	disk.inodes[fd - FILE_FD].n_now = n;
	return count_call((int)n);
}
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	if (fd == DIR_FD) {
		memcpy(disk.kept_names, disk.names, sizeof(disk.names));
		disk.n_changes = 0;
	} else {
		struct inode *i = &disk.inodes[fd - FILE_FD];

		memcpy(i->kept, i->now, i->n_now);
		i->n_kept = i->n_now;
	}
	return count_call(0);
}
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	change((struct change){ name_of(to), disk.names[name_of(from)], true });
	return count_call(0);
}
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd) { return fd < DIR_FD ? __real_close(fd) : count_call(0); }
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st)
{
	if (fd < FILE_FD)
		return __real_fstat(fd, st);
	*st = (struct stat){ .st_mode = S_IFREG | 0600 };
	return count_call(0);
}
int __wrap_fstatfs(int fd, struct statfs *f);
int __wrap_fstatfs(int fd, struct statfs *f)
{
	*f = (struct statfs){ .f_type = fs_type };
	return count_call(0);
}

/* -- the pool, the machine, the clock */

static uint8_t state[SEED_BYTES], credited[CREDITS][SEED_BYTES];
static unsigned n_credited;
static bool lively, pool_is_ready, mean;        /* lively: ready without us; mean: takes no credit */

int pool_mix(const void *data, size_t n)
{
	uint8_t all[2048];

	assert_true(n + SEED_BYTES <= sizeof(all));
	memcpy(all, state, SEED_BYTES);
	memcpy(all + SEED_BYTES, data, n);
	seed_hash("model", all, n + SEED_BYTES, state);
	return count_call(0);
}
int pool_credit(const void *data, size_t n)
{
	assert_int_equal(n, SEED_BYTES);
	if (mean)
		return count_call(-EPERM);
	assert_true(n_credited < CREDITS);
	memcpy(credited[n_credited++], data, SEED_BYTES);
	pool_is_ready = true;
	return pool_mix(data, n);
}
int pool_draw(uint8_t ret[SEED_BYTES])
{
	seed_hash("drawn", state, SEED_BYTES, ret);
	seed_hash("model", ret, SEED_BYTES, state);
	return count_call(pool_is_ready);
}

static enum machine_kind kind;
static uint8_t machine_number;
enum machine_kind __wrap_machine_identify(const char *root, uint8_t ret[SEED_BYTES]);
enum machine_kind __wrap_machine_identify(const char *root, uint8_t ret[SEED_BYTES])
{
	memset(ret, kind == MACHINE_KNOWN ? machine_number : 0, SEED_BYTES);
	return kind;
}
uint64_t __wrap_now_usec(int clock);
uint64_t __wrap_now_usec(int clock) { return 42; }

/* -- boots */

static struct carry c;
static enum carry_credit credit;

static void boot(void)
{
	memset(state, 7, sizeof(state));
	pool_is_ready = lively;
	calls = 0;
	assert_int_equal(carry_open(&c, &(struct carry_config){ .dir = DIR, .root = "/nonexistent", .credit = credit }), 0);
	carry_load(&c);
	carry_close(&c);
}

/* a boot whose power fails after @n calls; false: it was over before */
static bool boot_until(int n)
{
	cut = n;
	if (setjmp(power) == 0) {
		boot();
		cut = 0;
		return false;
	}
	cut = 0;
	return true;
}

static void start(enum machine_kind k, bool pool_lively)
{
	struct seed first = { .creditable = true };

	kind = k;
	lively = pool_lively;
	mean = read_only = false;
	fs_type = EXT4_SUPER_MAGIC;
	machine_number = 1;
	credit = CARRY_AUTO;
	n_credited = 0;
	memset(first.machine, 1, SEED_BYTES);
	memset(first.bytes, 0x5e, SEED_BYTES);
	disk_put(&first);
}

static void no_seed_twice(void)
{
	for (unsigned i = 0; i < n_credited; i++)
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(credited[i], credited[j], SEED_BYTES);
}

/* each cut of a boot, each way in which the disk can look then, and again, and then a boot that goes through */
static void cuts(int depth, unsigned *histories)
{
	struct disk before = disk;
	unsigned before_credited = n_credited;
	struct seed s;

	for (int n = 1;; n++) {
		struct disk after;
		unsigned after_credited;
		bool was_cut;

		disk = before;
		n_credited = before_credited;
		was_cut = boot_until(n);
		no_seed_twice();
		after = disk;
		after_credited = n_credited;
		for (int kept = 0; kept <= after.n_changes; kept++)
			for (int torn = 0; torn < TORN; torn++) {
				disk = after;
				n_credited = after_credited;
				disk_lose(kept, torn);
				assert_true(disk_get(&s));      /* the old one or the new one, whole */
				if (depth > 1) {
					cuts(depth - 1, histories);
				} else {
					boot();
					no_seed_twice();
					(*histories)++;
				}
			}
		if (!was_cut)
			break;
	}
	disk = before;
	n_credited = before_credited;
}

static void no_cut_loses_or_doubles_a_seed(void **unused)
{
	for (int ready = 0; ready < 2; ready++) {
		unsigned histories = 0;

		start(MACHINE_KNOWN, ready);
		cuts(2, &histories);
		assert_true(histories > 1000);
		print_message("%u histories of two power cuts and a boot, pool %s\n", histories, ready ? "ready" : "not ready");
	}
}

/* and when nothing goes wrong: what a boot leaves is counted at the next, each time another */
static void boot_without_cut_changes_the_seed(void **unused)
{
	struct seed s;

	start(MACHINE_KNOWN, false);
	for (int i = 0; i < 5; i++) {
		boot();
		assert_int_equal(c.verdict, IPC_SEED_VERDICT_CREDITED);
		assert_int_equal(c.credited_bits, 256);
		disk_lose(0, 0);
		assert_true(disk_get(&s) && s.creditable);
	}
	assert_int_equal(n_credited, 5);
	no_seed_twice();
}

static void verdicts(void **unused)
{
	static const struct {
		const char *what; enum machine_kind kind; enum carry_credit credit; bool lively, read_only, mean, other; long fs; enum ipc_seed_verdict verdict;
	} rows[] = {
		{ "all well", MACHINE_KNOWN, CARRY_AUTO, .verdict = IPC_SEED_VERDICT_CREDITED },
		{ "pool ready", MACHINE_KNOWN, CARRY_AUTO, .lively = true, .verdict = IPC_SEED_VERDICT_NEEDLESS },
		{ "first boot", MACHINE_FIRST_BOOT, CARRY_ALWAYS, .verdict = IPC_SEED_VERDICT_FIRST_BOOT },
		{ "nameless", MACHINE_NAMELESS, CARRY_AUTO, .verdict = IPC_SEED_VERDICT_NAMELESS },
		{ "container", MACHINE_CONTAINER, CARRY_ALWAYS, .verdict = IPC_SEED_VERDICT_CONTAINER },
		{ "copied disk", MACHINE_KNOWN, CARRY_ALWAYS, .other = true, .verdict = IPC_SEED_VERDICT_FOREIGN },
		{ "switched off", MACHINE_KNOWN, CARRY_NEVER, .verdict = IPC_SEED_VERDICT_REFUSED },
		{ "read-only", MACHINE_KNOWN, CARRY_AUTO, .read_only = true, .verdict = IPC_SEED_VERDICT_UNSAVED },
		{ "in memory", MACHINE_KNOWN, CARRY_AUTO, .fs = TMPFS_MAGIC, .verdict = IPC_SEED_VERDICT_UNSAVED },
		{ "live medium", MACHINE_KNOWN, CARRY_AUTO, .fs = OVERLAYFS_SUPER_MAGIC, .verdict = IPC_SEED_VERDICT_UNSAVED },
		{ "no privilege", MACHINE_KNOWN, CARRY_AUTO, .mean = true, .verdict = IPC_SEED_VERDICT_FAILED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("%s\n", rows[i].what);
		start(rows[i].kind, rows[i].lively);
		credit = rows[i].credit;
		read_only = rows[i].read_only;
		mean = rows[i].mean;
		machine_number += rows[i].other;
		fs_type = rows[i].fs ?: EXT4_SUPER_MAGIC;
		boot();
		assert_int_equal(c.verdict, rows[i].verdict);
		assert_int_equal(n_credited, rows[i].verdict == IPC_SEED_VERDICT_CREDITED);
		assert_int_equal(c.failures > 0, rows[i].read_only);
	}
}

static void files_that_are_none(void **unused)
{
	struct seed s;

	start(MACHINE_KNOWN, true);
	disk_format();
	boot();
	assert_int_equal(c.verdict, IPC_SEED_VERDICT_MISSING);
	assert_true(disk_get(&s) && s.creditable);

	for (size_t bit = 0; bit < SEED_FILE_BYTES * 8; bit++) {
		start(MACHINE_KNOWN, false);
		disk.inodes[0].now[bit / 8] ^= (uint8_t)(1 << bit % 8);
		boot();
		assert_int_equal(c.verdict, IPC_SEED_VERDICT_DAMAGED);
		assert_int_equal(n_credited, 0);
	}
	start(MACHINE_KNOWN, false);
	disk.inodes[0].n_now = 0;
	boot();
	assert_int_equal(c.verdict, IPC_SEED_VERDICT_DAMAGED);
	boot();                                 /* what that one wrote, with a pool that was not ready */
	assert_int_equal(c.verdict, IPC_SEED_VERDICT_WEAK);
	assert_int_equal(n_credited, 0);
}

/* the next seed depends on all of the last one and all of the fresh bytes */
static void both_go_into_the_next(void **unused)
{
	uint8_t old[SEED_BYTES] = { 1 }, fresh[SEED_BYTES] = { 2 }, first[SEED_BYTES], other[SEED_BYTES];

	seed_next(old, sizeof(old), fresh, 9, first);
	for (size_t i = 0; i < 2 * SEED_BYTES; i++) {
		uint8_t *byte = i < SEED_BYTES ? &old[i] : &fresh[i - SEED_BYTES];

		*byte ^= 0x80;
		seed_next(old, sizeof(old), fresh, 9, other);
		assert_memory_not_equal(first, other, SEED_BYTES);
		*byte ^= 0x80;
	}
	seed_next(NULL, 0, fresh, 9, other);
	assert_memory_not_equal(first, other, SEED_BYTES);
}

/* -- the machine */

static char root[] = "/tmp/test-carry.XXXXXX";
enum virt_class;
const char *__wrap_virt_detect(enum virt_class *class);
const char *__wrap_virt_detect(enum virt_class *class) { memset(class, 0, sizeof(int)); return "none"; }
enum machine_kind __real_machine_identify(const char *root, uint8_t ret[SEED_BYTES]);

static void put(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void machines(void **unused)
{
	uint8_t one[SEED_BYTES], other[SEED_BYTES];
	char command[64];

	assert_non_null(mkdtemp(root));
	assert_int_equal(__real_machine_identify(root, one), MACHINE_FIRST_BOOT);
	put("/etc/machine-id", "uninitialized\n");
	assert_int_equal(__real_machine_identify(root, one), MACHINE_FIRST_BOOT);
	put("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	assert_int_equal(__real_machine_identify(root, one), MACHINE_NAMELESS);
	put("/sys/class/dmi/id/product_serial", "To Be Filled By O.E.M.\n");
	assert_int_equal(__real_machine_identify(root, one), MACHINE_NAMELESS);
	put("/sys/class/dmi/id/product_uuid", "5f0c1a2e-0000-4000-8000-0123456789ab\n");
	assert_int_equal(__real_machine_identify(root, one), MACHINE_KNOWN);
	assert_int_equal(__real_machine_identify(root, other), MACHINE_KNOWN);
	assert_memory_equal(one, other, SEED_BYTES);
	put("/sys/class/dmi/id/product_uuid", "5f0c1a2e-0000-4000-8000-0123456789ac\n");
	assert_int_equal(__real_machine_identify(root, other), MACHINE_KNOWN);
	assert_memory_not_equal(one, other, SEED_BYTES);
	put("/run/systemd/first-boot", "");
	assert_int_equal(__real_machine_identify(root, one), MACHINE_FIRST_BOOT);
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_without_cut_changes_the_seed), cmocka_unit_test(no_cut_loses_or_doubles_a_seed), cmocka_unit_test(verdicts),
		cmocka_unit_test(files_that_are_none), cmocka_unit_test(both_go_into_the_next), cmocka_unit_test(machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

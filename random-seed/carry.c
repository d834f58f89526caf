/* carry.c - see carry.h */
#include <fcntl.h>
#include <stdio.h>
#include "carry.h"
#include "efi.h"
#include "log.h"
#include "machine.h"
#include "pool.h"

#define OTHER_MAX 1024          /* of a seed that is not in our form: systemd's has 32 to 512 bytes */
#define SYSTEMD_SEED "/var/lib/systemd/random-seed"
#define EFI_USED "/run/sysmaster/random-seed.efi-used"

int carry_open(struct carry *c, const struct carry_config *config)
{
	*c = (struct carry){ .config = *config, .store.dir_fd = -1, .verdict = IPC_SEED_VERDICT_MISSING };
	return store_open(&c->store, config->dir);
}

void carry_close(struct carry *c) { store_close(&c->store); }

/* write the successor of @old; @ready: what pool_draw() said of @fresh */
static int write_next(struct carry *c, const void *old, size_t n_old, const uint8_t fresh[SEED_BYTES], bool ready)
{
	struct seed next = { .creditable = ready, .saved_usec = now_usec(CLOCK_REALTIME) };
	int r = c->store.dir_fd < 0 ? -EROFS : 0;

	memcpy(next.machine, c->machine, SEED_BYTES);
	seed_next(old, n_old, fresh, next.saved_usec, next.bytes);
	if (r == 0)
		r = store_write(&c->store, &next);
	explicit_bzero(&next, sizeof(next));
	if (r < 0) {
		c->failures++;
		c->error = r;
		log_event(LOG_WARNING, "SEED_UNSAVED", "the seed for the next boot cannot be saved", F_STR("DIR", c->config.dir), F_ERRNO(r));
		return r;
	}
	c->saves++;
	c->creditable = ready;
	c->saved_usec = now_usec(CLOCK_REALTIME);
	return ready;
}

int carry_save(struct carry *c)
{
	uint8_t fresh[SEED_BYTES], old[OTHER_MAX];
	int n = c->store.dir_fd < 0 ? -EROFS : store_read(&c->store, old, sizeof(old)), r;

	r = write_next(c, old, n > 0 ? (size_t)n : 0, fresh, pool_draw(fresh) == 1);
	explicit_bzero(fresh, sizeof(fresh));
	explicit_bzero(old, sizeof(old));
	return r;
}

/* what speaks against counting it, before anything is written; CREDITED: nothing */
static enum ipc_seed_verdict judge(const struct carry *c, const struct seed *s, enum machine_kind kind, bool ready)
{
	static const enum ipc_seed_verdict kinds[] = {
		[MACHINE_FIRST_BOOT] = IPC_SEED_VERDICT_FIRST_BOOT, [MACHINE_NAMELESS] = IPC_SEED_VERDICT_NAMELESS,
		[MACHINE_CONTAINER] = IPC_SEED_VERDICT_CONTAINER,
	};

	if (!s->creditable)
		return IPC_SEED_VERDICT_WEAK;
	if (kind != MACHINE_KNOWN && !(kind == MACHINE_NAMELESS && c->config.credit == CARRY_ALWAYS))
		return kinds[kind];
	if (memcmp(s->machine, c->machine, SEED_BYTES) != 0)
		return IPC_SEED_VERDICT_FOREIGN;
	if (c->config.credit == CARRY_NEVER)
		return IPC_SEED_VERDICT_REFUSED;
	if (ready)
		return IPC_SEED_VERDICT_NEEDLESS;
	return store_keeps(&c->store) < 0 ? IPC_SEED_VERDICT_UNSAVED : IPC_SEED_VERDICT_CREDITED;
}

static void stir(const void *data, size_t n)
{
	int r = pool_mix(data, n);

	if (r < 0)
		log_event(LOG_ERR, "SEED_MIX", "the kernel's pool cannot be written to", F_ERRNO(r));
}

/* whatever makes two machines that start from one image differ */
static void stir_circumstances(const struct carry *c)
{
	uint64_t times[] = { now_usec(CLOCK_REALTIME), now_usec(CLOCK_BOOTTIME), now_usec(CLOCK_MONOTONIC) };

	stir(times, sizeof(times));
	stir(c->machine, sizeof(c->machine));
}

/* a seed of systemd's: it may have been used, and copied; it does no harm */
static void stir_systemd(const struct carry *c)
{
	uint8_t bytes[OTHER_MAX];
	char path[4096];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s" SYSTEMD_SEED, c->config.root);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	if (n > 0)
		stir(bytes, (size_t)n);
	explicit_bzero(bytes, sizeof(bytes));
}

static bool count(struct carry *c, const uint8_t *seed)
{
	int r = pool_credit(seed, SEED_BYTES);

	if (r == 0)
		c->credited_bits += SEED_BYTES * 8;
	else
		log_event(LOG_WARNING, "SEED_CREDIT", "the kernel does not count the seed", F_ERRNO(r));
	return r == 0;
}

/* once a boot: a daemon that is started again must not count it twice */
static bool first_use(const struct carry *c)
{
	_cleanup_(closep) int fd = -1;
	char path[4096];

	snprintf(path, sizeof(path), "%s" EFI_USED, c->config.root);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0;
}

static void take_boot_loader(struct carry *c, enum machine_kind kind, bool ready)
{
	uint8_t bytes[EFI_SEED_MAX], hashed[SEED_BYTES];
	bool own;
	int n = kind == MACHINE_CONTAINER ? -ENOENT : efi_seed(c->config.root, bytes, &own);

	if (n <= 0)
		return;
	c->boot_loader = true;
	stir(bytes, (size_t)n);
	seed_hash("sysmaster random-seed: boot loader", bytes, (size_t)n, hashed);
	if (own && n >= SEED_BYTES && kind == MACHINE_KNOWN && c->config.credit != CARRY_NEVER && !ready && first_use(c))
		count(c, hashed);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(hashed, sizeof(hashed));
}

void carry_load(struct carry *c)
{
	enum machine_kind kind = machine_identify(c->config.root, c->machine);
	uint8_t raw[OTHER_MAX], fresh[SEED_BYTES];
	int n = c->store.dir_fd < 0 ? -ENOENT : store_read(&c->store, raw, sizeof(raw)), r;
	struct seed old = { 0 };
	bool ready;

	if (n > 0)
		stir(raw, (size_t)n);
	stir_systemd(c);
	stir_circumstances(c);
	ready = pool_draw(fresh) == 1;          /* with what was just stirred in */
	if (n < 0)
		c->verdict = n == -ENOENT ? IPC_SEED_VERDICT_MISSING : IPC_SEED_VERDICT_DAMAGED;
	else
		c->verdict = seed_decode(raw, (size_t)n, &old) < 0 ? IPC_SEED_VERDICT_DAMAGED : judge(c, &old, kind, ready);
	r = write_next(c, raw, n > 0 ? (size_t)n : 0, fresh, ready);
	if (c->verdict == IPC_SEED_VERDICT_CREDITED && r < 0)
		c->verdict = IPC_SEED_VERDICT_UNSAVED;
	if (c->verdict == IPC_SEED_VERDICT_CREDITED && !count(c, old.bytes))
		c->verdict = IPC_SEED_VERDICT_FAILED;
	take_boot_loader(c, kind, ready);
	explicit_bzero(raw, sizeof(raw));
	explicit_bzero(&old, sizeof(old));
	if (r == 0 && pool_draw(fresh) == 1)    /* written while the pool was not ready: now it is */
		carry_save(c);
	explicit_bzero(fresh, sizeof(fresh));
}

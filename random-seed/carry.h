/*
 * carry.h - entropy over a reboot: what happens to the seed at boot, and how the next one is saved
 *
 * At boot: stir the old one in, without credit; write its successor so that it stays; only then let the kernel count the old one, if
 * everything about it is right; and as soon as the pool is ready, write a successor that may be counted in its turn.
 */
#pragma once
#include "random-seed.ipc.h"
#include "store.h"

enum carry_credit { CARRY_NEVER, CARRY_AUTO, CARRY_ALWAYS /* also where the machine cannot be told from its twin */ };

struct carry_config {
	const char *dir;                /* of the seed file */
	const char *root;               /* "" but in tests: where the machine's own files are looked for */
	enum carry_credit credit;
};

struct carry {
	struct carry_config config;
	struct store store;
	uint8_t machine[SEED_BYTES];
	enum ipc_seed_verdict verdict;
	uint32_t credited_bits, saves, failures;
	bool boot_loader, creditable;
	uint64_t saved_usec;
	int error;
};

/** carry_open() - the folder and its lock; 0 or -errno (-EROFS, -ENOENT ...: carry_load() goes on without) */
int carry_open(struct carry *c, const struct carry_config *config);
void carry_close(struct carry *c);
/** carry_load() - once a boot. .verdict says what became of the seed; it never fails as a whole */
void carry_load(struct carry *c);
/** carry_save() - a new seed from the pool and the last; 1: it may be credited next time; 0: not, for the pool is not ready; -errno */
int carry_save(struct carry *c);

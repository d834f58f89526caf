/*
 * transaction.h - a wish and all that follows from it, checked as a whole and applied as a whole or not at all
 *
 * Source: systemd(1) "Concepts" on transactions, systemctl(1) --job-mode=, systemd.unit(5) on each dependency.
 */
#pragma once
#include "job/job.h"

struct transaction_wish { struct unit *unit; enum ipc_job_type type; };
#define TRANSACTION_WHY 512
/**
 * transaction_submit() - build, check and apply
 * @ret_jobs: @n entries, filled with the job of each wish, NULL where there was nothing to do; may be NULL
 * @why:      TRANSACTION_WHY bytes: one sentence on failure; the names of a cycle
 * Return: 0; -ENOENT, -ERFKILL (masked), -ENOEXEC (bad setting), -EADDRNOTAVAIL: not loaded; -EDEADLK: cycle that cannot be
 * broken; -EEXIST: conflicting jobs within; -EBUSY: a job there is in the way (mode fail, or it is irreversible); -EOPNOTSUPP.
 */
int transaction_submit(struct jobs *js, const struct transaction_wish *wishes, size_t n, enum ipc_job_mode mode,
		       struct job **ret_jobs, char *why);

/** what transaction_test() is told of besides the answer: an ordering cycle, and the unit whose job was given up for it (NULL: none could be) */
struct transaction_watch { void (*cycle)(struct transaction_watch *w, const char *text, const struct unit *dropped); };
/** transaction_test() - would a start of @u work, as far as files can tell? Built and checked, never applied. As transaction_submit() */
int transaction_test(struct unit *u, struct transaction_watch *watch, char *why);

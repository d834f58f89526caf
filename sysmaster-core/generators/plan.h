/*
 * plan.h - which generators there are, and which of them have nothing to do; systemd.generator(7), systemd.environment-generator(7)
 *
 * Of one name the first directory's file counts; an empty file or a link to /dev/null switches it off. systemd's own generators in
 * /usr/lib/systemd look at one thing first and end when it is not there: then they are not run at all (rows in skip.c). One that core
 * does itself is never run. Anybody else's generator always is.
 */
#pragma once
#include "util.h"

enum plan_kind { PLAN_SYSTEM, PLAN_USER, PLAN_SYSTEM_ENVIRONMENT, PLAN_USER_ENVIRONMENT, N_PLAN_KINDS };

struct generator {
	char *path;
	const char *name;               /* within path */
	const char *skip;               /* why it is not run; NULL: it is */
};
struct plan { struct generator *v; size_t n; };

/** plan_make() - sorted by name. @root: "" or a folder that stands for / (tests). $SYSTEMD_GENERATOR_PATH or ..._ENVIRONMENT_GENERATOR_PATH replace the directories. -ENOMEM */
int plan_make(struct plan *ret, enum plan_kind kind, const char *root);
void plan_done(struct plan *p);

/** skip_reason() - skip.c: has systemd's generator of that name nothing to do here? A sentence, or NULL */
const char *skip_reason(const char *name, const char *root);

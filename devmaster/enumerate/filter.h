/* filter.h - what a device must be to be found; the rows of enumerate.h's kinds */
#pragma once
#include "enumerate.h"

struct filter_row { struct filter_row *next; const char *key, *value; };
struct filter {
	struct filter_row *rows[ENUMERATE_KINDS];
	enum enumerate_initialized initialized;
};

int filter_add(struct filter *f, struct arena *a, enum enumerate_kind kind, const char *key, const char *value);       /* -ENOMEM */
bool filter_subsystem(const struct filter *f, const char *subsystem);   /* NULL: none */
bool filter_name(const struct filter *f, const char *name);
/** filter_pass() - all kinds; what belongs to no subsystem never passes. @name: that names are compared with. Reads the record when it must */
bool filter_pass(const struct filter *f, struct device *d, const char *name, struct database *db);

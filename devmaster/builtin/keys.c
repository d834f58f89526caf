/* keys.c - see keys.h */
#include <linux/input-event-codes.h>
#include "keys.h"
#include "util.h"

static const struct key { const char *name; int number; } keys[] = {
#include "key-names.h"
};

static int compare(const void *name, const void *key) { return strcmp(name, ((const struct key *)key)->name); }

int key_number(const char *name)
{
	const struct key *k = bsearch(name, keys, ARRAY_SIZE(keys), sizeof(*keys), compare);

	return k ? k->number : -ENOENT;
}

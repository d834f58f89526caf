/* condition.c - lists of conditions: reading and testing them; the single tests are in condition-*.c */
#include <stdio.h>
#include "unit/checks.h"
#include "unit/unit.h"

#define ROW(name, doc) { #name, doc },
const struct condition_name condition_names[] = { CONDITIONS(ROW) { NULL, NULL } };
const size_t n_condition_names = N_CONDITIONS;

/* Each gives 1, 0 or an error, which counts as no; '!' is not their business. */
#define TEST(name, doc) [CONDITION_##name] = check_##name,
static int (*const checks[N_CONDITIONS])(const char *parameter, const struct unit *u) = { CONDITIONS(TEST) };

static bool takes_path(int type)
{
	switch (type) {
	case CONDITION_PathExists: case CONDITION_PathExistsGlob: case CONDITION_PathIsDirectory: case CONDITION_PathIsSymbolicLink:
	case CONDITION_PathIsMountPoint: case CONDITION_PathIsReadWrite: case CONDITION_PathIsEncrypted:
	case CONDITION_DirectoryNotEmpty: case CONDITION_FileNotEmpty: case CONDITION_FileIsExecutable: case CONDITION_NeedsUpdate:
		return true;
	}
	return false;
}

static void condition_free(struct condition *c)
{
	free(c->parameter);
	free(c);
}

void condition_list_free(struct condition *c)
{
	while (c) {
		struct condition *next = c->next;

		condition_free(c);
		c = next;
	}
}

static int parse_condition(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct condition **list = field, *c;
	bool trigger, negate;
	const char *p = value;
	char *parameter = NULL;
	int r, type = (int)(k->arg & ~CONDITION_ASSERT);

	if (!*value) {                          /* resets every condition of the unit, not just this type's */
		condition_list_free(TAKE_PTR(*list));
		return 0;
	}
	trigger = *p == '|';
	p += trigger;
	p += strspn(p, " \t");
	negate = *p == '!';
	p += negate;
	p += strspn(p, " \t");
	r = key_expand(at, p, (size_t)(p - value), &parameter);
	if (r == 0 && takes_path(type))
		r = key_path_check(at, (size_t)(p - value), parameter);
	c = r == 0 ? malloc(sizeof(*c)) : NULL;
	if (!c) {
		free(parameter);
		return r < 0 ? r : -ENOMEM;
	}
	*c = (struct condition){ .type = type, .trigger = trigger, .negate = negate, .parameter = parameter, .result = CONDITION_UNTESTED };
	while (*list)
		list = &(*list)->next;
	*list = c;
	return 0;
}

static void clear_conditions(const struct key *k, void *field)
{
	condition_list_free(TAKE_PTR(*(struct condition **)field));
}
const struct key_kind kind_condition = { "[|][!]condition", parse_condition, NULL, clear_conditions };

int condition_test(struct condition *c, const struct unit *u)
{
	int r = checks[c->type](c->parameter, u);

	c->result = r < 0 ? r : (r > 0) != c->negate;
	return c->result;
}

int condition_list_test(struct condition *list, const struct unit *u, const struct condition **failed)
{
	const struct condition *first_trigger = NULL;
	bool triggered = false;

	for (struct condition *c = list; c; c = c->next)
		c->result = CONDITION_UNTESTED;
	for (struct condition *c = list; c; c = c->next) {
		int r = condition_test(c, u);

		if (!c->trigger && r <= 0) {
			*failed = c;
			return 0;
		}
		if (c->trigger && r > 0)
			triggered = true;
		if (c->trigger && !first_trigger)
			first_trigger = c;
	}
	if (first_trigger && !triggered) {
		*failed = first_trigger;
		return 0;
	}
	return 1;
}

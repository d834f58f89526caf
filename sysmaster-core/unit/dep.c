/* dep.c - dependencies between units: kinds and their inverses, and each unit's array of them, sorted by the other's address */
#include "unit/name.h"
#include "unit/set.h"
#include "unit/unit.h"

static const struct { const char *name; enum dep_kind inverse; } kinds[N_DEP_KINDS] = {
	[DEP_REQUIRES] = { "Requires", DEP_REQUIRED_BY },
	[DEP_REQUISITE] = { "Requisite", DEP_REQUISITE_OF },
	[DEP_WANTS] = { "Wants", DEP_WANTED_BY },
	[DEP_BINDS_TO] = { "BindsTo", DEP_BOUND_BY },
	[DEP_PART_OF] = { "PartOf", DEP_CONSISTS_OF },
	[DEP_UPHOLDS] = { "Upholds", DEP_UPHELD_BY },
	[DEP_REQUIRED_BY] = { "RequiredBy", DEP_REQUIRES },
	[DEP_REQUISITE_OF] = { "RequisiteOf", DEP_REQUISITE },
	[DEP_WANTED_BY] = { "WantedBy", DEP_WANTS },
	[DEP_BOUND_BY] = { "BoundBy", DEP_BINDS_TO },
	[DEP_CONSISTS_OF] = { "ConsistsOf", DEP_PART_OF },
	[DEP_UPHELD_BY] = { "UpheldBy", DEP_UPHOLDS },
	[DEP_CONFLICTS] = { "Conflicts", DEP_CONFLICTED_BY },
	[DEP_CONFLICTED_BY] = { "ConflictedBy", DEP_CONFLICTS },
	[DEP_BEFORE] = { "Before", DEP_AFTER },
	[DEP_AFTER] = { "After", DEP_BEFORE },
	[DEP_ON_SUCCESS] = { "OnSuccess", DEP_ON_SUCCESS_OF },
	[DEP_ON_SUCCESS_OF] = { "OnSuccessOf", DEP_ON_SUCCESS },
	[DEP_ON_FAILURE] = { "OnFailure", DEP_ON_FAILURE_OF },
	[DEP_ON_FAILURE_OF] = { "OnFailureOf", DEP_ON_FAILURE },
	[DEP_TRIGGERS] = { "Triggers", DEP_TRIGGERED_BY },
	[DEP_TRIGGERED_BY] = { "TriggeredBy", DEP_TRIGGERS },
	[DEP_PROPAGATES_RELOAD_TO] = { "PropagatesReloadTo", DEP_RELOAD_PROPAGATED_FROM },
	[DEP_RELOAD_PROPAGATED_FROM] = { "ReloadPropagatedFrom", DEP_PROPAGATES_RELOAD_TO },
	[DEP_PROPAGATES_STOP_TO] = { "PropagatesStopTo", DEP_STOP_PROPAGATED_FROM },
	[DEP_STOP_PROPAGATED_FROM] = { "StopPropagatedFrom", DEP_PROPAGATES_STOP_TO },
	[DEP_JOINS_NAMESPACE_OF] = { "JoinsNamespaceOf", DEP_JOINS_NAMESPACE_OF },
	[DEP_REFERENCES] = { "References", DEP_REFERENCED_BY },
	[DEP_REFERENCED_BY] = { "ReferencedBy", DEP_REFERENCES },
	[DEP_IN_SLICE] = { "InSlice", DEP_SLICE_OF },
	[DEP_SLICE_OF] = { "SliceOf", DEP_IN_SLICE },
};

/* spellings of earlier versions that unit files still use */
static const struct { const char *name; enum dep_kind kind; } spellings[] = {
	{ "BindTo", DEP_BINDS_TO }, { "PropagateReloadTo", DEP_PROPAGATES_RELOAD_TO },
	{ "PropagateReloadFrom", DEP_RELOAD_PROPAGATED_FROM }, { "RequiresOverridable", DEP_REQUIRES },
	{ "RequisiteOverridable", DEP_REQUISITE }, { "Slice", DEP_IN_SLICE },
};

_Static_assert(N_DEP_KINDS <= 32, "struct dep keeps a 32-bit mask per class of origin");

const char *dep_name(enum dep_kind k)
{
	return (unsigned)k < N_DEP_KINDS ? kinds[k].name : NULL;
}

enum dep_kind dep_inverse(enum dep_kind k)
{
	return kinds[k].inverse;
}

int dep_by_name(const char *name, enum dep_kind *ret)
{
	for (unsigned i = 0; i < N_DEP_KINDS; i++) {
		if (streq(kinds[i].name, name)) {
			*ret = (enum dep_kind)i;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		if (streq(spellings[i].name, name)) {
			*ret = spellings[i].kind;
			return 0;
		}
	}
	return -EINVAL;
}

/* Files and what follows from them go together at a reload; the kernel's tables and run-time ones go one by one. */
static unsigned class_of(enum dep_origin origin)
{
	switch (origin) {
	case DEP_FILE: case DEP_IMPLICIT: case DEP_DEFAULT: case DEP_PATH:
		return DEP_CLASS_FILE;
	case DEP_UDEV: case DEP_MOUNTINFO:
		return DEP_CLASS_SYSTEM;
	case DEP_DYNAMIC:
		return DEP_CLASS_DYNAMIC;
	}
	return DEP_CLASS_FILE;
}

/* index of the entry for @other, or where it belongs */
static size_t position(const struct unit *u, const struct unit *other)
{
	size_t lo = 0, hi = u->n_deps;

	if (hi && (uintptr_t)u->deps[hi - 1].other < (uintptr_t)other)
		return hi;                      /* units are mostly made in order of address */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if ((uintptr_t)u->deps[mid].other < (uintptr_t)other)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct dep *find(const struct unit *u, const struct unit *other)
{
	size_t i = position(u, other);

	return i < u->n_deps && u->deps[i].other == other ? &u->deps[i] : NULL;
}

static struct dep *find_or_add(struct unit *u, struct unit *other)
{
	size_t i = position(u, other);

	if (i < u->n_deps && u->deps[i].other == other)
		return &u->deps[i];
	if (u->n_deps == u->cap_deps) {
		size_t cap = u->cap_deps + MAX(u->cap_deps / 2, (size_t)4);
		struct dep *d = reallocarray(u->deps, cap, sizeof(*d));

		if (!d)
			return NULL;
		u->deps = d;
		u->cap_deps = cap;
	}
	memmove(&u->deps[i + 1], &u->deps[i], (u->n_deps - i) * sizeof(struct dep));
	u->n_deps++;
	u->deps[i] = (struct dep){ .other = other };
	return &u->deps[i];
}

static void recount(struct dep *d)
{
	d->kinds = 0;
	for (unsigned i = 0; i < N_DEP_CLASSES; i++)
		d->kinds |= d->by_class[i];
}

static void drop_empty(struct unit *u)
{
	size_t n = 0;

	for (size_t i = 0; i < u->n_deps; i++)
		if (u->deps[i].kinds)
			u->deps[n++] = u->deps[i];
	u->n_deps = n;
}

/* Hardware appears when it appears: nothing can make a device wait (systemd.device(5) has no such order either). */
static bool delays_a_device(const struct unit *u, enum dep_kind k, const struct unit *other)
{
	return (k == DEP_BEFORE && streq(other->type->name, "device")) || (k == DEP_AFTER && streq(u->type->name, "device"));
}

int unit_add_dep(struct unit *u, enum dep_kind k, struct unit *other, enum dep_origin origin)
{
	enum dep_kind inverse = dep_inverse(k);
	unsigned class = class_of(origin);
	struct dep *d, *back;

	if (u == other)
		return -ELOOP;
	if (delays_a_device(u, k, other)) {
		diag(u->set->sink, DIAG_WARNING, u->id, 0, 0, "%s=%s ignored: a device cannot be made to wait", dep_name(k), other->id);
		return 0;
	}
	d = find_or_add(u, other);
	back = d ? find_or_add(other, u) : NULL;
	if (!back) {
		if (d && !d->kinds)
			drop_empty(u);
		return -ENOMEM;
	}
	d->by_class[class] |= (uint32_t)1 << k;
	d->origin |= (uint8_t)origin;
	back->by_class[class] |= (uint32_t)1 << inverse;
	back->inverse_origin |= (uint8_t)origin;
	recount(d);
	recount(back);
	return 0;
}

/* systemd.unit(5): a template that is named gets the instance of the unit that names it, or else that unit's prefix */
static int instantiate(const struct unit *u, const char *template, char **ret)
{
	_cleanup_(freep) char *prefix = NULL;
	int r = u->instance && *u->instance ? 0 : name_prefix(u->id, &prefix);

	return r < 0 ? r : name_replace_instance(template, prefix ? prefix : u->instance, ret);
}

int unit_add_dep_name(struct unit *u, enum dep_kind k, const char *name, enum dep_origin origin)
{
	_cleanup_(freep) char *instance = NULL;
	struct unit *other;
	int r = name_is_template(name) ? instantiate(u, name, &instance) : 0;

	if (r == 0)
		r = unit_stub(u->set, instance ? instance : name, &other);
	return r < 0 ? r : unit_add_dep(u, k, other, origin);
}

int unit_add_two_deps_name(struct unit *u, enum dep_kind k1, enum dep_kind k2, const char *name, enum dep_origin origin)
{
	int r = unit_add_dep_name(u, k1, name, origin);

	return r < 0 ? r : unit_add_dep_name(u, k2, name, origin);
}

bool unit_has_dep(const struct unit *u, enum dep_kind k, const struct unit *other)
{
	const struct dep *d = find(u, other);

	return d && (d->kinds & DEP_BIT(k));
}

struct dep *unit_next_dep_mask(const struct unit *u, uint64_t mask, struct dep *d)
{
	for (size_t i = d ? (size_t)(d - u->deps) + 1 : 0; i < u->n_deps; i++)
		if (u->deps[i].kinds & mask)
			return &u->deps[i];
	return NULL;
}

struct dep *unit_next_dep(const struct unit *u, enum dep_kind k, struct dep *d)
{
	return unit_next_dep_mask(u, DEP_BIT(k), d);
}

struct unit *unit_slice(const struct unit *u)
{
	struct dep *d = unit_next_dep(u, DEP_IN_SLICE, NULL);

	return d ? d->other : NULL;
}

struct unit *unit_triggered(const struct unit *u)
{
	struct dep *d = unit_next_dep(u, DEP_TRIGGERS, NULL);

	return d ? d->other : NULL;
}

static uint32_t inverse_mask(uint32_t mask)
{
	uint32_t m = 0;

	for (; mask; mask &= mask - 1)
		m |= (uint32_t)1 << dep_inverse((enum dep_kind)__builtin_ctz(mask));
	return m;
}

void unit_drop_dep(struct unit *u, enum dep_kind k, struct unit *other)
{
	struct dep *d = find(u, other), *back = find(other, u);

	for (unsigned i = 0; i < N_DEP_CLASSES; i++) {
		if (d)
			d->by_class[i] &= ~((uint32_t)1 << k);
		if (back)
			back->by_class[i] &= ~((uint32_t)1 << dep_inverse(k));
	}
	if (d)
		recount(d);
	if (back)
		recount(back);
	drop_empty(u);
	drop_empty(other);
}

void unit_drop_deps(struct unit *u, enum dep_origin origin)
{
	unsigned class = class_of(origin);

	for (size_t i = 0; i < u->n_deps; i++) {
		struct dep *d = &u->deps[i], *back = find(d->other, u);

		if (!d->by_class[class] || !(d->origin & origin))
			continue;
		if (back) {
			back->by_class[class] &= ~inverse_mask(d->by_class[class]);
			recount(back);
			if (!back->kinds)
				drop_empty(d->other);
		}
		d->by_class[class] = 0;
		d->origin &= (uint8_t)~(unsigned)origin;
		recount(d);
	}
	drop_empty(u);
}

void dep_drop_files(struct unit *u)
{
	static const uint8_t file = DEP_FILE | DEP_IMPLICIT | DEP_DEFAULT | DEP_PATH;

	for (size_t i = 0; i < u->n_deps; i++) {
		struct dep *d = &u->deps[i];

		d->by_class[DEP_CLASS_FILE] = 0;
		d->origin &= (uint8_t)~file;
		d->inverse_origin &= (uint8_t)~file;
		recount(d);
	}
	drop_empty(u);
}

void dep_drop_all(struct unit *u)
{
	for (size_t i = 0; i < u->n_deps; i++) {
		struct unit *other = u->deps[i].other;
		struct dep *back = find(other, u);

		if (back) {
			size_t at = (size_t)(back - other->deps);

			memmove(back, back + 1, (other->n_deps - at - 1) * sizeof(*back));
			other->n_deps--;
		}
	}
	free(TAKE_PTR(u->deps));
	u->n_deps = u->cap_deps = 0;
}

int dep_move_all(struct unit *from, struct unit *to)
{
	for (size_t i = 0; i < from->n_deps; i++) {
		struct dep *d = &from->deps[i], *there, *back;

		if (d->other == to)
			continue;               /* would be on itself */
		there = find_or_add(to, d->other);
		back = there ? find_or_add(d->other, to) : NULL;
		if (!back)
			return -ENOMEM;
		for (unsigned c = 0; c < N_DEP_CLASSES; c++) {
			there->by_class[c] |= d->by_class[c];
			back->by_class[c] |= inverse_mask(d->by_class[c]);
		}
		there->origin |= d->origin;
		there->inverse_origin |= d->inverse_origin;
		back->origin |= d->inverse_origin;
		back->inverse_origin |= d->origin;
		recount(there);
		recount(back);
	}
	dep_drop_all(from);
	return 0;
}

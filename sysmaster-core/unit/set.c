/* set.c - all units of a manager: by name, queued for loading, merged when two names turn out to be one unit */
#include <sys/mman.h>
#include <sys/stat.h>
#include "unit/condition.h"
#include "unit/name.h"
#include "unit/set.h"

static uint32_t hash_name(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

int unit_set_new(struct unit_set **ret, struct lookup *paths, struct unit_host *host, struct diag_sink *sink)
{
	struct unit_set *set = calloc(1, sizeof(*set));

	if (!set)
		return -ENOMEM;
	set->buckets = calloc(N_UNIT_BUCKETS_MIN, sizeof(*set->buckets));
	if (!set->buckets) {
		free(set);
		return -ENOMEM;
	}
	set->n_buckets = N_UNIT_BUCKETS_MIN;
	set->paths = paths;
	set->host = host;
	set->sink = sink;
	*ret = set;
	return 0;
}

struct unit_host *unit_host(const struct unit *u)
{
	return u->set->host;
}

const struct lookup *unit_set_lookup(const struct unit_set *set)
{
	return set->paths;
}

void unit_host_defaults(struct unit_host *h)
{
	h->default_timeout_start_usec = h->default_timeout_stop_usec = 90 * USEC_PER_SEC;
	h->default_restart_usec = 100 * USEC_PER_MSEC;
	h->default_start_limit_interval_usec = 10 * USEC_PER_SEC;
	h->default_start_limit_burst = 5;
}

void unit_set_observe(struct unit_set *set, struct unit_observer *o)
{
	set->observer = o;
}

struct unit *unit_set_first(struct unit_set *set)
{
	return set->first;
}

size_t unit_set_count(const struct unit_set *set)
{
	return set->n_units;
}

/* -- names -- */
static struct unit_name **bucket(struct unit_set *set, uint32_t hash)
{
	return &set->buckets[hash & (set->n_buckets - 1)];
}

static struct unit_name *name_get(struct unit_set *set, const char *name)
{
	uint32_t h = hash_name(name);

	for (struct unit_name *n = *bucket(set, h); n; n = n->next)
		if (n->hash == h && streq(n->name, name))
			return n;
	return NULL;
}

static void grow(struct unit_set *set)
{
	struct unit_name **old = set->buckets, **fresh = calloc(set->n_buckets * 2, sizeof(*fresh));
	size_t n_old = set->n_buckets;

	if (!fresh)
		return;                         /* longer chains, that is all */
	set->buckets = fresh;
	set->n_buckets *= 2;
	for (size_t i = 0; i < n_old; i++) {
		struct unit_name *n, *next;

		for (n = old[i]; n; n = next) {
			next = n->next;
			n->next = *bucket(set, n->hash);
			*bucket(set, n->hash) = n;
		}
	}
	free(old);
}

/* a new name of @u: in the hash and at the end of u->names, which borrows it */
static int name_add(struct unit *u, const char *name)
{
	struct unit_set *set = u->set;
	size_t len = strlen(name) + 1, n = strv_len(u->names);
	struct unit_name *node = malloc(sizeof(*node) + len);
	char **names = reallocarray(u->names, n + 2, sizeof(char *));

	if (names)
		u->names = names;
	if (!names || !node) {
		free(node);
		return -ENOMEM;
	}
	if (set->n_names >= set->n_buckets * 2)
		grow(set);
	memcpy(node->name, name, len);
	node->hash = hash_name(name);
	node->unit = u;
	node->next = *bucket(set, node->hash);
	*bucket(set, node->hash) = node;
	set->n_names++;
	names[n] = node->name;
	names[n + 1] = NULL;
	return 0;
}

static void name_remove(struct unit_set *set, const char *name)
{
	struct unit_name **p = bucket(set, hash_name(name));

	while (*p && !streq((*p)->name, name))
		p = &(*p)->next;
	if (*p) {
		struct unit_name *gone = *p;

		*p = gone->next;
		free(gone);
		set->n_names--;
	}
}

struct unit *unit_get(struct unit_set *set, const char *name)
{
	struct unit_name *n = name_get(set, name);

	return n ? n->unit : NULL;
}

int set_choose_id(struct unit *u, const char *name)
{
	struct unit_name *n = name_get(u->set, name);
	char *instance = NULL;
	int r;

	if (!n || n->unit != u)
		return -ENOENT;
	r = name_instance(name, &instance);
	if (r < 0)
		return r;
	u->id = n->name;
	free(u->instance);
	u->instance = instance;
	return 0;
}

/* -- objects -- */
static void enqueue(struct unit *u)
{
	struct unit_set *set = u->set;

	if (u->in_load_queue)
		return;
	u->in_load_queue = true;
	u->load_next = NULL;
	if (set->load_last)
		set->load_last->load_next = u;
	else
		set->load_first = u;
	set->load_last = u;
}

static void dequeue(struct unit *u)
{
	struct unit_set *set = u->set;
	struct unit *prev = NULL;

	if (!u->in_load_queue)
		return;
	for (struct unit *q = set->load_first; q && q != u; q = q->load_next)
		prev = q;
	if (prev)
		prev->load_next = u->load_next;
	else
		set->load_first = u->load_next;
	if (set->load_last == u)
		set->load_last = prev;
	u->in_load_queue = false;
}

static void link_in(struct unit *u)
{
	struct unit_set *set = u->set;

	u->set_prev = set->last;
	if (set->last)
		set->last->set_next = u;
	else
		set->first = u;
	set->last = u;
	set->n_units++;
}

static void link_out(struct unit *u)
{
	struct unit_set *set = u->set;

	if (u->set_prev)
		u->set_prev->set_next = u->set_next;
	else
		set->first = u->set_next;
	if (u->set_next)
		u->set_next->set_prev = u->set_prev;
	else
		set->last = u->set_prev;
	u->set_prev = u->set_next = NULL;
	set->n_units--;
}

int unit_stub(struct unit_set *set, const char *name, struct unit **ret)
{
	const struct unit_type *type;
	struct unit *u;
	int r = -ENOTSUP;

	if (!name_valid(name, NAME_PLAIN | NAME_INSTANCE))
		return -EINVAL;
	u = unit_get(set, name);
	if (u) {
		*ret = u;
		return 0;
	}
	type = unit_type_find(name_suffix(name), &r);
	if (!type)
		return r;
	u = calloc(1, MAX(type->size, sizeof(*u)));
	if (!u)
		return -ENOMEM;
	u->set = set;
	u->type = type;
	u->load_state = UNIT_STUB;
	u->cpu_used_usec = UINT64_MAX;
	r = name_add(u, name);
	if (r == 0)
		r = set_choose_id(u, name);
	if (r < 0) {
		name_remove(set, name);
		free(u->names);
		free(u);
		return r;
	}
	link_in(u);
	load_defaults(u);
	enqueue(u);
	*ret = u;
	return 0;
}

void unit_shared_free(struct unit *u)
{
	for (size_t i = 0; u->shared && i < N_UNIT_SHARED_NS; i++) {
		closep(&u->shared->ns[i][0]);
		closep(&u->shared->ns[i][1]);
	}
	free(u->shared);
	u->shared = NULL;
}

void unit_traffic_free(struct unit *u)
{
	if (!u->traffic)
		return;
	closep(&u->traffic->ends[0]);
	closep(&u->traffic->ends[1]);
	if (u->traffic->counters)
		munmap((void *)u->traffic->counters, u->traffic->size);
	free(u->traffic);
	u->traffic = NULL;
}

static void free_object(struct unit *u)
{
	if (u->type->done)
		u->type->done(u);
	load_clear(u);
	free(u->names);
	free(u->instance);
	free(u->load_why);
	free(u->triggered_by);
	free(u->cgroup_path);
	unit_shared_free(u);
	unit_traffic_free(u);
	free(u->deps);
	free(u);
}

void unit_dirty(struct unit *u)
{
	if (u->dirty)
		return;
	u->dirty = true;
	u->dirty_next = u->set->dirty;
	u->set->dirty = u;
}

struct unit *unit_take_dirty(struct unit_set *set)
{
	struct unit *u = set->dirty;

	if (u) {
		set->dirty = u->dirty_next;
		u->dirty = false;
	}
	return u;
}

static void forget_dirty(struct unit *u)
{
	struct unit **p = &u->set->dirty;

	while (u->dirty && *p && *p != u)
		p = &(*p)->dirty_next;
	if (u->dirty && *p)
		*p = u->dirty_next;
	u->dirty = false;
}

void unit_free(struct unit *u)
{
	if (!u)
		return;
	dequeue(u);
	forget_dirty(u);
	dep_drop_all(u);
	link_out(u);
	for (size_t i = 0; u->names && u->names[i]; i++)
		name_remove(u->set, u->names[i]);
	free_object(u);
}

void unit_set_free(struct unit_set *set)
{
	if (!set)
		return;
	for (struct unit *u = set->first, *next; u; u = next) {
		next = u->set_next;
		free_object(u);                 /* everyone goes: no need to take each out of the others' lists */
	}
	for (size_t i = 0; i < set->n_buckets; i++) {
		for (struct unit_name *n = set->buckets[i], *next; n; n = next) {
			next = n->next;
			free(n);
		}
	}
	strv_free(set->reported);
	free(set->buckets);
	free(set);
}

/* -- merging -- */

/* Only what nobody runs or waits for may disappear into another unit. */
static bool may_be_merged(const struct unit *u)
{
	return !u->job && !u->nop_job && !u->in_gc_queue && (u->load_state == UNIT_STUB || u->load_state == UNIT_NOT_FOUND) && unit_is_inactive_or_failed(u);
}

/* @gone's names and dependencies become @into's; its object waits for the end of the load */
static int merge(struct unit *gone, struct unit *into)
{
	int r;

	if (gone->type != into->type)
		return -EINVAL;
	if (!may_be_merged(gone))
		return -EEXIST;
	r = dep_move_all(gone, into);
	for (size_t i = 0; r == 0 && gone->names[i]; i++) {
		size_t n = strv_len(into->names);
		char **names = reallocarray(into->names, n + 2, sizeof(char *));

		if (!names)
			return -ENOMEM;
		into->names = names;
		names[n] = gone->names[i];
		names[n + 1] = NULL;
		name_get(into->set, gone->names[i])->unit = into;
	}
	if (r < 0)
		return r;
	dequeue(gone);
	forget_dirty(gone);
	link_out(gone);
	gone->names[0] = NULL;
	gone->load_state = UNIT_MERGED;
	gone->load_next = into->set->merged;
	into->set->merged = gone;
	return 0;
}

int unit_add_name(struct unit *u, const char *name)
{
	struct unit_name *n = name_get(u->set, name);

	if (n && n->unit == u)
		return 0;
	if (n)
		return merge(n->unit, u);
	if (!name_valid(name, NAME_PLAIN | NAME_INSTANCE) || !streq(name_suffix(name), name_suffix(u->id)))
		return -EINVAL;
	return name_add(u, name);
}

static void bury_merged(struct unit_set *set)
{
	while (set->merged) {
		struct unit *u = set->merged;

		set->merged = u->load_next;
		free_object(u);
	}
}

/* -- loading -- */
void unit_load_pending(struct unit_set *set)
{
	bool any = false;

	if (set->loading)
		return;                         /* the caller is a loader itself: its turn comes */
	set->loading++;
	while (set->load_first) {
		struct unit *u = set->load_first;

		dequeue(u);
		load_unit(u);
		if (u->type->settled && u->load_state == UNIT_LOADED)
			u->unsettled = any = true;
	}
	for (struct unit *u = set->first; any && u; u = u->set_next)
		if (u->unsettled) {
			u->unsettled = false;
			u->type->settled(u);
		}
	for (struct unit *u = set->first; set->reloading && u; u = u->set_next)
		u->reloading = false;
	set->reloading = false;
	set->loading--;
	bury_merged(set);
}

void unit_load_again(struct unit *u)
{
	if (u->load_state != UNIT_NOT_FOUND)
		return;
	u->load_state = UNIT_STUB;
	enqueue(u);
}

int unit_load(struct unit_set *set, const char *name, struct unit **ret)
{
	struct unit *u = unit_get(set, name);
	int r;

	if ((!u || u->load_state == UNIT_NOT_FOUND) && !set->loading && set->paths && lookup_stale(set->paths)) {
		r = lookup_refresh(set->paths);
		if (r < 0)
			return r;
		if (u && may_be_merged(u)) {
			u->load_state = UNIT_STUB;      /* its file may be there by now */
			enqueue(u);
		}
	}
	r = unit_stub(set, name, &u);
	if (r < 0)
		return r;
	unit_load_pending(set);
	u = unit_get(set, name);        /* it may have become another name of an older unit */
	if (!u)
		return -ENOMEM;
	*ret = u;
	return 0;
}

/* Aliases are found anew; the id stays, since jobs and the state store know the unit by it. */
static void drop_aliases(struct unit *u)
{
	size_t n = 0;

	for (size_t i = 0; u->names[i]; i++) {
		if (u->names[i] == u->id)
			u->names[n++] = u->names[i];
		else
			name_remove(u->set, u->names[i]);
	}
	u->names[n] = NULL;
}

static void load_anew(struct unit *u)
{
	drop_aliases(u);
	u->reloading = u->set->reloading = true;
	load_clear(u);
	load_defaults(u);
	u->load_state = UNIT_STUB;
	enqueue(u);
}

void unit_reload(struct unit *u)
{
	unit_drop_deps(u, DEP_FILE | DEP_IMPLICIT | DEP_DEFAULT | DEP_PATH);
	load_anew(u);
}

int unit_reload_all(struct unit_set *set)
{
	int r = set->paths ? lookup_refresh(set->paths) : 0;

	if (r < 0)
		return r;
	strv_free(TAKE_PTR(set->reported));
	for (struct unit *u = set->first; u; u = u->set_next) {
		dep_drop_files(u);
		load_anew(u);
	}
	unit_load_pending(set);
	return 0;
}

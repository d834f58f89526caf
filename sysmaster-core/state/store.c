/* store.c - records in LMDB */
#include <lmdb.h>
#include <stdio.h>
#include <sys/stat.h>
#include "log.h"
#include "state/store.h"

#define STORE_MAP_SIZE (64u << 20)      /* address space, not memory */
#define STORE_FLAGS (MDB_NOLOCK | MDB_NOSYNC | MDB_NOMETASYNC | MDB_NOTLS | MDB_NOMEMINIT)

struct store {
	MDB_env *env;
	MDB_dbi dbi;
	MDB_txn *txn;                   /* of this turn; NULL: nothing was put yet */
	int failed;                     /* a put of this turn failed: the turn cannot be committed */
	struct buf scratch;
};

static int from_mdb(int r)
{
	return r == 0 ? 0 : r == MDB_NOTFOUND ? -ENOENT : r == MDB_MAP_FULL ? -ENOSPC : r > 0 ? -r : -EUCLEAN;
}

static int open_env(struct store *s, const char *dir)
{
	MDB_txn *txn;
	int r = mdb_env_create(&s->env);

	if (r == 0)
		r = mdb_env_set_mapsize(s->env, STORE_MAP_SIZE);
	if (r == 0)
		r = mdb_env_open(s->env, dir, STORE_FLAGS, 0600);
	if (r == 0)
		r = mdb_txn_begin(s->env, NULL, 0, &txn);
	if (r == 0) {
		r = mdb_dbi_open(txn, NULL, 0, &s->dbi);
		if (r == 0)
			r = mdb_txn_commit(txn);
		else
			mdb_txn_abort(txn);
	}
	if (r != 0 && s->env) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return from_mdb(r);
}

static void set_aside(const char *dir)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	char from[4200], to[4210];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(from, sizeof(from), "%s/%s", dir, names[i]);
		snprintf(to, sizeof(to), "%s.bad", from);
		rename(from, to);
	}
}

int store_open(struct store **ret, const char *dir, bool *reset)
{
	_cleanup_(store_closep) struct store *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	*reset = false;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	r = open_env(s, dir);
	if (r < 0 && r != -ENOMEM) {
		log_event(LOG_ERR, "STATE_DAMAGED", "state store cannot be read, begun anew", F_STR("DIR", dir), F_ERRNO(r));
		set_aside(dir);
		*reset = true;
		r = open_env(s, dir);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->txn)
		mdb_txn_abort(s->txn);
	if (s->env)
		mdb_env_close(s->env);
	buf_finish(&s->scratch);
	free(s);
}

static int begin(struct store *s)
{
	return s->txn ? 0 : from_mdb(mdb_txn_begin(s->env, NULL, 0, &s->txn));
}

static MDB_val key_val(const char *key)
{
	return (MDB_val){ .mv_size = strlen(key), .mv_data = (void *)key };
}

static int note(struct store *s, int r)
{
	if (r < 0 && !s->failed)
		s->failed = r;
	return r;
}

int store_put(struct store *s, const char *key, const struct msg_desc *d, const void *rec)
{
	int r = begin(s);

	if (r < 0)
		return note(s, r);
	buf_reset(&s->scratch);
	r = msg_encode(d, rec, &s->scratch);
	if (r < 0) {                    /* the record's own fault: the rest of the turn is still good */
		log_event(LOG_ERR, "STATE_RECORD", "record cannot be stored", F_STR("KEY", key), F_ERRNO(r));
		return r;
	}
	MDB_val k = key_val(key), v = { .mv_size = s->scratch.len, .mv_data = s->scratch.data };

	return note(s, from_mdb(mdb_put(s->txn, s->dbi, &k, &v, 0)));
}

int store_delete(struct store *s, const char *key)
{
	MDB_val k = key_val(key);
	int r = begin(s);

	if (r < 0)
		return note(s, r);
	r = from_mdb(mdb_del(s->txn, s->dbi, &k, NULL));
	return r == -ENOENT ? 0 : note(s, r);
}

int store_commit(struct store *s)
{
	MDB_txn *txn = TAKE_PTR(s->txn);
	int r = s->failed;

	s->failed = 0;
	if (!txn)
		return r;
	if (r < 0) {
		mdb_txn_abort(txn);
		return r;
	}
	return from_mdb(mdb_txn_commit(txn));
}

int store_each(struct store *s, const char *prefix, int (*fn)(void *arg, const char *key, const void *data, size_t n), void *arg)
{
	MDB_txn *txn;
	MDB_cursor *c = NULL;
	MDB_val k = key_val(prefix), v;
	size_t len = strlen(prefix);
	int r = from_mdb(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));

	if (r < 0)
		return r;
	r = from_mdb(mdb_cursor_open(txn, s->dbi, &c));
	for (int op = MDB_SET_RANGE; r >= 0; op = MDB_NEXT) {
		char key[512];

		r = from_mdb(mdb_cursor_get(c, &k, &v, op));
		if (r < 0 || k.mv_size < len || memcmp(k.mv_data, prefix, len) != 0)
			break;
		snprintf(key, sizeof(key), "%.*s", (int)MIN(k.mv_size, sizeof(key) - 1), (const char *)k.mv_data);
		r = fn(arg, key, v.mv_data, v.mv_size);
	}
	if (c)
		mdb_cursor_close(c);
	mdb_txn_abort(txn);
	return r == -ENOENT || r > 0 ? 0 : r;
}

int store_get(struct store *s, const char *key, int (*fn)(void *arg, const char *key, const void *data, size_t n), void *arg)
{
	MDB_txn *txn;
	MDB_val k = key_val(key), v;
	int r = from_mdb(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));

	if (r < 0)
		return r;
	r = from_mdb(mdb_get(txn, s->dbi, &k, &v));
	if (r >= 0)
		r = fn(arg, key, v.mv_data, v.mv_size);
	mdb_txn_abort(txn);
	return r;
}

int store_clear(struct store *s, const char *prefix)
{
	MDB_cursor *c = NULL;
	MDB_val k = key_val(prefix), v;
	size_t len = strlen(prefix);
	int r = begin(s);

	if (r < 0)
		return note(s, r);
	r = from_mdb(mdb_cursor_open(s->txn, s->dbi, &c));
	if (r < 0)
		return note(s, r);
	for (int op = MDB_SET_RANGE; r >= 0; op = MDB_NEXT) {
		r = from_mdb(mdb_cursor_get(c, &k, &v, op));
		if (r < 0 || k.mv_size < len || memcmp(k.mv_data, prefix, len) != 0)
			break;
		r = from_mdb(mdb_cursor_del(c, 0));
	}
	if (c)
		mdb_cursor_close(c);
	return r == -ENOENT ? 0 : note(s, r);
}

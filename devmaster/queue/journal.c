/* journal.c - see journal.h */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "queue/journal.h"

#define MAGIC 0x316c6e6a6d766564ULL     /* "devmjnl1" */
#define HEAD_BYTES 4096u
#define STEP (256u << 10)               /* allocated and given back in such pieces */
#define ALIGN 16u

enum { ENTRY_LIVE = 1, ENTRY_DONE, ENTRY_FILL };

struct head { uint64_t magic, bytes; _Atomic uint64_t first, end; };      /* first, end: counted on for ever, the place is modulo .bytes */

struct journal {
	int fd;
	struct head *head;
	char *ring;
	size_t bytes;
	uint64_t touched;               /* since room was last given back */
	uint64_t allocated;             /* up to here, counted as .end is */
	uint32_t fill;                  /* bytes left out before the room that was asked for */
};

static struct journal_entry *at(struct journal *j, uint64_t pos) { return (struct journal_entry *)(void *)(j->ring + pos % j->bytes); }

/* every entry from .first to .end is whole */
static bool sound(struct journal *j)
{
	uint64_t first = j->head->first, end = j->head->end;

	if (j->head->magic != MAGIC || j->head->bytes != j->bytes || first > end || end - first > j->bytes || first % ALIGN)
		return false;
	for (uint64_t pos = first; pos < end;) {
		const struct journal_entry *e = at(j, pos);

		if (e->bytes < ALIGN || e->bytes % ALIGN || e->bytes > end - pos || e->bytes > j->bytes - pos % j->bytes || e->state < ENTRY_LIVE ||
		    e->state > ENTRY_FILL || (e->state != ENTRY_FILL && (e->len > e->bytes - sizeof(*e))))
			return false;
		pos += e->bytes;
	}
	return true;
}

static int map(struct journal *j)
{
	void *p = mmap(NULL, HEAD_BYTES + j->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	j->head = p;
	j->ring = (char *)p + HEAD_BYTES;
	return 0;
}

static int begin(struct journal *j)
{
	if (ftruncate(j->fd, 0) < 0 || ftruncate(j->fd, (off_t)(HEAD_BYTES + j->bytes)) < 0)
		return -errno;
	if (fallocate(j->fd, 0, 0, HEAD_BYTES) < 0)
		return -errno;
	if (!j->head) {
		int r = map(j);

		if (r < 0)
			return r;
	}
	j->head->bytes = j->bytes;
	j->head->magic = MAGIC;
	return 0;
}

static int take_over(struct journal *j, bool *found)
{
	struct stat st;
	int r;

	*found = false;
	if (fstat(j->fd, &st) < 0)
		return -errno;
	if ((size_t)st.st_size != HEAD_BYTES + j->bytes || fallocate(j->fd, 0, 0, HEAD_BYTES) < 0)
		return begin(j);
	r = map(j);
	if (r < 0)
		return r;
	*found = sound(j);
	return *found ? 0 : begin(j);
}

int journal_open(struct journal **ret, const char *path, size_t bytes, bool *ret_found)
{
	struct journal *j = calloc(1, sizeof(*j));
	int r;

	if (!j)
		return -ENOMEM;
	j->bytes = (bytes + STEP - 1) / STEP * STEP;
	j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = j->fd < 0 ? -errno : flock(j->fd, LOCK_EX | LOCK_NB) < 0 ? (errno == EWOULDBLOCK ? -EBUSY : -errno) : take_over(j, ret_found);
	if (r < 0) {
		journal_free(j);
		return r;
	}
	j->allocated = j->head->end;
	*ret = j;
	return 0;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	if (j->head)
		munmap(j->head, HEAD_BYTES + j->bytes);
	closep(&j->fd);
	free(j);
}

size_t journal_used(const struct journal *j) { return (size_t)(j->head->end - j->head->first); }

/* the file system has room for all up to @end, or -ENOSPC */
static int allocate(struct journal *j, uint64_t end)
{
	while (j->allocated < end) {
		uint64_t from = j->allocated / STEP * STEP;

		if (fallocate(j->fd, 0, (off_t)(HEAD_BYTES + from % j->bytes), STEP) < 0 && errno != EINTR)
			return -errno;
		j->allocated = from + STEP;
	}
	return 0;
}

char *journal_room(struct journal *j, size_t max)
{
	uint64_t end = j->head->end;
	size_t need = sizeof(struct journal_entry) + (max + ALIGN - 1) / ALIGN * ALIGN, left = j->bytes - (size_t)(end % j->bytes);

	j->fill = need > left ? (uint32_t)left : 0;
	if (end + j->fill + need - j->head->first > j->bytes || allocate(j, end + j->fill + need) < 0)
		return NULL;
	return at(j, end + j->fill)->text;
}

struct journal_entry *journal_commit(struct journal *j, size_t n)
{
	uint64_t end = j->head->end;
	struct journal_entry *e = at(j, end + j->fill);

	if (j->fill > 0) {
		struct journal_entry *fill = at(j, end);

		fill->bytes = j->fill;
		fill->state = ENTRY_FILL;
	}
	e->bytes = (uint32_t)(sizeof(*e) + (n + ALIGN - 1) / ALIGN * ALIGN);
	e->state = ENTRY_LIVE;
	e->len = (uint32_t)n;
	e->tries = 0;
	atomic_store_explicit(&j->head->end, end + j->fill + e->bytes, memory_order_release);
	j->touched += j->fill + e->bytes;
	j->fill = 0;
	return e;
}

/* nothing is left: give the pages back */
static void punch(struct journal *j)
{
	uint64_t end = j->head->end, from = end - MIN(j->touched, (uint64_t)j->bytes);

	if (j->touched < STEP)
		return;
	if (end - from >= j->bytes - STEP)
		fallocate(j->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, HEAD_BYTES, (off_t)j->bytes);
	else {
		uint64_t a = from / STEP * STEP, b = (end + STEP - 1) / STEP * STEP;

		for (uint64_t pos = a; pos < b; pos += STEP)
			fallocate(j->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(HEAD_BYTES + pos % j->bytes), STEP);
	}
	j->touched = 0;
	j->allocated = end / STEP * STEP;               /* the piece that .end is in went, too */
}

void journal_done(struct journal *j, struct journal_entry *e)
{
	uint64_t first = j->head->first, end = j->head->end;

	e->state = ENTRY_DONE;
	while (first < end && at(j, first)->state != ENTRY_LIVE)
		first += at(j, first)->bytes;
	if (first == j->head->first)
		return;
	atomic_store_explicit(&j->head->first, first, memory_order_release);
	if (first == end)
		punch(j);
}

struct journal_entry *journal_next(struct journal *j, struct journal_entry *e)
{
	uint64_t first = j->head->first, end = j->head->end, pos = first;

	if (e) {
		uint64_t offset = (uint64_t)((char *)e - j->ring);

		pos = first - first % j->bytes + offset;
		if (pos < first)
			pos += j->bytes;
		pos += e->bytes;
	}
	while (pos < end) {
		struct journal_entry *x = at(j, pos);

		if (x->state == ENTRY_LIVE)
			return x;
		pos += x->bytes;
	}
	return NULL;
}

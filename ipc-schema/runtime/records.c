/* records.c - see records.h */
#include <sys/mman.h>
#include <sys/stat.h>
#include "records.h"

uint64_t records_check(const struct records_head *h) { return hash64(h, offsetof(struct records_head, check)); }

static struct records_head sealed(const struct records_head *head)
{
	struct records_head h = *head;

	h.check = records_check(&h);
	return h;
}

static void *map(int fd, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p != MAP_FAILED)
		madvise(p, size, MADV_NOHUGEPAGE);      /* one behind sparse records would be 2 MiB for a few kB */
	return p;
}

int records_new(const char *name, const struct records_head *head, size_t size, void **ret)
{
	_cleanup_(closep) int fd = memfd_create(name, 0);       /* kept over exec */
	void *p;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return -errno;
	p = map(fd, size);
	if (p == MAP_FAILED)
		return -errno;
	*(struct records_head *)p = sealed(head);
	*ret = p;
	return TAKE_FD(fd);
}

/* areas must lie inside the file: then nothing below reads beyond it */
static bool head_sane(const struct records_head *h, const struct records_head *today, size_t size)
{
	if (h->magic != today->magic || h->check != records_check(h) || h->n_areas != today->n_areas)
		return false;
	for (size_t i = 0; i < h->n_areas; i++) {
		const struct records_area *a = &h->areas[i];

		if ((uint64_t)a->off + (uint64_t)a->size * a->count > size || a->off < sizeof(*h))
			return false;
	}
	return true;
}

static bool all_zero(const uint8_t *p, size_t n) { return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0); }

static void copy_areas(const uint8_t *old, uint8_t *new)
{
	const struct records_head *from = (const struct records_head *)old, *to = (const struct records_head *)new;

	for (size_t i = 0; i < from->n_areas; i++) {
		const struct records_area *a = &from->areas[i], *b = &to->areas[i];

		for (uint32_t n = 0; n < MIN(a->count, b->count); n++) {
			const uint8_t *p = old + a->off + (size_t)n * a->size;

			if (!all_zero(p, a->size))      /* untouched pages stay untouched */
				memcpy(new + b->off + (size_t)n * b->size, p, MIN(a->size, b->size));
		}
	}
}

/* @old is what *fd maps */
static int convert(int *fd, const char *name, const struct records_head *head, size_t size, const void *old, void **ret)
{
	int r = records_new(name, head, size, ret);

	if (r < 0)
		return r;
	copy_areas(old, *ret);
	close(*fd);
	*fd = r;
	return 1;
}

int records_adopt(int *fd, const char *name, const struct records_head *head, size_t size, void **ret)
{
	struct records_head today = sealed(head);
	struct stat st;
	void *old;
	int r;

	if (fstat(*fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(today) || st.st_size > RECORDS_MAX_BYTES)
		return -EBADMSG;
	old = map(*fd, (size_t)st.st_size);
	if (old == MAP_FAILED)
		return -errno;
	if (memcmp(old, &today, sizeof(today)) == 0 && (size_t)st.st_size >= size) {
		*ret = old;
		return 0;
	}
	r = head_sane(old, &today, (size_t)st.st_size) ? convert(fd, name, head, size, old, ret) : -EBADMSG;
	munmap(old, (size_t)st.st_size);
	return r;
}

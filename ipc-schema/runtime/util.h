/* util.h - the few words every file of the suite speaks: ownership, sizes, errors */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define MIN(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define MAX(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define _printf_(f, a) __attribute__((format(printf, f, a)))
#define _unused_ __attribute__((unused))

/* Own it where you declare it: _cleanup_(closep) int fd = -1; */
#define _cleanup_(f) __attribute__((cleanup(f)))
#define TAKE_PTR(p) ({ __typeof__(p) *pp_ = &(p); __typeof__(p) v_ = *pp_; *pp_ = NULL; v_; })
#define TAKE_FD(fd) ({ int *fp_ = &(fd); int v_ = *fp_; *fp_ = -1; v_; })

/** DEFINE_CLEANUP(struct watch *, watch_free) makes watch_freep() for _cleanup_() */
#define DEFINE_CLEANUP(type, fn) \
	static inline void fn##p(type *p) { if (*p) fn(*p); } \
	struct cleanup_##fn { int unused; }

static inline void freep(void *p) { free(*(void **)p); }

/** closep() - close *fd unless negative; errno is kept and *fd becomes -1 */
static inline void closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static inline bool streq(const char *a, const char *b) { return strcmp(a, b) == 0; }
static inline bool streq0(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }
static inline bool startswith(const char *s, const char *prefix) { return strncmp(s, prefix, strlen(prefix)) == 0; }
static inline bool endswith(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

#define USEC_PER_MSEC 1000ULL
#define USEC_PER_SEC 1000000ULL
#define NSEC_PER_USEC 1000ULL
#define USEC_INFINITY UINT64_MAX

/** now_usec() - @clock (CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME) in microseconds */
uint64_t now_usec(int clock);

/**
 * random_bytes() - @n (at most 256) bytes for names and delays; never blocks and never fails, so no key may be made of them
 *
 * A blocking getrandom(2) makes whoever calls it early in boot wait for the kernel's pool: the whole system, when it is the manager.
 * Source: getrandom(2); GRND_INSECURE of Linux 5.6. An older kernel whose pool is not ready gives the clock instead.
 */
void random_bytes(void *p, size_t n);

/** hash64() - FNV-1a: to see that bytes are those that were written; no defence against anybody */
uint64_t hash64(const void *p, size_t n);

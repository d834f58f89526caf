/* seed.c - see seed.h; SHA-256 by libmd */
#include <endian.h>
#include <sys/types.h>
#include <sha2.h>
#include "seed.h"

#define MAGIC "SMSEED1\n"
#define FLAG_CREDITABLE 1u

struct file {
	char magic[8];
	uint32_t flags, reserved;
	uint64_t saved_usec;
	uint8_t machine[SEED_BYTES], seed[SEED_BYTES], check[SEED_BYTES];
};
_Static_assert(sizeof(struct file) == SEED_FILE_BYTES, "the form of the file");

static void sha256(const void *data, size_t n, uint8_t ret[SEED_BYTES])
{
	SHA2_CTX c;

	SHA256Init(&c);
	SHA256Update(&c, data, n);
	SHA256Final(ret, &c);
}

void seed_encode(const struct seed *s, uint8_t file[SEED_FILE_BYTES])
{
	struct file f = { .magic = MAGIC, .flags = htole32(s->creditable ? FLAG_CREDITABLE : 0), .saved_usec = htole64(s->saved_usec) };

	memcpy(f.machine, s->machine, SEED_BYTES);
	memcpy(f.seed, s->bytes, SEED_BYTES);
	sha256(&f, offsetof(struct file, check), f.check);
	memcpy(file, &f, sizeof(f));
	explicit_bzero(&f, sizeof(f));
}

int seed_decode(const uint8_t *file, size_t n, struct seed *ret)
{
	uint8_t check[SEED_BYTES];
	struct file f;
	int r = -EBADMSG;

	if (n != sizeof(f))
		return r;
	memcpy(&f, file, sizeof(f));
	sha256(&f, offsetof(struct file, check), check);
	if (memcmp(f.magic, MAGIC, sizeof(f.magic)) == 0 && memcmp(check, f.check, sizeof(check)) == 0 && f.reserved == 0 &&
	    (le32toh(f.flags) & ~FLAG_CREDITABLE) == 0) {
		*ret = (struct seed){ .creditable = le32toh(f.flags) & FLAG_CREDITABLE, .saved_usec = le64toh(f.saved_usec) };
		memcpy(ret->machine, f.machine, SEED_BYTES);
		memcpy(ret->bytes, f.seed, SEED_BYTES);
		r = 0;
	}
	explicit_bzero(&f, sizeof(f));
	return r;
}

void seed_next(const void *old, size_t n_old, const uint8_t fresh[SEED_BYTES], uint64_t now_usec_, uint8_t ret[SEED_BYTES])
{
	static const char label[] = "sysmaster random-seed: next";
	uint64_t head[] = { htole64(now_usec_), htole64(n_old) };
	SHA2_CTX c;

	SHA256Init(&c);
	SHA256Update(&c, (const uint8_t *)label, sizeof(label));
	SHA256Update(&c, (const uint8_t *)head, sizeof(head));
	if (n_old > 0)
		SHA256Update(&c, old, n_old);
	SHA256Update(&c, fresh, SEED_BYTES);
	SHA256Final(ret, &c);
	explicit_bzero(&c, sizeof(c));
}

void seed_hash(const char *label, const void *data, size_t n, uint8_t ret[SEED_BYTES])
{
	SHA2_CTX c;

	SHA256Init(&c);
	SHA256Update(&c, (const uint8_t *)label, strlen(label) + 1);
	SHA256Update(&c, data, n);
	SHA256Final(ret, &c);
}

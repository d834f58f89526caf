/* decrypt.c - encrypted credentials in the format of systemd-creds(1); libcrypto is loaded when there is one */
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include "decrypt.h"
#include "exec/base64.h"
#include "library.h"

#define HOST_KEY "/var/lib/systemd/credential.secret"
#define HOST_KEY_BYTES 4096             /* behind 16 bytes about the machine */
#define KEY_BYTES 32
#define IV_BYTES 12
#define TAG_BYTES 16
#define ALIGN8(n) (((size_t)(n) + 7) & ~(size_t)7)

/* all numbers are little endian */
struct head { uint8_t kind[16]; uint32_t key_bytes, block_bytes, iv_bytes, tag_bytes; uint8_t iv[IV_BYTES]; uint8_t pad[4]; };
struct inner { uint64_t made_usec, until_usec; uint32_t n_name; char name[]; };
_Static_assert(sizeof(struct head) == 48, "the head of an encrypted credential has no holes");

enum key { KEY_HOST = 1, KEY_NONE, KEY_TPM2 };
static const struct { uint8_t kind[16]; enum key key; } kinds[] = {
	{ { 0x5a, 0x1c, 0x6a, 0x86, 0xdf, 0x9d, 0x40, 0x96, 0xb1, 0xd5, 0xa6, 0x5e, 0x08, 0x62, 0xf1, 0x9a }, KEY_HOST },
	{ { 0x05, 0x84, 0x69, 0xda, 0xf6, 0xf5, 0x43, 0x24, 0x80, 0x05, 0x49, 0xda, 0x0f, 0x8e, 0xa2, 0xfb }, KEY_NONE },
	{ { 0x0c, 0x7c, 0xc0, 0x7b, 0x11, 0x76, 0x45, 0x91, 0x9c, 0x4b, 0x0b, 0xea, 0x08, 0xbc, 0x20, 0xfe }, KEY_TPM2 },
	{ { 0x93, 0xa8, 0x94, 0x09, 0x48, 0x74, 0x44, 0x90, 0x90, 0xca, 0xf2, 0xfc, 0x93, 0xca, 0xb5, 0x53 }, KEY_TPM2 },
	{ { 0xfa, 0xf7, 0xeb, 0x93, 0x41, 0xe3, 0x41, 0x2c, 0xa1, 0xa4, 0x36, 0xf9, 0x5a, 0x29, 0x36, 0x2f }, KEY_TPM2 },
	{ { 0xaf, 0x49, 0x50, 0xbe, 0x49, 0x13, 0x4e, 0xb1, 0xa7, 0x38, 0x46, 0x30, 0x4f, 0xf3, 0x0c, 0x05 }, KEY_TPM2 },
};

/* the part of the stable ABI of OpenSSL 3 that we call; EVP_EncryptInit(3) and its neighbours */
enum { CTRL_SET_TAG = 0x11 };
static struct {
	void *(*ctx_new)(void);
	void (*ctx_free)(void *);
	const void *(*aes_256_gcm)(void);
	int (*init)(void *, const void *, void *, const unsigned char *, const unsigned char *);
	int (*ctrl)(void *, int, int, void *);
	int (*update)(void *, unsigned char *, int *, const unsigned char *, int);
	int (*final)(void *, unsigned char *, int *);
	unsigned char *(*sha256)(const unsigned char *, size_t, unsigned char *);
} crypto;

static int load(void)
{
	static const struct symbol symbols[] = {
		{ "EVP_CIPHER_CTX_new", (void **)&crypto.ctx_new }, { "EVP_CIPHER_CTX_free", (void **)&crypto.ctx_free },
		{ "EVP_aes_256_gcm", (void **)&crypto.aes_256_gcm }, { "EVP_DecryptInit_ex", (void **)&crypto.init },
		{ "EVP_CIPHER_CTX_ctrl", (void **)&crypto.ctrl }, { "EVP_DecryptUpdate", (void **)&crypto.update },
		{ "EVP_DecryptFinal_ex", (void **)&crypto.final }, { "SHA256", (void **)&crypto.sha256 },
	};

	return library_load("libcrypto.so.3", symbols, ARRAY_SIZE(symbols));
}

/* ---- the key ---- */

static int host_key(unsigned char key[KEY_BYTES])
{
	_cleanup_(closep) int fd = open(HOST_KEY, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	unsigned char secret[HOST_KEY_BYTES];
	ssize_t n = fd < 0 ? -1 : pread(fd, secret, sizeof(secret), 16);

	if (n < 0)
		return -errno;
	if (n != (ssize_t)sizeof(secret))
		return -EBADMSG;
	crypto.sha256(secret, sizeof(secret), key);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

/* who could hand us a credential that anybody can make would be trusted, on a machine that is made to trust nobody */
static bool must_be_sealed(void)
{
	static const char variable[] = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	_cleanup_(closep) int fd = open(variable, O_RDONLY | O_CLOEXEC);
	char value[5];

	return access("/sys/class/tpmrm/tpmrm0", F_OK) == 0 && fd >= 0 && read(fd, value, sizeof(value)) == sizeof(value) && value[4] == 1;
}

static int find_key(const struct head *h, unsigned char key[KEY_BYTES])
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (memcmp(kinds[i].kind, h->kind, sizeof(h->kind)) != 0)
			continue;
		switch (kinds[i].key) {
		case KEY_HOST:
			return host_key(key);
		case KEY_NONE:
			crypto.sha256((const unsigned char *)"", 0, key);
			return must_be_sealed() ? -EPERM : 0;
		case KEY_TPM2:
			return -EOPNOTSUPP;
		}
	}
	return -EBADMSG;
}

/* ---- the text ---- */

/* @to has room for @n bytes */
static int open_text(const struct head *h, const unsigned char key[KEY_BYTES], const unsigned char *text, size_t n, const unsigned char *tag, unsigned char *to)
{
	void *ctx = crypto.ctx_new();
	int len = 0, rest = 0;
	bool ok = ctx && crypto.init(ctx, crypto.aes_256_gcm(), NULL, key, h->iv) == 1 && crypto.update(ctx, NULL, &len, (const unsigned char *)h, sizeof(*h)) == 1 &&
		  crypto.update(ctx, to, &len, text, (int)n) == 1 && crypto.ctrl(ctx, CTRL_SET_TAG, TAG_BYTES, (void *)(uintptr_t)tag) == 1 &&
		  crypto.final(ctx, to + len, &rest) == 1;

	crypto.ctx_free(ctx);
	return ok && (size_t)len + (size_t)rest == n ? 0 : -EBADMSG;
}

static int check_inner(const char *id, char *text, size_t n, char **ret, size_t *len)
{
	const struct inner *m = (const struct inner *)text;
	size_t name, head;

	if (n < offsetof(struct inner, name))
		return -EBADMSG;
	name = le32toh(m->n_name);
	head = ALIGN8(offsetof(struct inner, name) + name);
	if (name > 255 || head > n)
		return -EBADMSG;
	if (name && (strlen(id) != name || memcmp(m->name, id, name) != 0))
		return -EREMOTE;
	if (le64toh(m->until_usec) != UINT64_MAX && le64toh(m->until_usec) < now_usec(CLOCK_REALTIME))
		return -ESTALE;
	*ret = text + head;
	*len = n - head;
	return 0;
}

static int decrypt(const char *id, const char *data, size_t n, char **ret, size_t *len)
{
	const struct head *h = (const struct head *)data;
	unsigned char key[KEY_BYTES];
	char *text;
	int e;

	if (n < sizeof(*h) + TAG_BYTES || le32toh(h->key_bytes) != KEY_BYTES || le32toh(h->block_bytes) != 1 || le32toh(h->iv_bytes) != IV_BYTES ||
	    le32toh(h->tag_bytes) != TAG_BYTES)
		return -EBADMSG;
	e = load();
	if (e == 0)
		e = find_key(h, key);
	if (e < 0)
		return e;
	n -= sizeof(*h) + TAG_BYTES;
	data += sizeof(*h);
	text = must_alloc(malloc(n + 1));
	e = open_text(h, key, (const unsigned char *)data, n, (const unsigned char *)data + n, (unsigned char *)text);
	explicit_bzero(key, sizeof(key));
	return e < 0 ? e : check_inner(id, text, n, ret, len);
}

int credential_decrypt(const struct run *r, const char *id, char *data, size_t n, char **ret, size_t *len)
{
	static const struct { int error; const char *why; } reasons[] = {
		{ -EOPNOTSUPP, "is sealed to a TPM2, which is not supported: encrypt it with --with-key=host" },
		{ -EREMOTE, "was encrypted under another name" }, { -ESTALE, "is no longer valid" }, { -EBADMSG, "cannot be decrypted with the key of this machine" },
		{ -EPERM, "has no key, which is not accepted under secure boot" }, { -ELIBACC, "needs libcrypto.so.3" },
	};
	const char *why = "cannot be decrypted";
	ssize_t bytes;
	char line[400];
	int e;

	data[n] = '\0';
	bytes = strlen(data) == n ? base64_decode(data) : -EBADMSG;
	e = bytes < 0 ? -EBADMSG : decrypt(id, data, (size_t)bytes, ret, len);
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		why = e == reasons[i].error ? reasons[i].why : why;
	if (e < 0) {
		snprintf(line, sizeof(line), "credential %.255s %s", id, why);
		step_warn(r, line, e);
	}
	return e;
}

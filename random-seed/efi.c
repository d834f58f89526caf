/* efi.c - see efi.h */
#include <fcntl.h>
#include <stdio.h>
#include "efi.h"

#define VARIABLES "/sys/firmware/efi/efivars/"
#define LOADER_GUID "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTES 4                    /* that the kernel puts before the value */
#define TOKEN_MIN 16

static int variable(const char *root, const char *name, uint8_t *ret, size_t size)
{
	uint8_t raw[ATTRIBUTES + EFI_SEED_MAX];
	char path[4096];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s" VARIABLES "%s" LOADER_GUID, root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -ENOENT;
	n = read(fd, raw, MIN(size + ATTRIBUTES, sizeof(raw)));
	if (n <= ATTRIBUTES)
		return -ENOENT;
	memcpy(ret, raw + ATTRIBUTES, (size_t)n - ATTRIBUTES);
	explicit_bzero(raw, sizeof(raw));
	return (int)n - ATTRIBUTES;
}

int efi_seed(const char *root, uint8_t ret[EFI_SEED_MAX], bool *own)
{
	uint8_t token[EFI_SEED_MAX];

	*own = variable(root, "LoaderSystemToken", token, sizeof(token)) >= TOKEN_MIN;
	explicit_bzero(token, sizeof(token));
	return variable(root, "LoaderRandomSeed", ret, EFI_SEED_MAX);
}

/*
 * efi.h - the seed that a boot loader leaves in an EFI variable (LoaderRandomSeed of the Boot Loader Interface)
 *
 * A loader that knows the interface makes it anew on each boot, from a file on the boot partition and a token that only this machine
 * has (LoaderSystemToken); without the token the file may be an image's, and the seed is worth nothing.
 */
#pragma once
#include "seed.h"

#define EFI_SEED_MAX 512
/** efi_seed() - bytes read into @ret; -ENOENT: no firmware of that kind, or no seed; *own: the machine has its token */
int efi_seed(const char *root, uint8_t ret[EFI_SEED_MAX], bool *own);

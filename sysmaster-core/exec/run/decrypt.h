/*
 * decrypt.h - encrypted credentials in the format of systemd-creds(1) of systemd 252
 *
 * AES-256-GCM under the SHA-256 of the machine's key, /var/lib/systemd/credential.secret, or of nothing where there was neither that
 * nor a TPM2. What is sealed to a TPM2 is refused.
 */
#pragma once
#include "run.h"

/**
 * credential_decrypt() - @id: the credential's name, which the one inside must be; @data: as read, base64; it is changed
 * Return: 0 with *ret and *len. -EOPNOTSUPP: sealed to a TPM2; -EREMOTE: of another name; -ESTALE: no longer valid; -EBADMSG: not
 * authentic, or no credential; -EPERM: a null key under secure boot; -ELIBACC: no libcrypto. All but the first are reported.
 */
int credential_decrypt(const struct run *r, const char *id, char *data, size_t n, char **ret, size_t *len);

/*
 * filesystems.h - names of file systems for RestrictFileSystems=, the sets "@..." of them, and their magic numbers; systemd.exec(5)
 *
 * The numbers are those of statfs(2), linux/magic.h and the file systems' own headers.
 */
#pragma once
#include "util.h"

#define FILE_SYSTEM_MAGICS 5            /* a name may stand for several, a number for several names */

bool file_system_known(const char *name);                       /* of a file system or of a set */
/**
 * file_systems_resolve() - what lines of the setting come to
 * @words: each with a '~' in front where its line had one; the first says whether the list allows or denies, the later ones add
 *         to it or take away
 * @ret:   their names, sorted, each once; the names are constants, the caller frees the vector
 *
 * Return: how many, or -ENOMEM.
 */
ssize_t file_systems_resolve(char *const *words, size_t n, bool *ret_allow, const char ***ret);
size_t file_system_magics(const char *name, uint32_t ret[FILE_SYSTEM_MAGICS]);

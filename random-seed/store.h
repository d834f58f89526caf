/*
 * store.h - the file that carries the seed over a reboot: read, and replaced in such a way that no power cut loses or doubles it
 *
 * Replacing: a new file beside it, fsync(2), rename(2), fsync(2) of the folder. Until the last step has returned the old file may be
 * the one that the next boot finds; after it, never. Whoever uses the old seed for credit does so after that step.
 */
#pragma once
#include "seed.h"

struct store { int dir_fd; };           /* -1: not open */

/** store_open() - the folder (made, 0700, when missing), locked against a second of us. 0; -EBUSY: somebody else holds it; -errno */
int store_open(struct store *s, const char *dir);
void store_close(struct store *s);

/**
 * store_read() - the file's bytes, whatever they are
 * Return: bytes read, at most @size; -ENOENT; -errno.
 */
int store_read(const struct store *s, void *buf, size_t size);
/** store_write() - replace it, durably. 0, or -errno: then the old one is still there, or the new one without certainty that it stays */
int store_write(const struct store *s, const struct seed *seed);
/**
 * store_keeps() - does what is written here outlive a power cut, and is it written anew on each boot rather than on a copy in memory?
 * 0; -EROFS for tmpfs, overlay and read-only kinds of file system; -errno.
 */
int store_keeps(const struct store *s);

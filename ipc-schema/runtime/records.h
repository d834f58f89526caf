/*
 * records.h - areas of records in a memfd: what a process must not forget over its own crash and its own upgrade
 *
 * The memory is shared with the file, so whatever was written before a crash is there after it. The file is sparse: a page costs memory
 * only when used. The memfd stays open over execve(): executing the program again is all that recovery needs.
 *
 * Layout: a checked head that names every area by offset, record size and count. An image that finds another layout (older or newer)
 * copies area by area, record by record, as much of each record as both know: areas keep their order, fields are only ever appended.
 */
#pragma once
#include "util.h"

#define RECORDS_AREAS 5                 /* at most; the head is as large for fewer */
#define RECORDS_MAX_BYTES (64u << 20)

struct records_area { uint32_t off, size, count; };
struct records_head {
	uint64_t magic;                 /* whose they are */
	uint32_t version, n_areas;
	struct records_area areas[RECORDS_AREAS];
	uint64_t check;                 /* of everything before it: records_check() */
};

/** RECORDS_AREA() - the array @member of @n records in the struct @type that the file holds; it begins with the head */
#define RECORDS_AREA(type, member, n) { offsetof(type, member), sizeof(((type *)0)->member) / (n), (n) }

uint64_t records_check(const struct records_head *h);

/** records_new() - an empty file of @size bytes under @head (its check is filled in here), mapped at *ret: the memfd or -errno */
int records_new(const char *name, const struct records_head *head, size_t size, void **ret);

/**
 * records_adopt() - map at *ret what an earlier image left behind *fd
 * Return: 0; 1: it had another layout and was copied into a new file, whose memfd *fd is now; -EBADMSG: it is no such file; -errno.
 * Nothing is changed on failure.
 */
int records_adopt(int *fd, const char *name, const struct records_head *head, size_t size, void **ret);

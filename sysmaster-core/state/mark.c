/* mark.c - what core is working on */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include "state/mark.h"
#include "util.h"

static char *page;

int mark_open(const char *path, char ret_last[256])
{
	_cleanup_(closep) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, MARK_SIZE) < 0)
		return -errno;
	page = mmap(NULL, MARK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		page = NULL;
		return -errno;
	}
	snprintf(ret_last, 256, "%.255s", page);
	page[0] = 0;
	return 0;
}

void mark_set(const char *unit)
{
	if (page)
		snprintf(page, 256, "%s", unit ?: "");
}

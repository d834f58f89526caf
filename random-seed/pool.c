/* pool.c - see pool.h */
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include "pool.h"

int pool_mix(const void *data, size_t n)
{
	_cleanup_(closep) int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t r = fd < 0 ? -1 : write(fd, data, n);

	return r < 0 ? -errno : 0;
}

int pool_credit(const void *data, size_t n)
{
	union { struct rand_pool_info info; uint8_t space[sizeof(struct rand_pool_info) + SEED_BYTES]; } request = {
		.info = { .entropy_count = (int)n * 8, .buf_size = (int)n } };
	_cleanup_(closep) int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	if (n > SEED_BYTES)
		return -EINVAL;
	memcpy(request.info.buf, data, n);
	r = ioctl(fd, RNDADDENTROPY, &request) < 0 ? -errno : 0;
	explicit_bzero(&request, sizeof(request));
	return r;
}

int pool_draw(uint8_t ret[SEED_BYTES])
{
	if (getrandom(ret, SEED_BYTES, GRND_NONBLOCK) == SEED_BYTES)
		return 1;
	random_bytes(ret, SEED_BYTES);
	return 0;
}

int pool_watch(void)
{
	int fd = open("/dev/random", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

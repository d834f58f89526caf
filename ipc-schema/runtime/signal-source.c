/* signal-source.c - see signal-source.h */
#include <sys/signalfd.h>
#include "signal-source.h"

static int fire(struct source *s, uint32_t got)
{
	struct signal_source *signals = container_of(s, struct signal_source, source);
	struct signalfd_siginfo si[8];
	ssize_t n;

	(void)got;
	while ((n = read(s->fd, si, sizeof(si))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(si[0]); i++)
			signals->fn((int)si[i].ssi_signo);
	return 0;
}

int signal_source_add(struct loop *l, struct signal_source *s, const sigset_t *set, void (*fn)(int signo))
{
	int fd, r;

	s->fn = fn;
	sigprocmask(SIG_BLOCK, set, NULL);
	fd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = source_add(l, &s->source, fd, EPOLLIN, fire);
	if (r < 0)
		close(fd);
	return r;
}

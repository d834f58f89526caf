/* run.c - RUN{program} and RUN{builtin}, in the order in which the rules named them */
#include <time.h>
#include "builtin/builtin.h"
#include "event/event.h"
#include "log.h"
#include "worker/needless.h"
#include "worker/worker.h"

static int run_builtin(struct event *e, const struct event_run *run)
{
	char text[EVENT_LINE_BYTES], *argv[32];
	int r;

	strncpy(text, run->command, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	r = event_words(text, argv, ARRAY_SIZE(argv));
	return r <= 0 ? -EINVAL : builtin_run(run->builtin, e, r, argv);
}

int run_all(struct event *e, uint64_t delay_usec)
{
	int last = 0;

	for (const struct event_run *run = e->run; run; run = run->next) {
		int r;

		if (run->builtin >= 0) {
			r = run_builtin(e, run);
			if (r < 0)
				log_event(LOG_DEBUG, "DEVICE_BUILTIN", "a builtin of RUN has nothing to say", F_STR("COMMAND", run->command), F_STR("DEVICE", e->dev->devpath), F_ERRNO(r));
			continue;
		}
		if (needless(run->command, ""))
			continue;
		if (delay_usec > 0)
			nanosleep(&(struct timespec){ (time_t)(delay_usec / USEC_PER_SEC), (long)(delay_usec % USEC_PER_SEC * NSEC_PER_USEC) }, NULL);
		r = program_run(e, run->command, NULL);
		if (r == 0)
			continue;
		log_event(LOG_WARNING, "DEVICE_RUN", r > 0 ? "a program of RUN failed" : "a program of RUN did not end as it should",
			  F_STR("COMMAND", run->command), F_STR("DEVICE", e->dev->devpath), F_I64(r > 0 ? "STATUS" : "ERRNO", r));
		last = r < 0 ? r : last;
	}
	return last;
}

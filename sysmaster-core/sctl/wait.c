/* wait.c - see wait.h; questions are asked at growing intervals, so a lost event costs little and an idle wait nearly nothing */
#include <limits.h>
#include <time.h>
#include "wait.h"

struct waiter {
	struct sctl *s;
	struct subscriber *sub;
	struct ipc_job_info *jobs;      /* .unit is ours */
	size_t n_jobs, cap;
};

static const int intervals_msec[] = { 20, 100, 500, 1000, 2000 };

static int subscribe(struct waiter *w)
{
	char path[PATH_MAX];
	int r = link_path(ipc_core_socket.events_path, path);

	subscriber_free(w->sub);
	w->sub = NULL;
	return r < 0 ? r : subscriber_open(&w->sub, path, 1000);
}

int waiter_new(struct waiter **ret, struct sctl *s)
{
	struct waiter *w;
	int r = link_core(s);           /* waits while core is being replaced */

	if (r < 0)
		return r;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->s = s;
	subscribe(w);                   /* without events the questions alone still do */
	*ret = w;
	return 0;
}

void waiter_free(struct waiter *w)
{
	if (!w)
		return;
	subscriber_free(w->sub);
	for (size_t i = 0; i < w->n_jobs; i++)
		free((char *)w->jobs[i].unit);
	free(w->jobs);
	free(w);
}

int waiter_add(struct waiter *w, const struct ipc_job_info *job)
{
	char *unit = strdup(job->unit);

	if (!unit)
		return -ENOMEM;
	if (w->n_jobs == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 8;
		struct ipc_job_info *jobs = reallocarray(w->jobs, cap, sizeof(*jobs));

		if (!jobs) {
			free(unit);
			return -ENOMEM;
		}
		w->jobs = jobs;
		w->cap = cap;
	}
	w->jobs[w->n_jobs] = *job;
	w->jobs[w->n_jobs++].unit = unit;
	return 0;
}

/* an event about one of ours, or one that cannot be read: worth a question */
static bool concerns(const struct waiter *w, const struct msg_event_frame *f)
{
	char mem[1024];
	struct arena a = ARENA_FIXED(mem);
	struct ipc_job_info job;

	if (f->event != IPC_CORE_EV_JOB_REMOVED)
		return false;
	if (msg_decode(&ipc_job_info_desc, f->body, f->body_len, &a, &job, NULL) < 0)
		return true;
	for (size_t i = 0; i < w->n_jobs; i++)
		if (w->jobs[i].id == job.id)
			return true;
	return false;
}

/* 1: an event about a job of ours; 0: time is up */
static int await(struct waiter *w, int msec)
{
	uint64_t due = now_usec(CLOCK_MONOTONIC) + (uint64_t)msec * USEC_PER_MSEC;

	for (;;) {
		uint64_t now = now_usec(CLOCK_MONOTONIC);
		struct msg_event_frame f;
		int r;

		if (now >= due)
			return 0;
		if (!w->sub && subscribe(w) < 0) {
			usleep(MIN((useconds_t)20000, (useconds_t)(due - now)));
			continue;
		}
		r = subscriber_next(w->sub, (int)((due - now + 999) / USEC_PER_MSEC), &f);
		if (r == -ETIMEDOUT)
			return 0;
		if (r < 0) {
			subscriber_free(w->sub);
			w->sub = NULL;
			usleep(1000);
		} else if (concerns(w, &f)) {
			return 1;
		}
	}
}

/* 1: over, filled in; 0: not yet; -errno: core cannot be asked */
static int ask(struct waiter *w, struct ipc_job_info *job)
{
	struct ipc_job_request req = { .id = job->id };
	struct ipc_job_info now = { 0 };
	struct arena kept = w->s->arena;        /* a long wait asks often: each answer is dropped at once */
	int r;

	w->s->arena = (struct arena)ARENA_HEAP(1 << 20);
	r = link_call(w->s, IPC_CORE_GET_JOB, &req, &now, NULL);
	arena_reset(&w->s->arena);
	w->s->arena = kept;
	if (r == -ENOENT) {             /* so long ago that core has forgotten it: the state of the unit has to do */
		job->state = IPC_JOB_STATE_FINISHED;
		job->result = IPC_JOB_RESULT_NONE;
		return 1;
	}
	if (r < 0)
		return r;
	job->state = now.state;
	job->result = now.result;
	return now.state == IPC_JOB_STATE_FINISHED;
}

static int settle(struct waiter *w, int (*done)(void *, const struct ipc_job_info *), void *arg, int *ret)
{
	for (size_t i = 0; i < w->n_jobs;) {
		struct ipc_job_info *job = &w->jobs[i];
		int r = job->state == IPC_JOB_STATE_FINISHED ? 1 : ask(w, job);

		if (r < 0)
			return r;
		if (r == 0) {
			i++;
			continue;
		}
		r = done(arg, job);
		if (r < 0 && *ret >= 0)
			*ret = r;
		free((char *)job->unit);
		*job = w->jobs[--w->n_jobs];
	}
	return 0;
}

static bool any_finished(const struct waiter *w)
{
	for (size_t i = 0; i < w->n_jobs; i++)
		if (w->jobs[i].state == IPC_JOB_STATE_FINISHED)
			return true;
	return false;
}

int waiter_run(struct waiter *w, int (*done)(void *arg, const struct ipc_job_info *job), void *arg)
{
	size_t round = 0;
	int r, ret = 0;

	while (w->n_jobs > 0) {
		if (!any_finished(w) && await(w, intervals_msec[round]) == 0 && round + 1 < ARRAY_SIZE(intervals_msec))
			round++;
		r = settle(w, done, arg, &ret);
		if (r < 0)
			return r;
	}
	return ret;
}

int waiter_event(struct waiter *w, int msec)
{
	struct msg_event_frame f;
	int r = w->sub ? 0 : subscribe(w);

	if (r < 0) {
		usleep((useconds_t)MIN(msec, 100) * 1000);
		return 0;
	}
	r = subscriber_next(w->sub, msec, &f);
	if (r < 0 && r != -ETIMEDOUT) {
		subscriber_free(w->sub);
		w->sub = NULL;
		usleep(1000);
	}
	return 0;
}

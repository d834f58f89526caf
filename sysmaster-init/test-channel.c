/* test-channel.c - packets are acted upon before they are taken off; full and poisoned channels; fds that nobody keeps are closed */
#include "test.h"
#include <fcntl.h>
#include <sys/socket.h>
#include "channel.h"
#include "channel.ipc.h"
#include "log.h"
#include "table.h"

static struct loop *loop;
static int peer, frames, writables, closes, poisons, keep_fd;
static uint64_t last_token;

static int on_frame(struct frame *f)
{
	frames++;
	if (f->event->id == IPC_CHANNEL_TO_INIT_EV_FORGET)
		last_token = ((const struct ipc_token *)f->body)->token;
	if (f->n_fds > 0) {
		keep_fd = f->fds[0];
		f->fds[0] = -1;
	}
	return 0;
}

static void on_writable(void) { writables++; }
static void on_closed(void)
{
	closes++;
	channel_close();
}
static void on_poisoned(void) { poisons++; }

static int (*const takes[])(struct frame *f) = { [IPC_CHANNEL_TO_INIT_EV_FORGET] = on_frame };
static const struct frame_reader reader = { &ipc_channel_to_init_socket, takes, ARRAY_SIZE(takes), "test" };
static const struct channel_ops ops = { &reader, on_writable, on_closed, on_poisoned };

static int setup(void **state)
{
	(void)state;
	frames = writables = closes = poisons = 0;
	keep_fd = -1;
	log_set_level(LOG_EMERG);
	if (table_new() < 0 || loop_new(&loop, 4, true) < 0)
		return -1;
	channel_setup(loop, &ops);
	return channel_open(&peer);
}

static int teardown(void **state)
{
	(void)state;
	channel_close();
	close(peer);
	loop_free(loop);
	return 0;
}

static void ask(uint64_t token, const int *fds, size_t n)
{
	uint8_t bytes[256];
	struct buf b = BUF_FIXED(bytes);
	union { struct cmsghdr align; char bytes[CMSG_SPACE(8 * sizeof(int))]; } control = { 0 };
	struct iovec iov;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	assert_int_equal(msg_event_encode(1, msg_event_by_id(&ipc_channel_to_init_socket, IPC_CHANNEL_TO_INIT_EV_FORGET), &(struct ipc_token){ token }, &b), 0);
	iov = (struct iovec){ b.data, b.len };
	if (n > 0) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(n * sizeof(int));
		*CMSG_FIRSTHDR(&mh) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&mh)), fds, n * sizeof(int));
	}
	assert_true(sendmsg(peer, &mh, 0) > 0);
}

static void in_order(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 40; i++) {
		ask(i, NULL, 0);
		if (i % 10 == 0)
			loop_turn(loop, 0);
	}
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 0);
	assert_int_equal(frames, 40);
	assert_int_equal(last_token, 40);
	assert_int_equal(table->s.poison, 0);
}

static void garbage_is_skipped(void **state)
{
	char big[CHANNEL_MAX_BYTES + 100];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_true(send(peer, "\xc1", 1, 0) == 1 && send(peer, big, sizeof(big), 0) == sizeof(big));
	ask(9, NULL, 0);
	loop_turn(loop, 0);
	assert_int_equal(frames, 1);
	assert_int_equal(last_token, 9);
}

static void unkept_fds_are_closed(void **state)
{
	int pipes[3][2], fds[3];
	char c;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pipe2(pipes[i], O_NONBLOCK | O_CLOEXEC), 0);
		fds[i] = pipes[i][1];
	}
	ask(1, fds, 3);
	for (int i = 0; i < 3; i++)
		close(pipes[i][1]);
	loop_turn(loop, 0);
	assert_int_equal(read(pipes[0][0], &c, 1), -1);         /* kept by the handler */
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(read(pipes[1][0], &c, 1), 0);          /* no writer is left: neither peeked nor taken copies */
	assert_int_equal(read(pipes[2][0], &c, 1), 0);
	assert_true(fcntl(keep_fd, F_GETFD) & FD_CLOEXEC);
	close(keep_fd);
	assert_int_equal(read(pipes[0][0], &c, 1), 0);
	for (int i = 0; i < 3; i++)
		close(pipes[i][0]);
}

static void poison(void **state)
{
	(void)state;
	ask(1, NULL, 0);
	ask(2, NULL, 0);
	table->s.poison = 1;            /* one image died of the first packet: it gets another chance */
	loop_turn(loop, 0);
	assert_int_equal(frames, 2);
	ask(3, NULL, 0);
	ask(4, NULL, 0);
	table->s.poison = 2;            /* two images died of it */
	loop_turn(loop, 0);
	assert_int_equal(poisons, 1);
	assert_int_equal(frames, 3);
	assert_int_equal(last_token, 4);
}

static void full(void **state)
{
	char sink[CHANNEL_MAX_BYTES];
	int sent = 0, r;

	(void)state;
	while ((r = channel_send(IPC_CHANNEL_TO_CORE_EV_PING, &(struct ipc_ping){ .n = 1 }, -1)) == 0)
		sent++;
	assert_int_equal(r, -EAGAIN);
	assert_in_range(sent, 1, 100000);
	assert_int_equal(writables, 0);
	while (recv(peer, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		sent--;
	assert_int_equal(sent, 0);
	loop_turn(loop, 100);
	assert_int_equal(writables, 1);
	loop_turn(loop, 0);
	assert_int_equal(writables, 1); /* it asks only while somebody waits for room */
}

static void gone(void **state)
{
	(void)state;
	ask(5, NULL, 0);
	close(peer);
	loop_turn(loop, 0);
	assert_int_equal(last_token, 5);        /* what was sent before the end is heard */
	assert_int_equal(closes, 1);
	assert_int_equal(channel_send(IPC_CHANNEL_TO_CORE_EV_PING, &(struct ipc_ping){ .n = 1 }, -1), -EPIPE);
	assert_int_equal(channel_open(&peer), 0);
	ask(6, NULL, 0);
	channel_drain();
	assert_int_equal(last_token, 6);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
static const struct CMUnitTest tests[] = { T(in_order), T(garbage_is_skipped), T(unkept_fds_are_closed), T(poison), T(full), T(gone) };

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }

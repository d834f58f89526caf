/*
 * channel.h - what the daemon's own processes say to each other, over SOCK_SEQPACKET pairs; structures of one binary
 *
 *   listener --ORDER--> worker --OUTCOME--> listener        an event, what became of it
 *   listener --LEAD---> runner --NEWS-----> listener        make a worker, kill it, read rules again; a worker ended
 *   worker --PROGRAM--> runner --RESULT---> worker          a program of RUN, PROGRAM or IMPORT{program}
 *
 * All come from the same image by fork, so there is no version. The runner is forked before anything is sandboxed and reads rules;
 * workers are its children and have them by copy-on-write.
 */
#pragma once
#include "frame.h"
#include "util.h"

#define CHANNEL_BYTES 65536             /* of one packet */
#define PLACE_BYTES 120

enum order_verb { ORDER_EVENT = 1, ORDER_WATCHED, ORDER_REPAIR, ORDER_END };
struct order {
	uint32_t verb;
	int32_t log_level;
	uint64_t timeout_usec;          /* of a program */
	uint64_t exec_delay_usec;
	uint32_t message_bytes;         /* ORDER_EVENT: the kernel's message; ORDER_WATCHED: the device's id */
	uint32_t properties_bytes;      /* "KEY=VALUE\0...", added to every event */
	bool blockdev_read_only;
};

enum outcome_verb { OUTCOME_DONE = 1, OUTCOME_LOCKED /* somebody has the disk: try later */, OUTCOME_FAILED };
struct outcome { uint32_t verb; int32_t error; uint64_t usec, slow_usec; char slow_place[PLACE_BYTES]; };      /* slow: the line that took most */

enum lead_verb { LEAD_SPAWN = 1 /* with the worker's end */, LEAD_KILL, LEAD_RELOAD };
struct lead { uint32_t verb; uint32_t token; int32_t signo; int32_t log_level; };

enum news_verb { NEWS_ENDED = 1, NEWS_NO_WORKER, NEWS_RULES };
struct news { uint32_t verb; uint32_t token; int32_t status; int32_t error; uint64_t lines; };

enum program_verb { PROGRAM_RUN = 1 /* with its standard output, or none */, PROGRAM_KILL };
struct program { uint32_t verb; uint32_t argc, envc; };         /* then the path, arguments, environment, a NUL behind each */
struct result { int32_t error, status; };                       /* error 0: status of waitpid(2) */

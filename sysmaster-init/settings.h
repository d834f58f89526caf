/*
 * settings.h - what sysmaster-setup finds out for PID 1: one record, sent through a pipe, kept in the table
 *
 * PID 1 reads no file of configuration. sysmaster-begin takes the record when it has this very size and its check is right, else it goes on with
 * what it has, at first with defaults. Texts are NUL-terminated.
 */
#pragma once
#include <linux/filter.h>
#include "util.h"

#define SETTINGS_VERSION 1
#define SETTINGS_FD 3                   /* of sysmaster-setup: where the record goes */
#define SETTINGS_FILTER 64

struct settings {
	uint32_t version, mode;         /* enum ipc_init_mode */
	uint64_t keepalive_usec, keepalive_misses, core_start_usec, core_deaths, crashes, power_usec;
	uint64_t term_usec, kill_usec, watchdog_usec, reboot_watchdog_usec;
	uint32_t log_level, show_status;
	char core[1024], exec[1024];    /* the programs */
	char run_dir[96];               /* where init.sock lies */
	char cgroup_root[1024];         /* below it core may work; "": there is none */
	char boot_unit[257], container[65], rescue_shell[256], watchdog_device[256];
	char environment[3072];         /* NAME=VALUE, a NUL after each, one more behind the last */
	uint32_t n_filter, unused;
	struct sock_filter filter[SETTINGS_FILTER];     /* the system-wide seccomp list */
	uint64_t check;                 /* settings_check(); last */
};

static inline uint64_t settings_check(const struct settings *s) { return hash64(s, offsetof(struct settings, check)); }

static inline bool settings_right(const struct settings *s) { return s->version == SETTINGS_VERSION && s->check == settings_check(s); }

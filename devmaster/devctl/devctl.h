/*
 * devctl.h - one invocation of the CLI of devmaster: its options, its streams
 *
 * Nothing is global, so a test runs a command line in-process. Verbs return an exit status. Each verb has option rows of its own
 * (parser and help come from them); those of `devctl` as a whole hold for every verb. Called as udevadm there are only the verbs and
 * options that udevadm of systemd 252 has, with its output and its exit statuses.
 */
#pragma once
#include <stdio.h>
#include "buf.h"
#include "database/database.h"
#include "device/device.h"
#include "diag.h"
#include "option.h"

#define ANY_NUMBER SIZE_MAX
#define UDEVADM_VERSION "252"           /* whose behaviour we have */
#define DEVICE_BYTES_MAX (16u << 20)

struct devctl {
	FILE *out, *err;
	const char *program;            /* "devctl" or "udevadm" */
	bool udevadm;
	bool help, version, man, debug, json, apply, no_index, strict, quiet, update, usr;
	const char *sysfs, *devdir, *run, *root, *action, *proc;
	const char *timeout;            /* a span */
	const char *socket;             /* stat: of the daemon */
	const char *exists;             /* settle --exit-if-exists */
	const char *modalias;           /* hwdb --test */
	unsigned timeout_sec;
	char **rules, **words;          /* --rules; owner frees */
	struct diag_sink sink;          /* prints to .err and counts */
	unsigned errors, warnings;

	struct {
		const char *prefix, *file;
		char **devices;         /* "pPATH" or "nNAME" */
		char **properties;
		const char *wait;       /* a span; NULL: does not wait */
		int what;               /* enum of info.c */
		bool root, value, export;
	} info;
	struct {
		const char *action;
		char **filters;         /* a letter and its argument */
		char **first;
		int type, initialized;  /* as enumerate.h has them */
		bool verbose, dry_run, uuid;
		const char *wait_daemon;        /* a span; NULL: does not wait */
		bool settle;
	} trigger;
	struct {
		const char *log_level, *children;
		char **properties;
		int queue;              /* the verb of wire.h; 0: neither */
		bool exit, reload, ping;
	} control;
	struct {
		char **subsystems, **tags;
		bool properties, kernel, udev;
	} monitor;
	struct { int names; /* enum of test.c */ } test;
	struct { bool initialized, removed, settle; } wait;
	struct { char **devices; /* "dPATH" or "bPATH" */ bool print; } lock;
	struct { bool config, brief; } cat;
};

struct verb {
	const char *name, *args;
	size_t min, max;                /* words after the name */
	int (*run)(struct devctl *c, char **words, size_t n);
	const char *doc;
	const struct option_set *options;       /* NULL: none of its own */
	bool udevadm;                   /* udevadm has it, too */
};
extern const struct verb devctl_verbs[];
extern const size_t n_devctl_verbs;

int devctl_main(int argc, char **argv, FILE *out, FILE *err);
int devctl_usage(const struct devctl *c);       /* exit status after a wrong command line: 2; udevadm: 1 */
/** devctl_fail() - "devctl: WHAT: REASON" to .err; 1. @r: negative errno */
int devctl_fail(struct devctl *c, const char *what, int r);

int verb_verify(struct devctl *c, char **words, size_t n);
int verb_test_rules(struct devctl *c, char **words, size_t n);
int verb_info(struct devctl *c, char **words, size_t n);
int verb_trigger(struct devctl *c, char **words, size_t n);
int verb_test(struct devctl *c, char **words, size_t n);
int verb_settle(struct devctl *c, char **words, size_t n);
int verb_control(struct devctl *c, char **words, size_t n);
int verb_monitor(struct devctl *c, char **words, size_t n);
int verb_wait(struct devctl *c, char **words, size_t n);
int verb_lock(struct devctl *c, char **words, size_t n);
int verb_cat(struct devctl *c, char **words, size_t n);
int verb_stat(struct devctl *c, char **words, size_t n);
int verb_builtins(struct devctl *c, char **words, size_t n);
int verb_hwdb(struct devctl *c, char **words, size_t n);
int verb_test_builtin(struct devctl *c, char **words, size_t n);
extern const struct option_set verify_options, test_rules_options, info_options, trigger_options, hwdb_options, test_builtin_options,
	settle_options, control_options, monitor_options, wait_options, lock_options, test_options, stat_options, cat_options;

/* find.c - the device that a word of the command line means */
/**
 * find_device() - @word: a path below /dev or /sys, or the name of a device unit; devctl also takes a devpath
 *
 * -EINVAL: no such form; -ENODEV. The record is not read.
 */
int find_device(struct devctl *c, struct arena *a, const char *word, struct device **ret);
char *find_path(const char *dir, const char *word);     /* below @dir, put in front where it is missing; caller frees */
extern const char *const device_actions[8];
/** find_action() - true when @text is an action; "help" lists them, anything else is complained about, and *@status is how to end */
bool find_action(struct devctl *c, const char *text, int *status);

/* show.c - a device as `info` prints it */
void show_record(FILE *out, struct device *d, const char *prefix);      /* "P: ...", @prefix in front of each line */
int show_json(FILE *out, struct device *d);                             /* one object on one line */
void show_walk(FILE *out, struct device *d);                            /* for rules: it and its parents */
int show_db(struct devctl *c);                                          /* all devices; exit status */
int show_tree(struct devctl *c, const char *below);                     /* @below: path of a device, NULL: all */
/**
 * show_prepare() - the record and all properties of @d, in the order in which sd-device of systemd 252 would have them
 *
 * That is where its caller first asked for subsystem and driver: @early says before its uevent file was read.
 */
int show_prepare(struct devctl *c, struct device *d, bool early, bool with_driver);

struct node_place;
struct rules;
struct event;
/* test-rules.c: an event of --action on @d that runs no RUN and writes no attribute; all properties are set afterwards */
int devctl_event(struct devctl *c, const struct node_place *place, struct rules *rules, struct device *d, struct event *e);

/* settle.c - what others need of it */
int devctl_span(struct devctl *c, uint64_t *span);      /* of --timeout; untouched without one. 0 or an exit status */
int devctl_ping(struct devctl *c, uint64_t timeout_usec);       /* -ENOENT, -ECONNREFUSED: no daemon; -ETIMEDOUT */
bool devctl_queue_empty(struct devctl *c);

/* watch.c - folders in which something is to happen */
struct watch;
int watch_new(struct watch **ret);
void watch_free(struct watch *w);
DEFINE_CLEANUP(struct watch *, watch_free);
int watch_add(struct watch *w, const char *dir);        /* entries made, moved, removed there; a folder that is not there yet is asked for again each time */
/** watch_wait() - until @done says so (1, or negative errno) or @deadline_usec of CLOCK_MONOTONIC. -ETIMEDOUT. Looks at least five times a second */
int watch_wait(struct watch *w, uint64_t deadline_usec, int (*done)(void *arg), void *arg);
uint64_t watch_deadline(uint64_t span_usec);            /* from now; USEC_INFINITY stays */

/* cleanup.c - info --cleanup-db: records that need not outlive an initramfs, and what belongs to them */
int cleanup_db(const char *run);

/* json.c - values of an object on one line; bytes that are not UTF-8 become \u00XX */
void json_string(struct buf *out, const char *s);
void json_key(struct buf *out, const char *key);        /* with a comma where one is due */
void json_words(struct buf *out, const char *key, const char *const *v, size_t n, size_t skip); /* @skip: bytes left out in front of each */

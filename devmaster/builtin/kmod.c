/*
 * kmod.c - "kmod load [MODULE|MODALIAS...]": load the modules; without words, those of the device's own modalias
 *
 * libkmod resolves names and calls finit_module(2) itself. It is taken in when it is needed first: with what it needs (libcrypto) it
 * would be most of the memory and start-up time of every program here. An "install" line of modprobe.d is a shell command: it goes the way of
 * PROGRAM, through the event's host, as workers may not run anything.
 */
#include <dlfcn.h>
#include <libkmod.h>
#include <syslog.h>
#include "builtins.h"
#include "tool.h"

#define LOOK_AGAIN_USEC (3 * USEC_PER_SEC)

#define CALLS(X) \
	X(new) X(unref) X(validate_resources) X(load_resources) X(set_log_priority) X(module_get_initstate) X(module_probe_insert_module) X(module_get_name) \
	X(module_new_from_lookup) X(module_get_module) X(module_unref) X(module_unref_list) X(list_next)
#define FIELD(name) __typeof__(&kmod_##name) name;
static struct { bool tried, have; CALLS(FIELD) } kmod;
static struct { struct kmod_ctx *ctx; uint64_t looked_usec; } kept;

static bool take_library(void)
{
	void *lib = kmod.tried ? NULL : dlopen("libkmod.so.2", RTLD_NOW | RTLD_LOCAL);

	if (!kmod.tried && lib) {
		kmod.have = true;
#define TAKE(call) kmod.have &= (kmod.call = (__typeof__(kmod.call))dlsym(lib, "kmod_" #call)) != NULL;
		CALLS(TAKE)
	}
	kmod.tried = true;
	return kmod.have;
}

void builtin_kmod_prepare(void) { take_library(); }

static struct kmod_ctx *current(void)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (kept.ctx && now < kept.looked_usec + LOOK_AGAIN_USEC)
		return kept.ctx;
	kept.looked_usec = now;
	if (kept.ctx && kmod.validate_resources(kept.ctx) == KMOD_RESOURCES_OK)
		return kept.ctx;
	kmod.unref(kept.ctx);
	kept.ctx = kmod.new(NULL, NULL);
	if (kept.ctx) {
		kmod.set_log_priority(kept.ctx, LOG_ERR);
		kmod.load_resources(kept.ctx);
	}
	return kept.ctx;
}

/* a command as one word of event_words(): '...' holds all but a quote of its own */
static int run_install(struct kmod_module *m, const char *command, void *data)
{
	struct event *e = data;
	struct buf line = { 0 }, out = { 0 };
	char text[256];
	int r;

	out = (struct buf)BUF_FIXED(text);
	buf_adds(&line, "/bin/sh -c '");
	for (const char *p = command; *p; p++)
		if (*p == '\'')
			buf_adds(&line, "'\"'\"'");
		else
			buf_addc(&line, *p);
	buf_addc(&line, '\'');
	r = buf_str(&line) ? e->host->program(e, buf_str(&line), &out) : -ENOMEM;
	buf_finish(&line);
	return r > 0 ? -EIO : r;
}

static void load_one(struct event *e, struct kmod_module *m)
{
	int r = kmod.module_get_initstate(m);

	if (r == KMOD_MODULE_LIVE || r == KMOD_MODULE_BUILTIN || e->dry)
		return;
	r = kmod.module_probe_insert_module(m, KMOD_PROBE_APPLY_BLACKLIST, NULL, run_install, e, NULL);
	if (r < 0)
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "cannot load the module %s: %s", kmod.module_get_name(m), strerror(-r));
}

static void load(struct event *e, struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *i;
	int r = kmod.module_new_from_lookup(ctx, name, &list);

	if (r < 0)
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "cannot look up the module \"%s\": %s", name, strerror(-r));
	for (i = list; i; i = kmod.list_next(list, i)) {
		struct kmod_module *m = kmod.module_get_module(i);

		load_one(e, m);
		kmod.module_unref(m);
	}
	kmod.module_unref_list(list);
}

int builtin_kmod(struct event *e, int argc, char **argv)
{
	const char *modalias = device_property(e->dev, "MODALIAS");
	struct kmod_ctx *ctx;

	if (argc < 2 || !streq(argv[1], "load")) {
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "kmod: expected \"kmod load [MODULE...]\"");
		return -EINVAL;
	}
	if (argc == 2 && !modalias)
		return -ENOENT;
	if (!take_library()) {
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "no module can be loaded: libkmod.so.2 is not there");
		return -EOPNOTSUPP;
	}
	ctx = current();
	if (!ctx)
		return -ENOMEM;
	for (int i = 2; i < argc; i++)
		load(e, ctx, argv[i]);
	if (argc == 2)
		load(e, ctx, modalias);
	return 0;
}

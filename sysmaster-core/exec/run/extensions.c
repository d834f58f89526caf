/* extensions.c - ExtensionImages= and ExtensionDirectories=: overlays of /usr and /opt; systemd.exec(5), os-release(5) */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "buf.h"
#include "mounts.h"

#define STAGE "/run/sysmaster/extension"        /* each in a directory of its number, in this namespace only */

/* NAME= of a file of assignments; quotes removed. "": not there */
static void field(const char *path, const char *name, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n = strlen(name);
	char line[512];

	*out = 0;
	while (f && fgets(line, sizeof(line), f)) {
		char *v = line + n + 1;

		if (strncmp(line, name, n) != 0 || line[n] != '=')
			continue;
		v[strcspn(v, "\n")] = 0;
		if (*v == '"' || *v == '\'') {
			char quote = *v++;

			v[strcspn(v, (char[]){ quote, 0 })] = 0;
		}
		snprintf(out, size, "%s", v);
	}
	if (f)
		fclose(f);
}

/* the extension's release file has to name this system: ID=, then SYSEXT_LEVEL= where both have one, else VERSION_ID= */
static bool fits(const char *root, const char *stage, const char *name)
{
	char *host = path_join(root, "/etc/os-release"), *own, have[256], want[256];

	if (access(host, R_OK) < 0)
		host = path_join(root, "/usr/lib/os-release");
	must_alloc(asprintf(&own, "%s/usr/lib/extension-release.d/extension-release.%s", stage, name) < 0 ? NULL : own);
	if (access(own, R_OK) < 0)
		return false;
	field(own, "ID", have, sizeof(have));
	if (streq(have, "_any"))
		return true;
	field(host, "ID", want, sizeof(want));
	if (!*have || !streq(have, want))
		return false;
	field(host, "VERSION_ID", want, sizeof(want));
	if (!*want)
		return true;            /* a rolling release */
	field(own, "SYSEXT_LEVEL", have, sizeof(have));
	field(host, "SYSEXT_LEVEL", want, sizeof(want));
	if (!*have || !*want) {
		field(own, "VERSION_ID", have, sizeof(have));
		field(host, "VERSION_ID", want, sizeof(want));
	}
	return streq(have, want);
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

struct extensions { struct buf usr, opt; unsigned n; };

/* what is at @stage by now joins the layers, the last one on top */
static int add(const struct run *r, struct entries *l, struct extensions *x, const char *stage, const char *source)
{
	const char *base = strrchr(source, '/') + 1;
	char *name = must_alloc(strdup(base)), *usr = path_join(stage, "usr"), *opt = path_join(stage, "opt");

	if (endswith(name, ".raw"))
		name[strlen(name) - 4] = 0;
	if (!fits(l->root, stage, name)) {
		step_warn(r, source, -ESTALE);
		return -ESTALE;
	}
	for (size_t i = 0; i < 2; i++) {
		struct buf *b = i ? &x->opt : &x->usr, above = { 0 };

		if (!is_dir(i ? opt : usr))
			continue;
		buf_addf(&above, "%s%s", i ? opt : usr, b->len ? ":" : "");
		if (b->len)
			buf_add(&above, b->data, b->len);
		buf_finish(b);
		*b = above;
	}
	return 0;
}

static int stage(const struct run *r, struct entries *l, struct extensions *x, const char *word, bool image)
{
	bool optional = *word == '-';
	char *source = must_alloc(strdup(word + optional)), *options = image ? strchr(source, ':') : NULL, *place;
	int e;

	if (options)
		*options++ = 0;
	if (access(source, F_OK) < 0)
		return optional && errno == ENOENT ? 0 : -errno;
	must_alloc(asprintf(&place, STAGE "/%u", x->n++) < 0 ? NULL : place);
	e = make_target(place, true);
	if (e < 0)
		return e;
	if (image)
		e = image_mount(source, place, options && *options ? options : "ro,nodev,nosuid");
	else if (mount(source, place, NULL, MS_BIND | MS_REC, NULL) < 0)
		e = -errno;
	return e < 0 ? e : add(r, l, x, place, source);
}

static void overlay(struct entries *l, const char *path, struct buf *above)
{
	if (!above->len || !is_dir(path_join(l->root, path)))
		return;
	entries_add(l, M_OVERLAY, path, false);
	entries_last(l)->options = must_alloc(buf_take_str(above));
}

int extensions_collect(const struct run *r, struct entries *l)
{
	const struct ipc_exec_settings *s = r->s;
	struct extensions x = { .n = 0 };
	int e = 0;

	for (size_t i = 0; i < s->n_extension_images && e == 0; i++)
		e = stage(r, l, &x, s->extension_images[i], true);
	for (size_t i = 0; i < s->n_extension_directories && e == 0; i++)
		e = stage(r, l, &x, s->extension_directories[i], false);
	if (e < 0)
		return e;
	overlay(l, "/usr", &x.usr);
	overlay(l, "/opt", &x.opt);
	return 0;
}

/*
 * lean.c - sysmaster-exec, the static one: what it leaves to sysmaster-exec-full
 *
 * That is all that needs shared libraries at run time: PAM, encrypted credentials, and user databases other than files. A static program starts without
 * the loader's work, which is most of what a plain service waits for.
 */
#include <stdio.h>
#include "decrypt.h"

int step_pam(struct run *r) { return r->s->pam_name && r->user_name && needs_user(r) ? -ELIBACC : 0; }      /* not reached: see below */

int credential_decrypt(const struct run *r, const char *id, char *data, size_t n, char **ret, size_t *len) { return -ELIBACC; }  /* nor this */

/* the words of "passwd:", "group:" and "initgroups:" that mean nothing but files; "systemd" has more to say only with records of its own */
static bool line_is_files(char *line)
{
	static const char *const known[] = { "files", "compat", "systemd" };
	char *save = NULL;

	for (char *w = strtok_r(line, " \t\n", &save); w && *w != '#'; w = strtok_r(NULL, " \t\n", &save)) {
		bool ok = *w == '[';            /* [NOTFOUND=return] */

		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			ok |= streq(w, known[i]);
		if (!ok)
			return false;
	}
	return true;
}

static bool files_suffice(void)
{
	static const char *const lists[] = { "passwd:", "group:", "initgroups:" };
	static const char *const records[] = { "/etc/userdb", "/run/userdb", "/usr/lib/userdb" };
	FILE *f = fopen("/etc/nsswitch.conf", "re");
	bool ok = true;
	char line[512];

	while (f && ok && fgets(line, sizeof(line), f)) {
		char *p = line + strspn(line, " \t");

		for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
			if (startswith(p, lists[i]))
				ok &= line_is_files(p + strlen(lists[i]));
	}
	if (f)
		fclose(f);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		ok &= access(records[i], F_OK) < 0;
	return ok;
}

static bool is_root(const char *name) { return !name || streq(name, "root") || streq(name, "0"); }

bool full_is_needed(const struct run *r)
{
	const struct ipc_exec_settings *s = r->s;

	for (size_t i = 0; i < r->p.n_credentials; i++)
		if (r->p.credentials[i].encrypted)
			return true;
	if (s->pam_name)
		return true;
	return (!is_root(s->user) || !is_root(s->group) || s->n_supplementary_groups) && !files_suffice();
}

/* lsm.c - SELinuxContext=, AppArmorProfile=, SmackProcessLabel=: one write each, where the kernel has the module */
#include <fcntl.h>
#include "run.h"

static int write_label(const char *label, const char *const *paths)
{
	bool optional = *label == '-';
	int e = -ENOENT;

	for (; *paths && e == -ENOENT; paths++)
		e = write_file(*paths, label + optional);
	return optional ? 0 : e;
}

int step_smack(struct run *r)
{
	static const char *const paths[] = { "/proc/self/attr/smack/current", "/proc/self/attr/current", NULL };

	if (!r->s->smack_process_label || !r->p.apply_sandbox || access("/sys/fs/smackfs", F_OK) < 0)
		return 0;
	return write_label(r->s->smack_process_label, paths);
}

int step_selinux(struct run *r)
{
	static const char *const paths[] = { "/proc/self/attr/exec", NULL };

	if (!r->s->selinux_context || !r->p.apply_sandbox || access("/sys/fs/selinux/enforce", F_OK) < 0)
		return 0;
	return write_label(r->s->selinux_context, paths);
}

int step_apparmor(struct run *r)
{
	static const char *const paths[] = { "/proc/self/attr/apparmor/exec", "/proc/self/attr/exec", NULL };
	const char *p = r->s->apparmor_profile;
	bool optional = p && *p == '-';
	char *text;
	char on = 'N';
	_cleanup_(closep) int fd = -1;

	if (!p || !r->p.apply_sandbox)
		return 0;
	fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &on, 1) != 1 || on != 'Y')
		return 0;
	text = must_alloc(malloc(strlen(p) + 8));
	strcpy(text, optional ? "-exec " : "exec ");
	strcat(text, p + optional);
	return write_label(text, paths);
}

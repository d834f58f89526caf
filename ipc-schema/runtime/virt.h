/* virt.h - is the machine virtual, and by what? identifiers of systemd-detect-virt(1) */
#pragma once
#include "util.h"

enum virt_class { VIRT_NONE, VIRT_VM, VIRT_CONTAINER };
/** virt_detect() - the innermost: "kvm", "docker" ... or "none"; looked for once */
const char *virt_detect(enum virt_class *ret_class);
/** virt_know_container() - PID 1 said which container this is ("lxc"; "" for none said); before the first virt_detect() */
void virt_know_container(const char *name);
bool virt_user_namespace(void);         /* does this process see mapped user ids? */

/* pool.h - the kernel's pool of randomness, random(4) */
#pragma once
#include "seed.h"

int pool_mix(const void *data, size_t n);               /* stir it in; nothing is credited. 0 or -errno */
/** pool_credit() - stir it in and let the kernel count @n bytes of entropy; RNDADDENTROPY. -EPERM without CAP_SYS_ADMIN */
int pool_credit(const void *data, size_t n);
/** pool_draw() - SEED_BYTES of the kernel's generator, at once. 1: it is ready, nobody can guess them; 0: it is not yet; -errno */
int pool_draw(uint8_t ret[SEED_BYTES]);
/** pool_watch() - a descriptor that becomes readable when the pool is ready; Linux 5.6. -errno */
int pool_watch(void);

/* gpt-auto.h - on the disk that the boot loader was started from: which partition is the root; systemd-gpt-auto-generator(8) */
#pragma once
#include <blkid/blkid.h>
#include "event/event.h"

/** gpt_auto_root() - sets ID_PART_GPT_AUTO_ROOT_UUID when the EFI system partition of this table is the loader's. 0 or -ENOMEM */
int gpt_auto_root(struct event *e, blkid_probe pr);

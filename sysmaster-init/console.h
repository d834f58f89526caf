/* console.h - standard input, output and error of PID 1 */
#pragma once

void console_fill(void);                /* whatever of the three is closed is opened: no descriptor of ours may take its number */
void console_open(void);                /* stdin from /dev/null, the others to /dev/console, or to /dev/null without one */
/**
 * console_revive() - open /dev/console again when a getty has hung it up under us
 * The kernel spares descriptors of its own console; in a container /dev/console is a pty like any other. Cheap: once a turn.
 */
void console_revive(void);

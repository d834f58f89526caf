/* stdio-fds.h - descriptors 0, 1 and 2, for who cannot count on his parent */
#pragma once

/** stdio_fill() - whatever of the three is closed is opened (/dev/null, else "/"): no descriptor of ours may take its number */
void stdio_fill(void);

/** stdio_become() - @fd, closed here, becomes each of @first to @last; negative: nothing is done */
void stdio_become(int fd, int first, int last);

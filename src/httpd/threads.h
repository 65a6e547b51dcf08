/* threads.h: how busy this child process is; threads.c. */
#ifndef IISR_HTTPD_THREADS_H
#define IISR_HTTPD_THREADS_H

void iisr_threads_child_init(void);
/* How many worker threads wait for work, as the scoreboard has it: one that
 * has just been given some may still be among them.  Any thread. */
int iisr_threads_idle(void);

#endif

/* backend.h: a server behind the server: HTTP/1.1 and SCGI, for what
 * mod_proxy makes of answers.  Its threads end with the test's process. */
#ifndef TESTS_BACKEND_H
#define TESTS_BACKEND_H

/* Begins to listen on ports of their own. */
void backend_start(int *http, int *scgi);
/* The folder in which it waits for files: GET /event/NAME sends a part, and
 * the next when NAME.go is there, or "late" when it did not come in time. */
void backend_waits_in(const char *folder);
/* How long, in ms. */
#define BACKEND_WAITS 3000
#endif

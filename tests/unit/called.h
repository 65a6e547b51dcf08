/* called.h: which methods of the headers the tests call; see called.c. */
#ifndef CALLED_H
#define CALLED_H

/* A table that notes each call and passes it on to one of the test's own,
 * which may still be filled in: for objects that a test implements and the
 * engine calls.  The name is the interface's. */
const void *called_wrap(const char *interface_name, const void *table);

#endif

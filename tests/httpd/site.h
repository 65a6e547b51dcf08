/* site.h: a site of httpd's own content, of every kind that it makes. */
#ifndef TESTS_SITE_H
#define TESTS_SITE_H

/* Names for server_start's `with`. */
const char *site_modules(int mpm);
/* Configuration, with the files in `docs` (NULL: ROOT/htdocs); static
 * buffer. */
const char *site_config(int mpm, const char *docs);
/* Writes the files; the server may be running. */
void site_fill(const char *docs);
/* What a server must have of its own, once it runs. */
void site_open(const char *root);
#endif

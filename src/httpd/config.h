/* config.h: the directives and what they merge to. */
#ifndef IISR_HTTPD_CONFIG_H
#define IISR_HTTPD_CONFIG_H

#include <httpd.h>
#include <http_config.h>
#include "core/context.h"

struct iisr_site_t;

extern const command_rec iisr_commands[];

void *iisr_create_server_config(apr_pool_t *p, server_rec *s);
void *iisr_merge_server_config(apr_pool_t *p, void *base, void *overrides);
void *iisr_create_dir_config(apr_pool_t *p, char *dir);
void *iisr_merge_dir_config(apr_pool_t *p, void *base, void *overrides);

/* The settings of the request's place, defaults filled in. */
void iisr_settings_get(request_rec *r, iisr_settings_t *settings);
/* By module index: which take part here.  NULL: all. */
const unsigned char *iisr_enabled_modules(request_rec *r);
/* Whether any does. */
int iisr_takes_part(request_rec *r);
/* One IISApplication. */
typedef struct iisr_application_conf_t {
    const char *path;                   /* "/shop", no slash at the end */
    const char *physical;               /* NULL: the document root's folder */
} iisr_application_conf_t;

/* Of a virtual host, or NULL. */
const apr_array_header_t *iisr_config_applications(server_rec *s);
/* What it is to IIS, said once in a child (surroundings.h). */
void iisr_config_set_site(server_rec *s, const struct iisr_site_t *site);
const struct iisr_site_t *iisr_config_site(const server_rec *s);
/* IISFragmentCacheSize. */
apr_size_t iisr_fragment_bytes(void);
/* IISShutdownTimeLimit. */
apr_interval_time_t iisr_shutdown_time_limit(void);

/* After the configuration was read: every name that an IISModules used.
 * NULL, or what is wrong. */
const char *iisr_config_check(apr_pool_t *p);

#endif

/* apphost_admin.h: the manager's own fields. */
#ifndef IISR_IFACE_APPHOST_ADMIN_H
#define IISR_IFACE_APPHOST_ADMIN_H

#include "iface/apphost.h"

struct iisr_admin_t {
    iisr_com_t manager;              /* must be first */
    const iisr_apphost_t *apphost;      /* never NULL */
    int configured;                     /* a file was named */
    iisr_admin_log_fn log;
    void *baton;
    volatile apr_uint32_t objects;
    volatile apr_uint32_t said_write, said_none;
};

#endif

/* Licensed under the Apache License, Version 2.0; see LICENSE.
 *
 * mod_iisresp.c: the module record and every registration call; behaviour
 * is in src/.
 */
#include <httpd.h>
#include <http_config.h>
#include "httpd/config.h"
#include "httpd/hooks.h"

/* The one symbol that leaves this object. */
__attribute__((visibility("default"))) AP_DECLARE_MODULE(iisresp) = {
    STANDARD20_MODULE_STUFF,
    iisr_create_dir_config,
    iisr_merge_dir_config,
    iisr_create_server_config,
    iisr_merge_server_config,
    iisr_commands,
    iisr_register_hooks
#if defined(AP_MODULE_FLAG_NONE)
    , AP_MODULE_FLAG_NONE
#endif
};

/* count.c: httpd module of the instruction count.  GET /count?NAME tells
 * callgrind to write what has been counted so far and to begin again. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <valgrind/callgrind.h>

static int dump(request_rec *r)
{
    if (!r->uri || strcmp(r->uri, "/count")) {
        return DECLINED;
    }
    CALLGRIND_DUMP_STATS_AT(r->args ? r->args : "");
    ap_rputs("counted\n", r);
    return OK;
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(dump, NULL, NULL, APR_HOOK_REALLY_FIRST - 10);
}

AP_DECLARE_MODULE(count) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks
};

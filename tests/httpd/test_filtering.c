/* test_filtering.c: what a filter of httpd makes of a module's response does
 * not depend on how the module writes.  Each row is a set-up of filters; each
 * is written to in every way, and the decoded content and the fields must be
 * the same, and right. */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

/* What a client must say for the filter to do anything. */
enum { PACKED = WITH_DEFLATE, BROTLI = WITH_BROTLI };

typedef struct setup_t {
    const char *name, *need, *config;
    const char *has, *lacks;    /* of the decoded content, or NULL */
    const char *field;          /* "Name: value" that the filter sets */
    int status, with;
} setup_t;

static const setup_t setups[] = {
    { "none", "", "", "part 3: tick <!--#set", NULL, NULL, 200, 0 },
    { "substitute", "substitute", "SetOutputFilter SUBSTITUTE\n"
      "Substitute s/tick/tock/n\n", "part 3: tock", "tick", NULL, 200, 0 },
    { "includes", "include", "SetOutputFilter INCLUDES\nOptions +Includes\n",
      "part 3: tick set3,", "<!--#", NULL, 200, 0 },
    { "sed", "sed", "SetOutputFilter Sed\nOutputSed \"s/tick/tock/g\"\n",
      "part 3: tock", "tick", NULL, 200, 0 },
    { "ext", "ext_filter", "SetOutputFilter upper\n", "PART 3: TICK", "tick",
      NULL, 200, 0 },
    { "case", "case_filter", "SetOutputFilter CaseFilter\n", "PART 3: TICK", "tick", NULL,
      200, 0 },
    { "deflate", "deflate", "SetOutputFilter DEFLATE\n", "part 3: tick", NULL,
      "Content-Encoding: gzip", 200, PACKED },
    { "brotli", "brotli", "SetOutputFilter BROTLI_COMPRESS\n", "part 3: tick",
      NULL, "Content-Encoding: br", 200, BROTLI },
    { "bytype", "deflate filter", "AddOutputFilterByType DEFLATE text/html\n",
      "part 3: tick", NULL, "Content-Encoding: gzip", 200, PACKED },
    { "othertype", "deflate filter", "AddOutputFilterByType DEFLATE "
      "text/css\n", "part 3: tick", NULL, NULL, 200, PACKED },
    { "provider", "deflate filter", "FilterChain pack\n", "part 3: tick", NULL,
      "Content-Encoding: gzip", 200, PACKED },
    { "two", "substitute deflate", "SetOutputFilter SUBSTITUTE;DEFLATE\n"
      "Substitute s/tick/tock/n\n", "part 3: tock", "tick",
      "Content-Encoding: gzip", 200, PACKED },
    { "three", "include substitute deflate", "SetOutputFilter "
      "INCLUDES;SUBSTITUTE;DEFLATE\nOptions +Includes\n"
      "Substitute s/set3/sat3/n\n", "tick sat3,", "<!--#",
      "Content-Encoding: gzip", 200, PACKED },
    { "denied", "unique_id security2", "SecRuleEngine On\n"
      "SecResponseBodyAccess On\nSecResponseBodyMimeType text/html\n"
      "SecRule RESPONSE_BODY \"part 3: tick\" "
      "\"id:1,phase:4,deny,status:403\"\n", "Forbidden", "tick", NULL, 403,
      0 },
    { "passed", "unique_id security2", "SecRuleEngine On\n"
      "SecResponseBodyAccess On\nSecResponseBodyMimeType text/html\n"
      "SecRule RESPONSE_BODY \"no such words\" "
      "\"id:2,phase:4,deny,status:403\"\n", "part 3: tick", NULL, NULL, 200,
      0 },
    { "html", "xml2enc proxy_html", "SetOutputFilter proxy-html\n"
      "ProxyHTMLEnable On\nProxyHTMLLinks a href\n"
      "ProxyHTMLURLMap http://inner.test http://outer.test\n",
      "http://outer.test/x", "http://inner.test", NULL, 200, 0 },
    { "limited", "ratelimit", "SetOutputFilter RATE_LIMIT\n", "part 3: tick",
      NULL, NULL, 200, 0 },
    { "buckets", "bucketeer", "SetOutputFilter BUCKETEER\n", "part 3: tick",
      NULL, NULL, 200, 0 },
    { "buffer", "buffer", "SetOutputFilter BUFFER\n", "part 3: tick", NULL,
      NULL, 200, 0 },
    { "charset", "charset_lite", "CharsetSourceEnc ISO-8859-1\n"
      "CharsetDefault UTF-8\n", "part 3: tick", NULL, NULL, 200, 0 },
    { "headers", "headers", "Header set X-One 1\nHeader append Vary Cookie\n"
      "Header always set X-Two 2\nHeader edit Content-Type html xml\n",
      "part 3: tick", NULL, "X-One: 1", 200, 0 },
    { "expires", "expires", "ExpiresActive On\nExpiresDefault A60\n",
      "part 3: tick", NULL, "Cache-Control: max-age=60", 200, 0 },
};
#define SETUPS (sizeof(setups) / sizeof(setups[0]))

#define TYPE "set=Content-Type:text/html"
#define PARTS(way, flush) \
    "put=" way ",page,0" flush "&put=" way ",page,1" flush "&put=" way \
    ",page,2"
#define ASYNC "&flush=async"
#define SYNC "&flush=sync"

#define EMPTY_FIRST "empty flush first"

/* The first is what the others are compared with. */
static const struct { const char *name, *query; } ways[] = {
    { "buffered", TYPE "&" PARTS("copy", "") },
    { "flushed", TYPE "&" PARTS("copy", SYNC) },
    { "flushed to its end", TYPE "&" PARTS("copy", SYNC) SYNC },
    { "flushed, the last said so", TYPE "&" PARTS("copy", SYNC)
      "&flush=last" },
    { "flushed as a whole", TYPE "&" PARTS("copy", "") SYNC },
    { "asynchronous", TYPE "&" PARTS("copy", ASYNC) },
    { "asynchronous to its end", TYPE "&" PARTS("copy", ASYNC) ASYNC },
    { "by reference", TYPE "&" PARTS("ref", ASYNC) ASYNC },
    { "by reference, buffered", TYPE "&" PARTS("ref", "") },
    { "file", TYPE "&" PARTS("file", "") },
    { "file, flushed", TYPE "&" PARTS("file", SYNC) },
    { "file, asynchronous", TYPE "&" PARTS("file", ASYNC) ASYNC },
    { "a bit of each", TYPE "&put=copy,page,0" SYNC "&put=ref,page,1" ASYNC
      "&put=file,page,2" },
    { EMPTY_FIRST, TYPE "&flush=sync&" PARTS("copy", "") },
    { "early", "at=begin&" TYPE "&" PARTS("copy", "") "&ret=finish" },
    { "early, flushed", "at=begin&" TYPE "&" PARTS("copy", SYNC)
      "&ret=finish" },
    { "early, then the handler", "at=begin&" TYPE "&put=copy,page,0" SYNC
      "&at=execute&put=copy,page,1" SYNC "&put=copy,page,2" },
    { "from OnSendResponse", TYPE "&put=copy,page,0&at=send"
      "&put=copy,page,1&put=copy,page,2" },
    { "parked first", TYPE "&post=5&" PARTS("copy", SYNC) },
    { "edited in its view", TYPE "&" PARTS("copy", SYNC) "&edit=split" },
    { "edited, buffered", TYPE "&" PARTS("copy", "") "&edit=split" },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static server_t server;
static int mpm;

/* --- the server ---------------------------------------------------------- */

static int setup_is_there(const setup_t *setup)
{
    char copy[64], *name, *state = NULL;

    snprintf(copy, sizeof(copy), "%s", setup->need);
    for (name = strtok_r(copy, " ", &state); name;
         name = strtok_r(NULL, " ", &state)) {
        if (!server_has(name)) {
            return 0;
        }
    }
    return 1;
}

static void start(const char *more)
{
    static char config[16384];
    size_t n, i;

    n = snprintf(config, sizeof(config), "%sLogLevel info iisresp:debug\n"
                 "SetEnvIf Request_URI html PROXY_HTML_FORCE=1\n"
                 "SetEnvIf Request_URI limited rate-limit=4000\n", more);
    if (server_has("ext_filter")) {
        n += snprintf(config + n, sizeof(config) - n, "ExtFilterDefine upper "
                      "mode=output cmd=\"/usr/bin/tr a-z A-Z\"\n");
    }
    if (server_has("filter") && server_has("deflate")) {
        n += snprintf(config + n, sizeof(config) - n,
                      "FilterDeclare pack CONTENT_SET\nFilterProvider pack "
                      "DEFLATE \"%%{CONTENT_TYPE} =~ /html/\"\n");
    }
    for (i = 0; i < SETUPS; i++) {
        if (setup_is_there(&setups[i])) {
            n += snprintf(config + n, sizeof(config) - n,
                          "<Location /iis/%s>\n%s</Location>\n",
                          setups[i].name, setups[i].config);
        }
    }
    ck_assert_uint_lt(n, sizeof(config));
    server_start(&server, mpm, "attack=attack", "logio setenvif filter "
                 "include substitute sed ext_filter case_filter deflate brotli "
                 "unique_id security2 xml2enc proxy proxy_html ratelimit bucketeer "
                 "buffer charset_lite headers expires env", config);
    server_expect("ModSecurity");
    server_expect("[security2:");
}

/* --- one answer ---------------------------------------------------------- */

/* The fields without those that the way of writing decides. */
static void fields_settle(reply_t *reply, char *text, size_t size)
{
    static const char *const framing[] = {
        "Date:", "Content-Length:", "Transfer-Encoding:", "Expires:",
        "Connection:", "Keep-Alive:"
    };
    char *copy = strdup(reply->headers), *line, *state = NULL;
    size_t n = 0, i;

    text[0] = '\0';
    for (line = strtok_r(copy, "\r\n", &state); line;
         line = strtok_r(NULL, "\r\n", &state)) {
        for (i = 0; i < sizeof(framing) / sizeof(framing[0])
             && strncasecmp(line, framing[i], strlen(framing[i])); i++) {
            continue;
        }
        if (i == sizeof(framing) / sizeof(framing[0])) {
            n += snprintf(text + n, size - n, "%s; ", line);
        }
    }
    free(copy);
}

typedef struct content_t {
    char fields[2048], *body;
    size_t length;
    char wrong[256];
} content_t;

static void content_check(content_t *c, const setup_t *setup,
                          const reply_t *reply)
{
    if (reply->curl) {
        snprintf(c->wrong, sizeof(c->wrong), "%s",
                 curl_easy_strerror(reply->curl));
    }
    else if (reply->status != setup->status) {
        snprintf(c->wrong, sizeof(c->wrong), "status %ld, not %d",
                 reply->status, setup->status);
    }
    else if (setup->has && !strstr(reply->body, setup->has)) {
        snprintf(c->wrong, sizeof(c->wrong), "no \"%s\" in it", setup->has);
    }
    else if (setup->lacks && strstr(reply->body, setup->lacks)) {
        snprintf(c->wrong, sizeof(c->wrong), "\"%s\" in it", setup->lacks);
    }
    else if (setup->field && !strstr(c->fields, setup->field)) {
        snprintf(c->wrong, sizeof(c->wrong), "not \"%s\"", setup->field);
    }
}

static void content_get(content_t *c, const setup_t *setup, const char *query)
{
    char url[1024];
    reply_t reply;

    memset(c, 0, sizeof(*c));
    snprintf(url, sizeof(url), "%s/iis/%s?%s", server.url, setup->name, query);
    client_get(&reply, url, setup->with, NULL);
    fields_settle(&reply, c->fields, sizeof(c->fields));
    content_check(c, setup, &reply);
    c->body = reply.body;
    c->length = reply.length;
}

static char report[3000];
static int failures;

static void say(const char *setup, const char *way, const char *what)
{
    size_t n = strlen(report);

    printf("%s: %s, %s: %s\n", mpm_names[mpm], setup, way, what);
    fflush(stdout);
    snprintf(report + n, sizeof(report) - n, "%s, %s: %s\n", setup, way, what);
    failures++;
}

static void setup_compare(const setup_t *setup, const char *way,
                          const content_t *is, const content_t *should)
{
    char text[2600];

    if (*is->wrong) {
        say(setup->name, way, is->wrong);
    }
    else if (strcmp(is->fields, should->fields)
             /* It makes the type from the content, and the head has left. */
             && (strcmp(setup->name, "html") || strcmp(way, EMPTY_FIRST))) {
        snprintf(text, sizeof(text), "fields %.600s not %.600s", is->fields,
                 should->fields);
        say(setup->name, way, text);
    }
    else if (is->length != should->length
             || memcmp(is->body, should->body, is->length)) {
        snprintf(text, sizeof(text), "%lu bytes are not these %lu",
                 (unsigned long)is->length, (unsigned long)should->length);
        say(setup->name, way, text);
    }
}

/* mod_security looks at a request's rules in fixups: what leaves ahead of that
 * hook has none of them. */
static int way_is_late(const setup_t *setup, const char *way)
{
    return strcmp(setup->name, "denied") || strncmp(way, "early", 5);
}

static void run_setup(const setup_t *setup)
{
    content_t should, is;
    size_t i;

    content_get(&should, setup, ways[0].query);
    if (*should.wrong) {
        say(setup->name, ways[0].name, should.wrong);
    }
    for (i = 1; i < WAYS; i++) {
        if (!way_is_late(setup, ways[i].name)) {
            printf("not run: %s, %s: its rules come later\n", setup->name,
                   ways[i].name);
            continue;
        }
        content_get(&is, setup, ways[i].query);
        setup_compare(setup, ways[i].name, &is, &should);
        free(is.body);
    }
    free(should.body);
}

START_TEST(filters_do_the_same_however_a_module_writes)
{
    size_t i;

    mpm = _i;
    failures = 0;
    report[0] = '\0';
    start("");
    for (i = 0; i < SETUPS; i++) {
        if (setup_is_there(&setups[i])) {
            run_setup(&setups[i]);
        }
        else {
            printf("not run: %s, for want of mod_%s\n", setups[i].name,
                   setups[i].need);
        }
    }
    server_stop(&server);
    ck_assert_msg(!failures, "%d differ, of them:\n%s", failures, report);
}
END_TEST

/* --- mod_logio's time to the first byte ----------------------------------- */

static const struct { const char *query; int early; } timed[] = {
    { "put=copy,a,100&flush=sync&sleep=300&put=copy,b,100", 1 },
    { "put=copy,a,100&flush=async&sleep=300&put=copy,b,100", 1 },
    { "put=ref,a,100&flush=async&sleep=300&put=copy,b,100", 1 },
    { "put=file,a,100&flush=sync&sleep=300&put=copy,b,100", 1 },
    { "at=begin&put=copy,a,100&flush=sync&sleep=300&put=copy,b,100&ret=finish",
      1 },
    { "put=copy,a,100&sleep=300&put=copy,b,100", 0 },
};

/* Microseconds to the first byte and in all, of the nth line; to the first
 * byte -1 when the log does not know it. */
static void log_times(size_t nth, long *first, long *all)
{
    char path[128], line[256];
    int tries;

    snprintf(path, sizeof(path), "%s/logs/times", server.root);
    for (tries = 0; tries < 200; tries++) {
        FILE *f = fopen(path, "r");
        size_t i = 0;

        while (f && fgets(line, sizeof(line), f)) {
            if (i++ == nth && sscanf(line, "%*s %ld", all) == 1) {
                *first = *line == '-' ? -1 : atol(line);
                fclose(f);
                return;
            }
        }
        if (f) {
            fclose(f);
        }
        usleep(20000);
    }
    ck_abort_msg("no line %lu in the log", (unsigned long)nth);
}

START_TEST(the_log_knows_when_the_first_byte_left)
{
    char url[512];
    reply_t reply;
    size_t i;
    long first, all;

    mpm = _i;
    failures = 0;
    report[0] = '\0';
    start("LogIOTrackTTFB On\nLogFormat \"%^FB %D\" times\n"
          "CustomLog logs/times times\n");
    for (i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
        snprintf(url, sizeof(url), "%s/iis/none?%s", server.url,
                 timed[i].query);
        client_get(&reply, url, 0, NULL);
        ck_assert_int_eq(reply.length, 200);
        client_free(&reply);
        log_times(i, &first, &all);
        ck_assert_int_ge(all, 300000);
        /* The handler itself sleeps between the two. */
        if (first < 0) {
            say("%^FB", timed[i].query, "not known");
        }
        else if (timed[i].early != (all - first >= 250000)) {
            say("%^FB", timed[i].query, timed[i].early ? "that of the end"
                : "ahead of the first byte");
        }
    }
    server_stop(&server);
    ck_assert_msg(!failures, "%d are wrong:\n%s", failures, report);
}
END_TEST

static void add_tests(TCase *tc)
{
    ON_EVERY_MPM(tc, filters_do_the_same_however_a_module_writes);
    ON_EVERY_MPM(tc, the_log_knows_when_the_first_byte_left);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("filtering", add_tests, 240);
}

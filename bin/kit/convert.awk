# convert.awk, after xml.awk: prints the httpd directives for the
# globalModules, modules, handlers and requestFiltering sections of an
# applicationHost.config or web.config, each of its <location> elements in a section of its own. What
# httpd has a module of its own for, or cannot do, stays as a comment.
# -v builtin=builtin.tsv -v folder=where the .so files go -v me=command
BEGIN {
    RS = "\n"
    while ((getline row < builtin) > 0) {
        if (row !~ /^#/ && split(row, cell, "\t") == 2) {
            stands_for[cell[1]] = cell[2]
        }
    }
    close(builtin)
    RS = "<"
    # Of requestFiltering, each with the attribute that its entries have.
    filter_lists["hiddenSegments"] = "segment"
    filter_lists["fileExtensions"] = "fileExtension"
    filter_lists["denyUrlSequences"] = "sequence"
    filter_lists["verbs"] = "verb"
    filter_lists["denyQueryStringSequences"] = ""
    filter_lists["alwaysAllowedUrls"] = ""
    filter_lists["filteringRules"] = ""
    nscopes = 1         # scope 1 is the server, or the site of a web.config
    scope = 1
}

# --- reading ----------------------------------------------------------------

function on_open(name)
{
    if (name == "location") {
        enter(A["path"])
    }
    else if (name == "globalModules" || name == "modules" || name == "handlers") {
        if (stack[depth - 1] == "system.webServer") {
            section = name
            has[scope, name] = 1
        }
    }
    else if (name == "httpModules" || name == "httpHandlers") {
        comment("<" name "> of <system.web> is for managed code: not converted")
    }
    else if (name == "requestFiltering" && stack[depth - 1] == "security") {
        has_filtering = 1
    }
    else if (name in filter_lists && stack[depth - 1] == "requestFiltering") {
        enter_filter(name)
    }
    else if (filter != "") {
        change_filter(name)
    }
    else if (name == "requestLimits") {
        limit()
    }
    else if (section == "globalModules" && name == "add") {
        add_global()
    }
    else if (section == "modules") {
        change_modules(name)
    }
    else if (section == "handlers") {
        change_handlers(name)
    }
}

function on_text(text) { }

function on_close(name)
{
    if (name == "location") {
        scope = 1
    }
    if (name == section) {
        section = ""
    }
    if (name == filter) {
        filter = ""
    }
}

function enter(path,    i)
{
    path = path == "." ? "" : path
    if (path == "") {
        scope = 1
        return
    }
    for (i = 2; i <= nscopes; i++) {
        if (path_of[i] == path) {
            scope = i
            return
        }
    }
    scope = ++nscopes
    path_of[scope] = path
}

function comment(text)
{
    notes[scope] = notes[scope] "# " text "\n"
}

function add_global()
{
    if (A["name"] in stands_for) {
        servers[++nservers] = A["name"]
        return
    }
    if (A["preCondition"] ~ /bitness32/) {
        comment(A["name"] ": the 32-bit build (" A["image"] "), left out")
        return
    }
    modules[++nmodules] = A["name"]
    image[A["name"]] = A["image"]
}

# What IISModules says: names, in order, with what happens to each.
function change_modules(what)
{
    if (what == "clear") {
        changes[scope] = " none"
        split("", enabled)
    }
    else if (what == "remove" && !(A["name"] in stands_for)) {
        changes[scope] = changes[scope] " " quoted("-" A["name"])
    }
    else if (what == "add" && A["type"] != "") {
        comment(A["name"] ": a managed module (" A["type"] "), does not run here")
    }
    else if (what == "add" && !(A["name"] in stands_for)) {
        changes[scope] = changes[scope] " " quoted("+" A["name"])
        if (scope == 1) {
            enabled[A["name"]] = 1
        }
    }
}

function change_handlers(what)
{
    if (what == "clear") {
        comment("<clear/>: write only the handlers that are wanted")
    }
    else if (what == "remove") {
        comment("handler " A["name"] " is removed: SetHandler default-handler turns ours off again")
    }
    else if (what == "add") {
        ++nhandlers
        of_scope[nhandlers] = scope
        handler[nhandlers] = A["name"]
        path[nhandlers] = A["path"]
        verb[nhandlers] = A["verb"]
        runs[nhandlers] = A["modules"]
        type[nhandlers] = A["type"]
        processor[nhandlers] = A["scriptProcessor"]
        resource[nhandlers] = A["resourceType"]
    }
}

# --- requestFiltering -------------------------------------------------------

function enter_filter(name)
{
    filter = name
    if (filter_lists[name] == "") {
        comment("<" name "> of requestFiltering: not converted")
    }
    if (tolower(A["allowUnlisted"]) == "false") {
        only_listed[scope, name] = 1
        if (name == "fileExtensions") {
            comment("allowUnlisted: a URL whose last part has no dot is served")
        }
    }
}

function change_filter(what,    value)
{
    value = A[filter_lists[filter]]
    if (filter_lists[filter] == "") {
        return
    }
    if (what == "clear") {
        filtered[scope, filter] = allowed[scope, filter] = ""
        if (filter == "hiddenSegments" || filter == "fileExtensions") {
            comment("<clear/> of " filter ": what iisresp.conf hides by RedirectMatch is taken out there")
        }
    }
    else if (what == "remove" && value != "") {
        comment(filter ": " value " is removed: take it out of the RedirectMatch of iisresp.conf, if it is there")
    }
    else if (what == "add" && value != "") {
        if (tolower(A["allowed"]) == "true") {
            allowed[scope, filter] = with(allowed[scope, filter], value)
        }
        else {
            filtered[scope, filter] = with(filtered[scope, filter], value)
        }
    }
}

# Separated by what no value contains after text was made one line.
function with(list, value)
{
    gsub(/[\001-\037]/, " ", value)
    return list == "" ? value : list "\001" value
}

function limit()
{
    if (A["maxAllowedContentLength"] ~ /^[0-9]+$/) {
        body_limit[scope] = A["maxAllowedContentLength"]
    }
    if (A["maxUrl"] != "" || A["maxQueryString"] != "") {
        comment("maxUrl and maxQueryString: LimitRequestLine of the server limits both together")
    }
}

# A regular expression of all values, each made by its kind.
function one_of(list,    n, part, k, text)
{
    n = split(list, part, "\001")
    for (k = 1; k <= n; k++) {
        sub(/^\./, "", part[k])
        text = text (k > 1 ? "|" : "") literal(part[k])
    }
    return text
}

function literal(text)
{
    gsub(/[][\\.^$*?+(){}|]/, "\\\\&", text)
    return text
}

function any_of(list,    n, part, k, text)
{
    n = split(list, part, "\001")
    for (k = 1; k <= n; k++) {
        text = text (k > 1 ? "|" : "") literal(part[k])
    }
    return text
}

function hide(expression)
{
    print "RedirectMatch 404 " always_quoted("(?i)" expression)
}

function write_filtering(s, where,    under)
{
    under = where == "" ? "" : "^" literal(where) "(?=/).*"
    if (filtered[s, "hiddenSegments"] != "") {
        hide(under "/(" any_of(filtered[s, "hiddenSegments"]) ")(/|$)")
    }
    if (filtered[s, "fileExtensions"] != "") {
        hide(under "\\.(" one_of(filtered[s, "fileExtensions"]) ")(/|$)")
    }
    if (only_listed[s, "fileExtensions"]) {
        hide(under "\\.(?!(" one_of(allowed[s, "fileExtensions"]) ")$)[^./]*$")
    }
    if (filtered[s, "denyUrlSequences"] != "") {
        hide(under "(" any_of(filtered[s, "denyUrlSequences"]) ")")
    }
    write_verbs(s, where)
    if (body_limit[s] != "") {
        print_in(where, "LimitRequestBody " body_limit[s])
    }
}

function print_in(where, line)
{
    if (where == "") {
        print line
    }
    else {
        print "<Location " quoted(where) ">\n    " line "\n</Location>"
    }
}

function write_verbs(s, where,    list, sign)
{
    sign = only_listed[s, "verbs"] ? "!" : ""
    list = sign == "" ? filtered[s, "verbs"] : allowed[s, "verbs"]
    if (list == "" && sign == "") {
        return
    }
    print "<Location " quoted(where == "" ? "/" : where) ">"
    print "    <If \"" sign "(%{REQUEST_METHOD} in { " verbs_of(list) " })\">"
    print "        Redirect 404 /"
    print "    </If>\n</Location>"
}

function verbs_of(list,    n, part, k, text)
{
    n = split(list, part, "\001")
    for (k = 1; k <= n; k++) {
        gsub(/[^A-Za-z-]/, "", part[k])
        text = text (k > 1 ? ", " : "") "'" part[k] "'"
    }
    return text == "" ? "'-'" : text
}

function always_quoted(text)
{
    gsub(/"/, "\\x22", text)
    return "\"" text "\""
}

# --- writing ----------------------------------------------------------------

function on_end(    i)
{
    if (!nservers && !nmodules && !nhandlers && !has_filtering && !any_modules()) {
        at = line
        bad("no globalModules, modules, handlers or requestFiltering of a <system.webServer> in it")
    }
    print "# Converted from " FILENAME ". Read it through before you use it: httpd -t checks it."
    write_servers()
    write_globals()
    for (i = 1; i <= nscopes; i++) {
        write_scope(i)
    }
    print "\n# Other sections of this file, for modules that read them through GetAdminManager:"
    print "#IISConfig " quoted(FILENAME)
}

function any_modules(    i)
{
    for (i = 1; i <= nscopes; i++) {
        if (has[i, "modules"] || has[i, "handlers"]) {
            return 1
        }
    }
    return 0
}

function write_servers(    i)
{
    if (nservers) {
        print "\n# Modules of IIS itself, and who does their work in httpd:"
    }
    for (i = 1; i <= nservers; i++) {
        printf "#   %-40s %s\n", servers[i], stands_for[servers[i]]
    }
}

function write_globals(    i, base)
{
    if (nmodules) {
        print "\n# Build each with iisresp-port build; globalModules, in their order:"
    }
    for (i = 1; i <= nmodules; i++) {
        base = image[modules[i]]
        gsub(/\\/, "/", base)
        sub(/.*\//, "", base)
        sub(/\.[dD][lL][lL]$/, "", base)
        print "# was " image[modules[i]]
        print "IISModule " quoted(modules[i]) " " quoted(folder "/" base ".so")
    }
}

function write_scope(s,    where)
{
    where = s == 1 ? "" : url_of(path_of[s])
    if (s > 1) {
        print "\n# <location path=\"" path_of[s] "\">: belongs into the virtual host of the site " site_of(path_of[s])
    }
    else if (notes[1] != "" || changes[1] != "" || nmodules) {
        print ""
    }
    printf "%s", notes[s]
    write_modules(s, where)
    write_filtering(s, where)
    write_handlers(s, where)
}

# At the server a module that is loaded takes part, so that only those count
# that <modules> does not name.
function write_modules(s, where,    i, list)
{
    if (s == 1 && nmodules) {
        for (i = 1; i <= nmodules && has[1, "modules"]; i++) {
            if (!(modules[i] in enabled)) {
                list = list " " quoted("-" modules[i])
            }
        }
    }
    else {
        list = changes[s]
    }
    if (list == "") {
        return
    }
    if (where == "") {
        print "IISModules" list
    }
    else {
        print "<Location " quoted(where) ">\n    IISModules" list "\n</Location>"
    }
}

# Of the modules of a handler those that IISModule loads.
function ours(i,    n, part, k, list)
{
    n = split(runs[i], part, /[ \t]*,[ \t]*/)
    for (k = 1; k <= n; k++) {
        if (part[k] != "" && !(part[k] in stands_for)) {
            list = list (list == "" ? "" : ",") part[k]
        }
    }
    return list
}

# The last first: in IIS the first that fits counts, in httpd the last.
function write_handlers(s, where,    i)
{
    for (i = 1; i <= nhandlers; i++) {
        if (of_scope[i] == s && type[i] == "" && ours(i) != "") {
            join_handler(i)
        }
    }
    for (i = nhandlers; i >= 1; i--) {
        if (of_scope[i] == s) {
            write_handler(i, where)
        }
    }
}

# What SetHandler says: iis:name[GET,POST]. Those of one path are one, each
# with what those before it leave of its verbs.
function join_handler(i,    key, n, part, k, list, verbs)
{
    key = of_scope[i] SUBSEP tolower(path[i])
    verbs = verbs_left(key, verb[i])
    if (verbs == "-") {
        covered[i] = 1
        return
    }
    n = split(ours(i), part, ",")
    for (k = 1; k <= n; k++) {
        list = list (list == "" ? "" : ",") part[k] (verbs == "" ? "" : "[" verbs "]")
    }
    if (key in mapping) {
        joined[i] = 1
        mapping[key] = mapping[key] "," list
    }
    else {
        mapping[key] = list
    }
}

# "": all, "-": none.
function verbs_left(key, text,    n, part, k, list)
{
    if ((key, "*") in taken) {
        return "-"
    }
    if (text == "*" || text == "") {
        taken[key, "*"] = 1
        return ""
    }
    n = split(toupper(text), part, /[ ,]+/)
    for (k = 1; k <= n; k++) {
        gsub(/[^A-Z]/, "", part[k])
        if (part[k] != "" && !((key, part[k]) in taken)) {
            taken[key, part[k]] = 1
            list = list (list == "" ? "" : ",") part[k]
        }
    }
    return list == "" ? "-" : list
}

function write_handler(i, where)
{
    if (type[i] != "") {
        print "# handler " handler[i] " (" path[i] "): managed code (" type[i] "), does not run here"
    }
    else if (ours(i) == "") {
        print "# handler " handler[i] " (" path[i] "): " \
            (runs[i] in stands_for ? stands_for[runs[i]] : (runs[i] == "" ? "names no module" : "of IIS itself: " runs[i])) \
            (processor[i] == "" ? "" : "; was " processor[i])
        if (runs[i] ~ /StaticFileModule/ && hides(i)) {
            write_place(i, where, "default-handler")
        }
    }
    else if (covered[i]) {
        print "# handler " handler[i] " (" path[i] "): never reached, those before it take its verbs"
    }
    else if (joined[i]) {
        print "# handler " handler[i] " (" path[i] "), of " ours(i) ": with the one of the same path before it"
    }
    else {
        print "# handler " handler[i] ", of " ours(i) \
            (resource[i] == "" || resource[i] == "Unspecified" ? "" : " (resourceType was " resource[i] ")")
        write_place(i, where, quoted("iis:" mapping[of_scope[i], tolower(path[i])]))
    }
}

# Whether it takes its path out of one that is ours.
function hides(i,    k)
{
    for (k = i + 1; k <= nhandlers; k++) {
        if (of_scope[k] == of_scope[i] && type[k] == "" && ours(k) != "") {
            return 1
        }
    }
    return 0
}

function write_place(i, where, name,    open, close_with)
{
    if (path[i] == "*" || path[i] == "") {
        open = "<Location " quoted(where == "" ? "/" : where) ">"
        close_with = "</Location>"
    }
    else {
        open = "<LocationMatch " quoted("(?i)^" pattern(where) below(path[i]) "$") ">"
        close_with = "</LocationMatch>"
    }
    print open
    print "    SetHandler " name
    print close_with
}

# The first part of a location's path is the name of a site.
function site_of(path)
{
    sub(/\/.*/, "", path)
    return path
}

function url_of(path)
{
    if (path !~ /\//) {
        return ""
    }
    sub(/^[^\/]*/, "", path)
    return path
}

# IIS looks for a path without a slash in every folder.
function below(path)
{
    return path ~ /^\// ? pattern(path) : "/(.*/)?" pattern(path)
}

function pattern(text)
{
    gsub(/[][\\.^$+(){}|]/, "\\\\&", text)
    gsub(/\*/, ".*", text)
    gsub(/\?/, ".", text)
    return text
}

function quoted(text)
{
    if (text !~ /[^-+A-Za-z0-9_.\/:]/ && text != "") {
        return text
    }
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

-- flush.lua: mod_lua's share of the benchmark: /flush?100,64.
local texts = {}

function handle(r)
    local n, size = (r.args or "1"):match("(%d+),?(%d*)")
    n = tonumber(n)
    size = tonumber(size) or 64
    texts[size] = texts[size] or ("x"):rep(size)
    r.content_type = "text/plain"
    if n == 1 then
        r.headers_out["Content-Length"] = tostring(size)
        r:write(texts[size])
        return apache2.OK
    end
    for _ = 1, n do
        r:write(texts[size])
        r:flush()
    end
    return apache2.OK
end

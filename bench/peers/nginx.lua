-- nginx.lua: nginx's share of the benchmark.
local semaphore = require "ngx.semaphore"
local M = { texts = {}, parked = {}, first = 1, last = 0 }

-- /flush?100,64
function M.flush()
    local n, size = (ngx.var.args or "1"):match("(%d+),?(%d*)")
    n = tonumber(n)
    size = tonumber(size) or 64
    M.texts[size] = M.texts[size] or ("x"):rep(size)
    ngx.header.content_type = "text/plain"
    if n == 1 then
        ngx.header.content_length = size
        ngx.print(M.texts[size])
        return
    end
    for _ = 1, n do
        ngx.print(M.texts[size])
        if not ngx.flush(true) then
            return
        end
    end
end

local function answer()
    ngx.header.content_length = 6
    ngx.print("woken\n")
end

-- /park waits for /wake, which wakes who waited longest, or /wake?all.
function M.park()
    local s = semaphore.new()
    M.last = M.last + 1
    M.parked[M.last] = s
    s:wait(600)
    answer()
end

function M.wake()
    repeat
        local s = M.parked[M.first]
        if s then
            M.parked[M.first] = nil
            M.first = M.first + 1
            s:post(1)
        end
    until not s or ngx.var.args ~= "all"
    answer()
end

return M

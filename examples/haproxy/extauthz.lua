-- Asks extauthz about a request (dialect haproxy). HAProxy has no auth_request of its own, but an HTTP client in Lua
-- since 2.6. Only an answer of 200 lets the request go on: an error, a timeout and any other status end it.

local CHECK = "http://127.0.0.1:9192/check"
local TIMEOUT = 1000        -- milliseconds without an answer
local PREFIX = "x-client-cert-"

-- The answer of extauthz goes on to the client, without headers of the connection between the two.
local FOR_CLIENT = {
    ["content-type"] = true, ["www-authenticate"] = true, ["cache-control"] = true, ["x-extauthz-decision-id"] = true,
}

local function answer(txn, status, headers, body)
    local reply = txn:reply({ status = status })
    for name, values in pairs(headers) do
        if FOR_CLIENT[name] then
            for _, value in pairs(values) do
                reply:add_header(name, value)
            end
        end
    end
    reply:set_body(body)
    txn:done(reply)
end

local function question(txn)
    local headers = {
        ["host"] = { "extauthz" },
        ["x-original-method"] = { txn.f:method() },
        ["x-original-host"] = { txn.f:req_fhdr("host") or "" },     -- all of it: req_hdr ends a value at a comma
        ["x-original-uri"] = { txn.f:pathq() },
    }
    if txn.f:ssl_c_used() == 1 then
        headers["x-ssl-client-cert"] = { txn.c:base64(txn.f:ssl_c_der()) }
        local chain = txn.f:ssl_c_chain_der()       -- without the leaf
        if chain and chain ~= "" then
            headers["x-ssl-client-chain"] = { txn.c:base64(chain) }
        end
    end
    return headers
end

core.register_action("extauthz", { "http-req" }, function(txn)
    local asked = core.httpclient():get({ url = CHECK, headers = question(txn), timeout = TIMEOUT })
    local status = asked and asked.status or 0
    if status == 401 or status == 403 then
        return answer(txn, status, asked.headers, asked.body or "")
    end
    if status ~= 200 then
        return answer(txn, 503, {}, "")
    end
    for name, values in pairs(asked.headers) do
        if name:sub(1, #PREFIX) == PREFIX then
            for _, value in pairs(values) do
                txn.http:req_set_header(name, value)
            end
        end
    end
    txn:set_var("txn.extauthz", "allow")
end)

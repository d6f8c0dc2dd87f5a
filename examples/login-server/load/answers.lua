-- For wrk: sends a mix of requests and checks every answer. Run by load/run, with one connection to a
-- thread, so that an answer belongs to the last request.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local function bearer(token)
    return wrk.format("GET", "/protected", { ["Authorization"] = "Bearer " .. token })
  end
  local form = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  -- What is sent, what comes back, and whether store and clock have a say.
  kinds = {
    good = { bearer(args[1]), 200, '"username":"ada"', true },
    revoked = { bearer(args[2]), 401, '{"error":"Invalid token"}', true },
    forged = { bearer(args[3]), 401, '{"error":"Invalid token"}', false },
    missing = { wrk.format("GET", "/protected"), 401, '{"error":"Unauthorized"}', false },
    login = { wrk.format("POST", "/login", form, "username=ada"), 200, '"refresh_token":"', false },
  }
  -- Of twenty requests, fourteen are good.
  mix = { "revoked", "forged", "missing", "revoked", "forged", "login" }
  for _ = 1, 14 do table.insert(mix, "good") end

  start, disturbed, from, to = os.time(), tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  sent, n200, n401, n503, wrong, example = 0, 0, 0, 0, 0, ""
  first, last = -1, -1
end

function request()
  current = kinds[mix[sent % #mix + 1]]
  sent = sent + 1
  return current[1]
end

function response(status, _, body)
  local second = os.time() - start
  local by_store_or_clock = current[4]
  -- The clock of this script counts whole seconds, so the first and the last are in between.
  local may_be_disturbed = to > 0 and second >= from - 1 and second <= to + 1
  local is_disturbed = second > from and second < to - 1
  local is_usual = status == current[2] and body:find(current[3], 1, true)
  -- A stepped clock is seen by every request; a store that is away, by those that reach it in time.
  if is_usual and status == 200 and by_store_or_clock and is_disturbed and disturbed == 401 then
    is_usual = false
  end
  if not is_usual and status == disturbed and by_store_or_clock and may_be_disturbed then
    if first < 0 then first = second end
    last = second
  elseif not is_usual then
    wrong = wrong + 1
    example = "second " .. second .. ": " .. status .. " " .. body .. " for " .. current[1]:match("[^\r]*")
    return
  end
  if status == 200 then n200 = n200 + 1 elseif status == 401 then n401 = n401 + 1 else n503 = n503 + 1 end
end

function done(summary, latency)
  local total = { n200 = 0, n401 = 0, n503 = 0, wrong = 0 }
  local example, first, last = "", -1, -1
  for _, thread in ipairs(threads) do
    for name, n in pairs(total) do total[name] = n + thread:get(name) end
    if thread:get("example") ~= "" then example = thread:get("example") end
    local from, to = thread:get("first"), thread:get("last")
    if from >= 0 and (first < 0 or from < first) then first = from end
    if to > last then last = to end
  end
  local e = summary.errors
  print(string.format("answers: %d with 200, %d with 401, %d with 503, %d wrong",
    total.n200, total.n401, total.n503, total.wrong))
  if first >= 0 then print(string.format("disturbed: from second %d to second %d", first, last)) end
  print(string.format("rate: %.0f a second", summary.requests / summary.duration * 1e6))
  print(string.format("latency: %.2f ms median, %.2f ms for 99 %%, %.0f ms the longest",
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
  print(string.format("connections: %d refused, %d broken, %d timed out",
    e.connect, e.read + e.write, e.timeout))
  if example ~= "" then print("wrong: " .. example) end
  local fine = total.wrong + e.connect + e.read + e.write + e.timeout == 0 and total.n200 > 0
  print("verdict: " .. (fine and "fine" or "NOT FINE"))
end

import { createScript } from "./script.js";

/** How many topics that lost something are told apart; the rest share one mark, the floor. */
const MAX_LOST_TOPICS = 100_000;

/** How long Redis remembers what a process appended last, in milliseconds: longer than any append is tried again. */
const PUBLISHER_TTL_MS = 600_000;

// An entry of the stream has five fields: `t` topic, `c` class (d, l, a, e), `k` key of latest and append, `m` the message as
// JSON without its id, `b` the mark, of which no two are alike. Bounds are kept roughly: what is over them goes in one sweep, as
// looking at the oldest entry costs more than an append.
const LUA = `
local state, stream, lost, newest, epochs = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local at = redis.call('HMGET', state, 'epoch', 'seq', 'bytes')
local epoch, seq, bytes = at[1], tonumber(at[2] or 0), tonumber(at[3] or 0)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(n) return string.format('%.0f', n) end
local function seqOf(id) return tonumber(string.match(id, '^(%d+)')) end

local function begin(new)
  redis.call('DEL', state, stream, lost, newest)
  epoch, seq, bytes = new, 0, 0
  redis.call('HSET', state, 'epoch', epoch, 'seq', 0, 'bytes', 0)
  redis.call('XADD', epochs, 'MAXLEN', 8, '*', 'epoch', epoch)
end

local function isWhole()
  if not epoch then return false end
  if seq == 0 then return true end
  if redis.call('EXISTS', stream) == 0 then return false end
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  return not last or seqOf(last[1]) == seq
end

local function lose(entry)
  local fields = {}
  for i = 1, #entry[2] - 1, 2 do fields[entry[2][i]] = entry[2][i + 1] end
  bytes = math.max(0, bytes - #(fields.m or ''))
  if fields.c == 'e' or not fields.t then return end
  local s = text(seqOf(entry[1]))
  if fields.c == 'l' then
    if redis.call('HGET', newest, fields.k or '') ~= s then return end
    redis.call('HDEL', newest, fields.k)
  end
  redis.call('ZADD', lost, s, fields.t)
end

local function trim(maxMessages, maxBytes, maxAgeMs)
  local count = redis.call('XLEN', stream)
  for _ = 1, 64 do
    local through
    for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+', 'COUNT', 16)) do
      local isOld = now - tonumber(string.match(entry[1], '(%d+)$')) > maxAgeMs
      if count <= maxMessages and bytes <= maxBytes and not isOld then break end
      lose(entry)
      count = count - 1
      through = entry[1]
    end
    if not through then break end
    redis.call('XTRIM', stream, 'MINID', text(seqOf(through) + 1))
  end
  redis.call('HSET', state, 'bytes', text(bytes))
  if redis.call('ZCARD', lost) > ${MAX_LOST_TOPICS} then
    local half = ${MAX_LOST_TOPICS / 2}
    local floor = redis.call('ZRANGE', lost, half - 1, half - 1, 'WITHSCORES')[2]
    redis.call('ZREMRANGEBYRANK', lost, 0, half - 1)
    redis.call('HSET', state, 'floor', floor)
  end
end
`;

/**
 * Appends a batch, in one step. Arguments: the batch's number, the epoch to begin if there is none, the deadline by the clock of
 * Redis, the three bounds, the mark, epoch and number that the process has seen, then topic, class, key and JSON of each message.
 * Gives the epoch and the number of the first; the same again for a batch that is here already.
 */
export const appendScript = createScript(`${LUA}
local said = redis.call('GET', KEYS[6])
if said then
  local n, e, first = string.match(said, '^(%d+) (%S+) (%d+)$')
  if n == ARGV[1] then return {e, tonumber(first)} end
end
if now > tonumber(ARGV[3]) then return redis.error_reply('LATE the deadline of this append has passed') end
local isGone = not epoch or (seq > 0 and redis.call('EXISTS', stream) == 0)
if isGone or (ARGV[8] == epoch and seq < tonumber(ARGV[9])) then begin(ARGV[2]) end
local first = seq + 1
for i = 10, #ARGV, 4 do
  seq = seq + 1
  redis.call('XADD', stream, text(seq) .. '-' .. text(now), 't', ARGV[i], 'c', ARGV[i + 1], 'k', ARGV[i + 2],
    'm', ARGV[i + 3], 'b', ARGV[7] .. '.' .. text(seq - first))
  bytes = bytes + #ARGV[i + 3]
  if ARGV[i + 1] == 'l' then redis.call('HSET', newest, ARGV[i + 2], text(seq)) end
end
redis.call('HSET', state, 'seq', text(seq), 'bytes', text(bytes))
redis.call('SET', KEYS[6], ARGV[1] .. ' ' .. epoch .. ' ' .. text(first), 'PX', ${PUBLISHER_TTL_MS})
local maxMessages, maxBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local slack = math.min(128, math.floor(maxMessages / 10))
if redis.call('XLEN', stream) > maxMessages + slack or bytes > maxBytes * 1.1 then
  trim(maxMessages, maxBytes, tonumber(ARGV[6]))
end
return {epoch, first}
`);

/**
 * Looks whether what a process has seen is the past of what is here, and begins a new epoch where it is not: nobody may be led
 * on to a past that is another one. Arguments: the epoch to begin then, epoch, number and mark that were seen last, whether this
 * may be another Redis than the one they were seen in, the three bounds. Gives epoch, newest number, the time in milliseconds,
 * the oldest number kept, the floor, and the id of the last entry of `epochs`.
 */
export const checkScript = createScript(`${LUA}
local function continues(seenEpoch, seenSeq, seenMark, isOther)
  if not isWhole() then return false end
  if seenEpoch ~= epoch or seenSeq == 0 then return true end
  if seq < seenSeq then return false end
  local entry = redis.call('XRANGE', stream, text(seenSeq), text(seenSeq), 'COUNT', 1)[1]
  if not entry then return not isOther end
  for i = 1, #entry[2] - 1, 2 do
    if entry[2][i] == 'b' then return seenMark == '' or entry[2][i + 1] == seenMark end
  end
  return true
end
if continues(ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1') then
  trim(tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]))
else
  begin(ARGV[1])
end
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', epochs, '+', '-', 'COUNT', 1)[1]
return {epoch, seq, now, oldest and seqOf(oldest[1]) or seq + 1,
  tonumber(redis.call('HGET', state, 'floor') or 0), last and last[1] or '0-0'}
`);

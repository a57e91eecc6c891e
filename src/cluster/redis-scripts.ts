/**
 * What is done in Redis at one go (EVALSHA; Redis and Valkey 7). Each script publishes what it has changed. The head of a change
 * that is published comes as an argument; records are JSON, made here but for the epoch of a claim, which Redis counts.
 */
import type { CommandParser } from '@redis/client';
import { defineScript } from '@redis/client';

/** Without NUMBER_OF_KEYS: some have as many as there are claims. */
const script = (SCRIPT: string) =>
  defineScript({
    SCRIPT,
    parseCommand(parser: CommandParser, keys: readonly string[], args: readonly string[]) {
      parser.pushKeysLength([...keys]);
      parser.push(...args);
    },
    transformReply: (reply: unknown): unknown => reply,
  });

/**
 * Another one after each start of Redis (an old copy may have been loaded), and after all was deleted. `fresh`: what it is to be if
 * there is none.
 */
const eraOf = `
local function eraOf(key, fresh)
  local kept = redis.call('GET', key)
  if not kept then
    kept = fresh
    redis.call('SET', key, kept)
  end
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') .. '.' .. kept
end`;

/** In ms; of Redis. */
const clock = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`;

/** KEYS: era. ARGV: a fresh one. Gives the era, and what the clock says. */
const look = script(`${eraOf}${clock}
return {eraOf(KEYS[1], ARGV[1]), clock()}`);

/** KEYS: the record. ARGV: it, its time to live, channel, change. */
const put = script(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`);

/** KEYS: the record, era. ARGV: it, its time to live, channel, change, a fresh era. Gives the era. */
const announce = script(`${eraOf}
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return eraOf(KEYS[2], ARGV[5])`);

/** KEYS: the record. ARGV: channel, change. */
const remove = script(`
if redis.call('DEL', KEYS[1]) == 1 then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return 1`);

/** A name whose stream is not wanted, since a part of the data was lost, is free. */
const nameIsFree = `
local function nameIsFree(name, key, wanted)
  local holder = redis.call('GET', name)
  return not holder or holder == key or redis.call('EXISTS', wanted .. holder) == 0
end`;

/**
 * KEYS: wanted, era, name (or none). ARGV: record, pull id, stream's key, prefix of wanted, channel, head of the change up to its era,
 * prefix of names, a fresh era. Gives the era, and why not.
 */
const want = script(`${eraOf}${nameIsFree}
local era = eraOf(KEYS[2], ARGV[8])
local there = redis.call('GET', KEYS[1])
if there and cjson.decode(there).pullId ~= ARGV[2] then return {era, 'pull.conflict'} end
if there then return {era} end
if KEYS[3] then
  if not nameIsFree(KEYS[3], ARGV[3], ARGV[4]) then return {era, 'pull.nameTaken'} end
  redis.call('SET', KEYS[3], ARGV[3])
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[5], ARGV[6] .. era .. '"}')
return {era}`);

/** KEYS, ARGV and what it gives as of want. */
const rewant = script(`${eraOf}${nameIsFree}
local era = eraOf(KEYS[2], ARGV[8])
local there = redis.call('GET', KEYS[1])
if not there then return {era, 'pull.notFound'} end
if KEYS[3] and not nameIsFree(KEYS[3], ARGV[3], ARGV[4]) then return {era, 'pull.nameTaken'} end
local name = cjson.decode(there).name
if name ~= cjson.null then redis.call('DEL', ARGV[7] .. name) end
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[5], ARGV[6] .. era .. '"}')
return {era}`);

/** KEYS: wanted. ARGV: pull id, prefix of names, channel, change. */
const unwant = script(`
local there = redis.call('GET', KEYS[1])
if not there then return 0 end
local wanted = cjson.decode(there)
if wanted.pullId ~= ARGV[1] then return 0 end
if wanted.name ~= cjson.null then redis.call('DEL', ARGV[2] .. wanted.name) end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`);

/**
 * KEYS: claim, epoch. ARGV: the record behind its epoch, node, above, time to live, that of the epoch, channel, head of the change.
 * A node that claims again is answered as before, unless it knows of a higher epoch. The clock counts too: an old copy on disk may
 * remember an epoch below those that were granted since.
 */
const claim = script(`${clock}
local above = tonumber(ARGV[3])
local there = redis.call('GET', KEYS[1])
local epoch = math.max(tonumber(redis.call('GET', KEYS[2]) or 0), clock())
if there then
  local now = cjson.decode(there)
  if now.nodeId == ARGV[2] and now.epoch > above then return there end
  if now.nodeId ~= ARGV[2] and now.epoch >= above then return there end
  epoch = math.max(epoch, now.epoch)
end
epoch = math.max(epoch, above) + 1
local record = string.format('{"epoch":%d,', epoch) .. ARGV[1]
redis.call('SET', KEYS[1], record, 'PX', ARGV[4])
redis.call('SET', KEYS[2], string.format('%d', epoch), 'PX', ARGV[5])
redis.call('PUBLISH', ARGV[6], ARGV[7] .. record .. '}')
return record`);

/**
 * KEYS: claim and epoch of each. ARGV: time to live, that of the epoch, channel, then of each node, epoch, record, change. What is
 * as it was is not published. Gives 1 or 0 for each.
 */
const renew = script(`
local held = {}
for n = 1, #KEYS / 2 do
  local key, counter, at = KEYS[2 * n - 1], KEYS[2 * n], 4 * n
  local there = redis.call('GET', key)
  local now = there and cjson.decode(there)
  held[n] = now and now.nodeId == ARGV[at] and now.epoch == tonumber(ARGV[at + 1]) and 1 or 0
  if held[n] == 1 then
    redis.call('SET', key, ARGV[at + 2], 'PX', ARGV[1])
    redis.call('SET', counter, ARGV[at + 1], 'PX', ARGV[2])
    if there ~= ARGV[at + 2] then redis.call('PUBLISH', ARGV[3], ARGV[at + 3]) end
  end
end
return held`);

/** KEYS: claim. ARGV: node, epoch, channel, change. */
const release = script(`
local there = redis.call('GET', KEYS[1])
local now = there and cjson.decode(there)
if not now or now.nodeId ~= ARGV[1] or now.epoch ~= tonumber(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`);

/** KEYS: the edges. ARGV: time to live, channel, then of each record and change. What is as it was is not published. */
const follow = script(`
for n, key in ipairs(KEYS) do
  local there = redis.call('GET', key)
  redis.call('SET', key, ARGV[2 * n + 1], 'PX', ARGV[1])
  if there ~= ARGV[2 * n + 1] then redis.call('PUBLISH', ARGV[2], ARGV[2 * n + 2]) end
end
return 1`);

/** KEYS: suspect. ARGV: node, stream's key, how many nodes are kept, time to live, channel, head of the change. */
const reportDeath = script(`${clock}
local there = redis.call('GET', KEYS[1])
local dead = there and cjson.decode(there).dead or {}
for _, nodeId in ipairs(dead) do if nodeId == ARGV[1] then return 0 end end
table.insert(dead, ARGV[1])
if #dead > tonumber(ARGV[3]) then table.remove(dead, 1) end
local record = cjson.encode({key = ARGV[2], dead = dead, atMs = clock()})
redis.call('SET', KEYS[1], record, 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6] .. record .. '}')
return 1`);

/** Of a token: how many play by it at each node. */
const seats = `
local function seatsIn(key)
  local there = redis.call('GET', key)
  return there and cjson.decode(there) or {}
end
local function keep(key, all, forMs)
  if next(all) then redis.call('SET', key, cjson.encode(all), 'PX', forMs) else redis.call('DEL', key) end
end`;

/** KEYS: seats. ARGV: node, viewers, most, time to live, prefix of nodes. Those of nodes that are gone do not count. */
const takeSeats = script(`${seats}
local all, mine, others = seatsIn(KEYS[1]), tonumber(ARGV[2]), 0
for node, viewers in pairs(all) do
  if redis.call('EXISTS', ARGV[5] .. node) == 0 then all[node] = nil
  elseif node ~= ARGV[1] then others = others + viewers end
end
if others + mine > tonumber(ARGV[3]) then return 0 end
all[ARGV[1]] = mine
keep(KEYS[1], all, ARGV[4])
return 1`);

/** KEYS: seats of each token. ARGV: node, time to live, then viewers of each. */
const keepSeats = script(`${seats}
for n, key in ipairs(KEYS) do
  local all, viewers = seatsIn(key), tonumber(ARGV[n + 2])
  all[ARGV[1]] = viewers > 0 and viewers or nil
  keep(key, all, ARGV[2])
end
return 1`);

export const scripts = {
  look,
  announce,
  put,
  remove,
  want,
  rewant,
  unwant,
  claim,
  renew,
  release,
  follow,
  reportDeath,
  takeSeats,
  keepSeats,
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRespawn, type ProcessEnd, type StartedServer } from '../../../src/parent/respawn.js';

/** A parent with a clock that moves when told; `said` has what happened, in order. */
function parent() {
  const said: string[] = [];
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let nowMs = 0;
  let server: StartedServer | null = null;
  const respawn = createRespawn({
    start(started) {
      server = started;
      said.push('start');
      return { kill: (signal) => said.push(signal) };
    },
    exit: (code) => said.push(`exit ${code}`),
    say: (text) => said.push(text),
    nowMs: () => nowMs,
    random: () => 0,
    schedule(run, afterMs) {
      const timer = { atMs: nowMs + afterMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  return {
    respawn,
    said,
    up: (stateFile = '') => server?.onUp({ stateFile }),
    end: (code: number | null, signal: ProcessEnd['signal'] = null) => server?.onEnd({ code, signal }),
    pass(forMs: number) {
      nowMs += forMs;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { run } of due) run();
    },
  };
}

test('a server that crashes is started again: by a signal, or by an exit code', () => {
  const { respawn, said, up, end, pass } = parent();
  respawn.begin();
  up();
  end(null, 'SIGABRT');
  pass(0);
  assert.deepEqual(said, ['start', 'Sluice ended unexpectedly (SIGABRT); it is started again at once.', 'start']);
  end(1);
  pass(124);
  assert.deepEqual(said.slice(3), ['Sluice ended unexpectedly (exit code 1); it is started again in 0.1 s.']);
  pass(1);
  assert.deepEqual(said.slice(4), ['start']);
});

test('one that ends in order, or says at its first start what is wrong, ends its parent with its code', () => {
  for (const code of [0, 1]) {
    const { respawn, said, end } = parent();
    respawn.begin();
    end(code);
    assert.deepEqual(said, ['start', `exit ${code}`]);
  }
  const drained = parent();
  drained.respawn.begin();
  drained.up();
  drained.end(0);
  assert.deepEqual(drained.said, ['start', 'exit 0']);
});

test('a crash loop is given up on, with words that say what to do', () => {
  const { respawn, said, up, end, pass } = parent();
  respawn.begin();
  for (let crash = 0; crash < 6; crash += 1) {
    up('/srv/.sluice/pulls.json');
    end(null, 'SIGSEGV');
    pass(5000);
  }
  assert.equal(said.filter((what) => what === 'start').length, 6);
  assert.match(said.at(-2) ?? '', /crashed more than 5 times within 60 s \(last: SIGSEGV\) and is not started again/);
  assert.match(said.at(-2) ?? '', /without them when \/srv\/\.sluice\/pulls\.json is moved away/);
  assert.equal(said.at(-1), 'exit 139');
});

test('crashes that are far apart are no loop', () => {
  const { respawn, said, up, end, pass } = parent();
  respawn.begin();
  up();
  for (let crash = 0; crash < 30; crash += 1) {
    end(null, 'SIGABRT');
    pass(15_000);
  }
  assert.equal(said.filter((what) => what === 'start').length, 31);
});

test('signals are passed on; after an ending one nothing is started, and the code is that of the server', () => {
  const { respawn, said, up, end, pass } = parent();
  respawn.begin();
  up();
  respawn.onSignal('SIGHUP');
  respawn.onEndingSignal('SIGTERM');
  end(0);
  pass(60_000);
  assert.deepEqual(said, ['start', 'SIGHUP', 'SIGTERM', 'exit 0']);
});

test('a server that does not end is killed: 11 s after the first signal, 1.8 s after a second one', () => {
  const slow = parent();
  slow.respawn.begin();
  slow.respawn.onEndingSignal('SIGINT');
  slow.pass(500);
  // The same Ctrl-C once more, by npm.
  slow.respawn.onEndingSignal('SIGINT');
  slow.pass(10_499);
  assert.deepEqual(slow.said, ['start', 'SIGINT', 'SIGINT']);
  slow.pass(1);
  slow.end(null, 'SIGKILL');
  assert.deepEqual(slow.said.slice(3), ['SIGKILL', 'exit 137']);

  const twice = parent();
  twice.respawn.begin();
  twice.respawn.onEndingSignal('SIGTERM');
  twice.pass(2000);
  twice.respawn.onEndingSignal('SIGTERM');
  twice.pass(1800);
  assert.deepEqual(twice.said, ['start', 'SIGTERM', 'SIGTERM', 'SIGKILL']);
});

test('a parent whose own parent is gone ends the server, unless that ends already: another signal would end it at once', () => {
  const alone = parent();
  alone.respawn.begin();
  alone.respawn.onOrphaned();
  assert.deepEqual(alone.said, ['start', 'SIGTERM']);

  // A terminal that is closed: the signal comes to all of its processes, and npm dies of it.
  const closed = parent();
  closed.respawn.begin();
  closed.respawn.onEndingSignal('SIGHUP');
  closed.pass(500);
  closed.respawn.onOrphaned();
  assert.deepEqual(closed.said, ['start', 'SIGHUP']);
});

test('a signal while the server is down ends the parent at once', () => {
  const { respawn, said, up, end, pass } = parent();
  respawn.begin();
  up();
  end(null, 'SIGKILL');
  respawn.onEndingSignal('SIGTERM');
  pass(60_000);
  assert.deepEqual(said.slice(2), ['exit 0']);
});

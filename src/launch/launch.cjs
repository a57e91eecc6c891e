#!/usr/bin/env node
'use strict';
// Starts Sluice: says in plain words what this machine lacks, builds what is older than its sources, and runs it: under a small
// parent that starts it again after a crash, or with --no-parent in this very process, for service managers that do that.
// CommonJS that an older Node reads too, so that it gets as far as being told.

const fs = require('node:fs');
const path = require('node:path');
const url = require('node:url');

const root = path.join(__dirname, '..', '..');
/** What says something and ends needs nobody to start it again. */
const commands = ['check', 'drain', 'status', 'token'];
const saysOnly = ['--check-config', '--help', '-h', '--version', '-v'];
const [command, ...flags] = process.argv.slice(2);
const isServer = !commands.includes(command) && ![command, ...flags].some((word) => saysOnly.includes(word));
const script = isServer && !process.argv.includes('--no-parent') ? 'parent.mjs' : 'main.mjs';
const main = path.join(root, '.build', 'dist', 'main', script);

/** What keeps Sluice from running here, or null. The versions are those that uWebSockets.js is built for. */
function obstacle() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) return `Sluice needs Node 20, 22 or 24; this is Node ${process.versions.node}.`;
  if (process.platform !== 'linux') return `Sluice runs on Linux; this is ${process.platform}. A container will do.`;
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  const needed = major < 22 ? '2.28' : '2.38';
  const wayOut = major < 22 ? '' : ' Node 20 needs only 2.28.';
  if (!glibc) return `Sluice needs glibc ${needed} or later; this system has another C library (musl?).`;
  if (Number(glibc.split('.')[1]) < Number(needed.split('.')[1])) {
    return `Sluice on Node ${major} needs glibc ${needed} or later (Debian 13, Ubuntu 24.04); this is ${glibc}.${wayOut}`;
  }
  return missingBinary(major);
}

function missingBinary(major) {
  const name = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  let folder;
  try {
    folder = path.dirname(require.resolve('uWebSockets.js', { paths: [root] }));
  } catch {
    return `The dependencies are not installed: run npm ci in ${root}.`;
  }
  if (fs.existsSync(path.join(folder, name))) return null;
  return `uWebSockets.js has no build for Node ${major} on ${process.arch}; use Node 20, 22 or 24 on x64 or arm64.`;
}

function build() {
  return import(url.pathToFileURL(path.join(__dirname, 'build.mjs')).href)
    .then((launch) => launch.buildWhatIsStale())
    .catch((error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      throw new Error('The sources are newer than what is built from them, and esbuild is not installed: run npm ci.');
    });
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

const reason = obstacle();
if (reason !== null) {
  fail(reason);
} else {
  // Look-ups, file writes and the starts of threads share libuv's pool; four blocked threads of it would stop every
  // start (ARCHITECTURE.md, What all threads of the process share). The pool reads this at its first use.
  process.env.UV_THREADPOOL_SIZE = process.env.UV_THREADPOOL_SIZE || '16';
  build()
    .then(() => import(url.pathToFileURL(main).href))
    .catch((error) => {
      fail(error.stack || String(error));
    });
}

/** `sluice check --control URL`: asks a server for control as an outsider would, without a key, and tells what it gave. */
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readThrown } from '../errors.js';
import { type Attempt, attemptsAt } from './control-attempts.js';

interface Finding {
  readonly attempt: Attempt;
  /** The server did what it was asked. */
  readonly isOpen: boolean;
  /** "HTTP 401", or why there was no answer. */
  readonly answer: string;
}

const timeoutMs = 5000;
const maxBodyChars = 65_536;

interface ControlReport {
  readonly text: string;
  /** 0: closed; 1: open; 2: nobody answered. */
  readonly exitCode: 0 | 1 | 2;
}

/** Makes one attempt after the other. `url`: http or https; its path goes before each path that is tried. */
export async function checkControl(url: URL): Promise<ControlReport> {
  const findings: Finding[] = [];
  for (const attempt of attemptsAt(url.host)) findings.push(await ask(url, attempt));
  return report(findings, isLoopback(url));
}

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);

/** `isLocal`: the attempts were made on the server's own machine, which may control by default. */
function report(findings: readonly Finding[], isLocal: boolean): ControlReport {
  const open = findings.filter(({ isOpen }) => isOpen);
  const lines = open.map(({ attempt, answer }) => {
    const { method, path, disguise } = attempt;
    return `open: ${method} ${path} (disguise: ${disguise}): ${answer}\n`;
  });
  if (open.length > 0) {
    const ways = 'set control.loopback: false, server.trustedProxies or control.listen (docs/proxies.md)';
    const hint = isLocal
      ? 'This machine may control by default: only an attempt from another one tells of strangers.\n'
      : '';
    return {
      text: `${lines.join('')}Control is open to whoever reaches this address in this way; ${ways}.\n${hint}`,
      exitCode: 1,
    };
  }
  if (findings.every(({ answer }) => !answer.startsWith('HTTP '))) {
    return { text: `Nobody answers there: ${findings[0]?.answer}\n`, exitCode: 2 };
  }
  return { text: `Control is closed: ${findings.length} attempts, none was let in.\n`, exitCode: 0 };
}

function ask(url: URL, attempt: Attempt): Promise<Finding> {
  const { method, path, headers, preface, opened } = attempt;
  return new Promise((resolve) => {
    const settle = (answer: string, body = ''): void => {
      clearTimeout(timer);
      resolve({ attempt, answer, isOpen: opened.test(`${answer}\n${body}`) });
    };
    const asked = request({
      method,
      path: `${url.pathname.replace(/\/$/, '')}${path}`,
      headers: { ...headers, ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}) },
      createConnection: () => dial(url, preface),
    });
    const timer = setTimeout(() => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    asked.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < maxBodyChars) body += chunk;
      });
      response.on('close', () => settle(`HTTP ${response.statusCode}`, body));
    });
    asked.on('error', (error) => settle(readThrown(error).code || error.message));
    asked.end(method === 'POST' ? '{}' : undefined);
  });
}

/** The preface goes before TLS, as a proxy sends it. */
function dial({ protocol, hostname, port }: URL, preface: Uint8Array): Socket {
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect(Number(port) || (isTls ? 443 : 80), host);
  if (preface.length > 0) socket.write(preface);
  // Whose certificate it is does not matter: nothing secret is said.
  return isTls ? connectTls({ socket, servername: host, rejectUnauthorized: false }) : socket;
}

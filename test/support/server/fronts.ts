/** Real proxies before a server: nginx, HAProxy and Caddy as the documents set them, or as one would without reading them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.js';
import { type Child, startChild } from './child.js';
import { freePort, takesConnections } from './free-port.js';

export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a proxy before the server at this port of 127.0.0.1. */
export type StartFront = (serverPort: number) => Promise<Front>;
/** The same before the nodes of a cluster. */
export type StartBalancer = (nodePorts: readonly number[]) => Promise<Front>;

/** The example of this language in a document, whose ports are those of the test. */
function example(
  document: 'proxies' | 'cluster',
  language: 'nginx' | 'haproxy' | 'caddy',
  [serverPort = 0, ...others]: readonly number[],
  port: number,
): string {
  const text = readFileSync(`.github/docs/${document}.md`, 'utf8');
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`docs/${document}.md has no example of ${language}`);
  return [serverPort, ...others]
    .reduce((all, nodePort, n) => all.replaceAll(`10.0.0.${n + 1}:8081`, `127.0.0.1:${nodePort}`), found)
    .replace('127.0.0.1:8081', `127.0.0.1:${serverPort}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('bind :80', `bind 127.0.0.1:${port}`)
    .replace('play.example.org {', `http://:${port} {`);
}

const bareNginx = (httpVersion: string) => (serverPort: number, port: number) =>
  `server { listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${serverPort}; ${httpVersion === '' ? '' : `proxy_http_version ${httpVersion};`} } }`;

export const documentedNginx: StartFront = startNginx((serverPort, port) =>
  example('proxies', 'nginx', [serverPort], port),
);
export const documentedHaproxy: StartFront = startHaproxy((serverPort, port) =>
  example('proxies', 'haproxy', [serverPort], port),
);
export const documentedCaddy: StartFront = startCaddy((serverPort, port) =>
  example('proxies', 'caddy', [serverPort], port),
);
export const balancingNginx: StartBalancer = (ports) =>
  startNginx((_, port) => example('cluster', 'nginx', ports, port))(0);
export const balancingHaproxy: StartBalancer = (ports) =>
  startHaproxy((_, port) => example('cluster', 'haproxy', ports, port))(0);
/** TCP with a PROXY protocol preface: uWebSockets.js answers some of its connections with 505 (docs/proxies.md). */
export const proxyProtocolRelay: StartFront = startHaproxy(
  (serverPort, port) => `defaults
  mode tcp
  timeout connect 5s
  timeout client 120s
  timeout server 120s
frontend web
  bind 127.0.0.1:${port}
  default_backend sluice
backend sluice
  server sluice 127.0.0.1:${serverPort} send-proxy-v2
`,
);
/** One line, `proxy_pass`, and the protocol that it takes by itself: HTTP/1.0. */
export const plainNginx: StartFront = startNginx(bareNginx(''));
export const plainNginx11: StartFront = startNginx(bareNginx('1.1'));

/** Passes bytes on, and says nothing. */
export const tcpRelay: StartFront = async (serverPort) => {
  const server = createServer((client) => {
    const onward = connect(serverPort, '127.0.0.1');
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, stop: () => new Promise((resolve) => server.close(() => resolve())) };
};

function startNginx(servers: (serverPort: number, port: number) => string): StartFront {
  return startFront((folder, port, serverPort) => {
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events { worker_connections 512; }
      http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
        uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
        ${servers(serverPort, port)} }`,
    );
    return startChild('nginx', ['-p', folder, '-c', file, '-e', `${folder}/error.log`]);
  });
}

function startHaproxy(sections: (serverPort: number, port: number) => string): StartFront {
  return startFront((folder, port, serverPort) => {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, sections(serverPort, port));
    return startChild('haproxy', ['-f', file, '-db']);
  });
}

function startCaddy(sites: (serverPort: number, port: number) => string): StartFront {
  return startFront((folder, port, serverPort) => {
    const file = join(folder, 'Caddyfile');
    writeFileSync(
      file,
      `{\n admin off\n auto_https off\n default_bind 127.0.0.1\n storage file_system ${folder}\n}\n${sites(serverPort, port)}`,
    );
    return startChild('env', [`XDG_CONFIG_HOME=${folder}`, 'caddy', 'run', '--config', file, '--adapter', 'caddyfile']);
  });
}

function startFront(start: (folder: string, port: number, serverPort: number) => Promise<Child>): StartFront {
  return async (serverPort) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-front-'));
    const port = await freePort();
    const child = await start(folder, port, serverPort);
    await until('the proxy takes connections', () => takesConnections(port));
    return {
      port,
      async stop() {
        await child.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };
}

/** Comlink ships the types of its adapter beside it, under a name that module resolution does not look for. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { MessagePort } from 'node:worker_threads';
  import type { Endpoint } from 'comlink';

  export default function nodeEndpoint(port: MessagePort): Endpoint;
}

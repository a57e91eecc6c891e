/**
 * The sockets of those who play one stream, on one app. Each message is handed to uWebSockets.js once for all of them (publish). A
 * socket that does not keep up is left out, and goes on where a player may begin.
 */

export interface FollowerSocket {
  getBufferedAmount(): number;
  subscribe(topic: string): unknown;
  unsubscribe(topic: string): unknown;
}

export class Followers<Socket extends FollowerSocket> {
  readonly #topic: string;
  readonly #sockets = new Set<Socket>();
  /** They are sent nothing before the next place to begin. */
  readonly #waiting = new Set<Socket>();
  /** By the topic, so far. */
  #publishedBytes = 0;
  /** Of each: what it was sent by itself, less what had been published before it followed, so far. */
  readonly #ownBytes = new Map<Socket, number>();

  constructor(topic: string) {
    this.#topic = topic;
  }

  get all(): readonly Socket[] {
    return [...this.#sockets];
  }

  get size(): number {
    return this.#sockets.size;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** So much was published. */
  published(bytes: number): void {
    this.#publishedBytes += bytes;
  }

  /** So much was sent to this one alone. */
  sentAlone(socket: Socket, bytes: number): void {
    this.#ownBytes.set(socket, (this.#ownBytes.get(socket) ?? 0) + bytes);
  }

  /** What it was sent, so far. */
  bytesTo(socket: Socket): number {
    const isFollowing = this.#sockets.has(socket) && !this.#waiting.has(socket);
    return (this.#ownBytes.get(socket) ?? 0) + (isFollowing ? this.#publishedBytes : 0);
  }

  /** `begin` sends what a player needs first; false: that cannot be now. */
  add(socket: Socket, begin: (socket: Socket) => boolean): void {
    this.#sockets.add(socket);
    this.#begin(socket, begin);
  }

  remove(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#waiting.delete(socket);
    this.#ownBytes.delete(socket);
  }

  /** It was, or would be, sent less than the others. False: it waits already, or is not there. */
  fellBehind(socket: Socket): boolean {
    if (!this.#sockets.has(socket) || this.#waiting.has(socket)) return false;
    this.#waiting.add(socket);
    this.sentAlone(socket, this.#publishedBytes);
    // uWebSockets.js may be among the subscribers of the topic just now: without the turn the process is gone (SIGSEGV, seen).
    setImmediate(() => this.#waiting.has(socket) && socket.unsubscribe(this.#topic));
    return true;
  }

  /** Here is a place to begin, for those that wait and have taken all that they were sent. */
  beginWaiting(begin: (socket: Socket) => boolean): void {
    for (const socket of [...this.#waiting]) if (socket.getBufferedAmount() === 0) this.#begin(socket, begin);
  }

  #begin(socket: Socket, begin: (socket: Socket) => boolean): void {
    if (begin(socket)) {
      this.#waiting.delete(socket);
      this.sentAlone(socket, -this.#publishedBytes);
      socket.subscribe(this.#topic);
    } else this.#waiting.add(socket);
  }
}

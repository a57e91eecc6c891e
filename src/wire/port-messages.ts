import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

/** Handles now what was posted to a port so far: of two ports of a thread nothing says which one is read first. */
export function readMessages<Message>(port: MessagePort, receive: (message: Message) => void): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    receive(next.message);
  }
}

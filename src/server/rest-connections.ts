/**
 * WCS's REST calls for signalling sessions: /rest-api/connection/{find,find_all,terminate,set_log_level}, /data/send and
 * /stream/event/send.
 */
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { type Handle, type HttpReply, jsonReply } from './http.js';
import { readConnectionFilter, readDataToSend, readEventToSend, readSessionId } from './rest-body.js';
import type { Connection, Connections } from './wcs.js';

const done: HttpReply = { status: 200 };

interface RestConnections {
  readonly find: Handle;
  readonly findAll: Handle;
  readonly terminate: Handle;
  readonly setLogLevel: Handle;
  readonly sendData: Handle;
  readonly sendEvent: Handle;
}

export function createRestConnections(connections: Connections, streams: Streams): RestConnections {
  const bySession = (sessionId: string): Connection => {
    const found = connections.list().find(({ fields }) => fields.sessionId === sessionId);
    if (found === undefined) throw new SluiceError('session.notFound');
    return found;
  };
  const listed = (found: readonly Connection[]): HttpReply => {
    if (found.length === 0) throw new SluiceError('session.notFound');
    return jsonReply(found.map(({ fields }) => fields));
  };

  return {
    find(request, body) {
      const filter = Object.entries(readConnectionFilter(request, body)).filter(([, value]) => value !== undefined);
      return listed(connections.list().filter(({ fields }) => filter.every(([name, value]) => fields[name] === value)));
    },
    findAll: () => listed(connections.list()),
    terminate(request, body) {
      bySession(readSessionId(request, body)).close();
      return done;
    },
    // There is one level for the whole server (log.level): the call is taken, and changes nothing.
    setLogLevel(request, body) {
      bySession(readSessionId(request, body));
      return done;
    },
    sendData(request, body) {
      const { sessionIds, operationId, payload } = readDataToSend(request, body);
      // All are looked up first: either everybody gets it, or nobody.
      for (const { send } of sessionIds.map(bySession)) send({ operationId, payload });
      return done;
    },
    async sendEvent(request, body) {
      const { streamName, payload } = readEventToSend(request, body);
      await streams.sendEvent(streamName, payload);
      return done;
    },
  };
}

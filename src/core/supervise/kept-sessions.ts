/** What is kept of the sessions of a thread, so that another one can go on with them when it dies: by the port that they use. */

export interface KeptSession {
  readonly viewerId: string;
  readonly portId: string;
}

export interface KeptPort {
  readonly id: string;
}

/** A port, and the sessions at it. */
export interface Kept<Port, Session> {
  readonly port: Port;
  readonly sessions: readonly Session[];
}

export interface KeptSessions<Port, Session> {
  opened(port: Port): void;
  closed(port: Port): void;
  /** As it is now; null: no other thread could go on with it. */
  keep(viewerId: string, session: Session | null): void;
  /** It has ended. */
  forget(viewerId: string): void;
  has(viewerId: string): boolean;
  /** In the order in which the ports were opened. */
  readonly all: readonly Kept<Port, Session>[];
}

export function createKeptSessions<Port extends KeptPort, Session extends KeptSession>(): KeptSessions<Port, Session> {
  const ports = new Map<string, Port>();
  const sessions = new Map<string, Session>();

  const isServed = ({ portId }: Session): boolean => ports.has(portId);

  return {
    opened: (port) => ports.set(port.id, port),
    closed: ({ id }) => ports.delete(id),
    keep(viewerId, session) {
      if (session === null) sessions.delete(viewerId);
      else sessions.set(viewerId, session);
    },
    forget: (viewerId) => sessions.delete(viewerId),
    has(viewerId) {
      const session = sessions.get(viewerId);
      return session !== undefined && isServed(session);
    },
    get all() {
      const kept = [...sessions.values()];
      return [...ports.values()].map((port) => ({
        port,
        sessions: kept.filter((session) => session.portId === port.id),
      }));
    },
  };
}

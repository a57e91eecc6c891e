import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP relay between viewers and a media port. */
export interface MediaRelay {
  readonly port: number;
  close(): void;
}

/** `pass` is handed each datagram of media on its way to a viewer, and what sends it on. */
export async function openMediaRelay(
  address: string,
  mediaPort: number,
  pass: (datagram: Buffer, send: () => void) => void,
): Promise<MediaRelay> {
  const front = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  /** One socket for each of a viewer's addresses, so that the media port can tell them apart. */
  const backs = new Map<number, Socket>();
  let isOpen = true;

  const openBack = (viewerPort: number): Socket => {
    const back = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
    back.bind(0, address);
    back.on('message', (datagram) => {
      const send = (): void => {
        if (isOpen) front.send(datagram, viewerPort, address);
      };
      if ((datagram[0] ?? 0) >= 128) pass(datagram, send);
      else send();
    });
    backs.set(viewerPort, back);
    return back;
  };

  front.on('message', (datagram, from) => {
    (backs.get(from.port) ?? openBack(from.port)).send(datagram, mediaPort, address);
  });
  front.bind(0, address);
  await once(front, 'listening');
  return {
    port: front.address().port,
    close() {
      isOpen = false;
      front.close();
      for (const back of backs.values()) back.close();
    },
  };
}

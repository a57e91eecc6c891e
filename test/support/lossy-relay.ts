import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP relay between viewers and a media port, which loses every `nth` packet of media on its way to the viewer. */
export interface LossyRelay {
  readonly port: number;
  close(): void;
}

export async function openLossyRelay(address: string, mediaPort: number, nth: number): Promise<LossyRelay> {
  const front = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  /** One socket for each of a viewer's addresses, so that the media port can tell them apart. */
  const backs = new Map<number, Socket>();
  let media = 0;

  const openBack = (viewerPort: number): Socket => {
    const back = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
    back.bind(0, address);
    back.on('message', (datagram) => {
      if ((datagram[0] ?? 0) >= 128) {
        media += 1;
        if (media % nth === 0) return;
      }
      front.send(datagram, viewerPort, address);
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
      front.close();
      for (const back of backs.values()) back.close();
    },
  };
}

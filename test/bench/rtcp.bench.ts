/** What it costs to open and to read an RTCP packet of a viewer: `npm run bench -- rtcp`. No socket: datagrams go nowhere. */
import { SessionNumbers } from '../../actors/fanout/session-numbers.js';
import { createReceiver } from '../../actors/transport/choose-receiver.js';
import { createEncodings } from '../../actors/viewers/encodings.js';
import { DepartedTotals } from '../../actors/viewers/sent-totals.js';
import { settingsSchema } from '../../src/config/schema.js';
import { ofEachEncoding } from '../../src/core/codec/audio-encoding.js';
import { createRtpHistory } from '../../src/core/rtp/rtp-history.js';
import { createSrtpSender } from '../../src/core/srtp/srtp.js';
import { writeNack, writeReport } from '../support/rtp/rtcp-writer.js';
import { randomSrtpKeys } from '../support/rtp/rtp-receiver.js';
import { printTable, quantile, writeResult } from './report.js';

const viewers = 500;
/** Of each viewer; the first rounds warm up. */
const rounds = 60;
const measuredFrom = 20;
const videoSsrc = 0x2222;

const history = () => createRtpHistory({ maxBytes: 1_048_576, maxPackets: 1024 });

/** Microseconds of CPU a packet in each round, sorted. */
function measure(fanout: 'js' | 'native', packetOf: (round: number) => Buffer): readonly number[] {
  const encodings = createEncodings({
    histories: { ...ofEachEncoding(history), video: history() },
    nowMs: () => performance.now(),
    wallMs: Date.now,
    rtpTimeAt: () => null,
    catchUp: 'gop',
    fanout,
    media: settingsSchema.parse({}).media,
    hasRoom: () => true,
    openRendition: () => {
      throw new Error('nobody asks for a rendition');
    },
    sourceBps: () => null,
    departed: new DepartedTotals(),
    log: () => {},
  });
  const receiver = createReceiver(fanout);
  const senders = Array.from({ length: viewers }, () => {
    const numbers = new SessionNumbers();
    const keys = randomSrtpKeys('AEAD_AES_128_GCM');
    const video = { ssrc: videoSsrc, payloadType: 102, rtx: null };
    const delivery = encodings.join(
      {
        keys,
        numbers,
        send: () => true,
        route: () => null,
        audio: null,
        video,
        twccId: null,
        onTooSlow: () => {},
        onUndecoded: () => {},
        standing: null,
      },
      { kind: 'source' },
      'Opus',
    );
    const received = { onCheck: () => {}, onRtcp: () => {} };
    const rtcp = receiver.openRtcp(keys, numbers.rtcpSources, received);
    return { delivery, rtcp, srtcp: createSrtpSender(keys.profile, keys.remoteKey, keys.remoteSalt) };
  });
  const costsUs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const packet = packetOf(round);
    const sealed = senders.map(({ srtcp, ...to }) => ({ ...to, datagram: srtcp.protectRtcp(packet, round) }));
    receiver.settle();
    const startNs = process.hrtime.bigint();
    for (const { delivery, rtcp, datagram } of sealed) {
      const opened = rtcp.open(datagram);
      if (opened !== null) delivery.receiveRtcp(opened, 0);
    }
    const tookNs = Number(process.hrtime.bigint() - startNs);
    if (round > measuredFrom) costsUs.push(tookNs / 1000 / viewers);
  }
  encodings.close();
  return costsUs.toSorted((a, b) => a - b);
}

const kinds = {
  'receiver report and REMB': (round: number) => writeReport(videoSsrc, round),
  'NACK of what was never sent': (round: number) => writeNack(videoSsrc, round),
};
const rows = (['native', 'js'] as const).flatMap((fanout) =>
  Object.entries(kinds).map(([kind, packetOf]) => ({ fanout, kind, costsUs: measure(fanout, packetOf) })),
);
printTable(
  `RTCP of ${viewers} viewers: microseconds a packet`,
  rows.map(({ fanout, kind, costsUs }) => ({
    fanout,
    kind,
    p10: quantile(costsUs, 0.1).toFixed(2),
    p50: quantile(costsUs, 0.5).toFixed(2),
  })),
);
writeResult('rtcp', {
  rows: rows.map(({ fanout, kind, costsUs }) => ({ fanout, kind, p50Us: quantile(costsUs, 0.5) })),
});
process.exit(0);

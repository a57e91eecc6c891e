/** Chromium's offer with names of its own, and what a viewer needs of the answer. */
import { randomBytes } from 'node:crypto';
import type { DtlsCertificate } from '../../../actors/contract.js';
import { chromiumOffer } from '../viewer/offers.js';

export interface WhepOffer {
  readonly sdp: string;
  readonly ufrag: string;
}

export function offerOf({ fingerprint }: DtlsCertificate): WhepOffer {
  const ufrag = randomBytes(3).toString('base64');
  const sdp = chromiumOffer
    .replace(/^(a=ice-ufrag:).*$/gm, `$1${ufrag}`)
    .replace(/^(a=fingerprint:sha-256 ).*$/gm, `$1${fingerprint}`)
    .replace(/\r?\n/g, '\r\n');
  return { sdp, ufrag };
}

export interface WhepAnswer {
  /** Of UDP on 127.0.0.1. */
  readonly port: number;
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: string;
  readonly videoType: number;
  readonly audioType: number;
}

export function answerOf(sdp: string): WhepAnswer {
  const line = (pattern: RegExp): string => {
    const found = pattern.exec(sdp)?.[1];
    if (found === undefined) throw new Error(`${pattern} in ${sdp}`);
    return found;
  };
  return {
    port: Number(line(/^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/im)),
    iceUfrag: line(/^a=ice-ufrag:(\S+)/m),
    icePwd: line(/^a=ice-pwd:(\S+)/m),
    fingerprint: line(/^a=fingerprint:sha-256 (\S+)/m),
    videoType: Number(line(/^m=video \d+ \S+ (\d+)/m)),
    audioType: Number(line(/^m=audio \d+ \S+ (\d+)/m)),
  };
}

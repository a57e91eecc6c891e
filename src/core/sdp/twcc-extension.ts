/** The header extension that numbers all packets of a transport (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
import type { ServedMedia } from './answer-choice.js';

export const twccExtensionUri = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
export const twccFeedback = 'transport-cc';

/** One-byte form of RFC 8285 4.2. */
const maxId = 14;

/**
 * Its number, as the offer has it; null: not agreed. All that is sent must carry it, or what a viewer reports is not what
 * it got: so each m-line on which we send must offer it, under one number, and feedback with it.
 */
export function agreeOnTwcc(served: readonly ServedMedia[]): number | null {
  const sending = served.filter(({ isSilent }) => !isSilent);
  const [id, ...others] = new Set(sending.map(({ media }) => media.extensions[twccExtensionUri] ?? null));
  if (id === undefined || id === null || id > maxId || others.length > 0) return null;
  const isOffered = sending.every(({ types }) => types[0].offered.feedback.includes(twccFeedback));
  return isOffered ? id : null;
}

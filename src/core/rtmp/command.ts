/** Command and data messages: a name, and values (RTMP 1.0 7.1.1, 7.1.2, 7.2). */

import type { AmfValue } from '../amf/amf-value.js';
import { decodeAmf0, decodeLeadingAmf0, encodeAmf0 } from '../amf/amf0.js';
import { WireError } from '../bytes/wire-error.js';
import { type Message, messageTypes } from './message.js';

export type { AmfObject, AmfValue } from '../amf/amf-value.js';

export interface Command {
  readonly name: string;
  /** 0 when no answer is wanted. */
  readonly transactionId: number;
  /** The command object first (null in most), then what belongs to the command. */
  readonly args: readonly AmfValue[];
}

export interface DataEvent {
  /** "onMetaData", "onTextData", "|RtmpSampleAccess" ... */
  readonly name: string;
  readonly values: readonly AmfValue[];
}

/**
 * A message of type commandAmf0 or commandAmf3. Servers leave the transaction id out, and have bytes behind the values that are no
 * AMF: what comes before them counts. Error: WireError, where there is no name.
 */
export function decodeCommand(message: Message): Command {
  const [name, second = 0, ...others] = decodeLeadingAmf0(amf0Of(message));
  if (typeof name !== 'string') throw new WireError('rtmp.command', 'a command without a name');
  if (typeof second === 'number') return { name, transactionId: second, args: others };
  return { name, transactionId: 0, args: [second, ...others] };
}

/** Body of a message of type commandAmf0. */
export function encodeCommand(name: string, transactionId: number, ...args: readonly AmfValue[]): Uint8Array {
  return encodeAmf0(name, transactionId, ...args);
}

/** A message of type dataAmf0 or dataAmf3; the publisher's "@setDataFrame" before the name is left out. Error: WireError. */
export function decodeData(message: Message): DataEvent {
  const decoded = decodeAmf0(amf0Of(message));
  const [name, ...values] = decoded[0] === '@setDataFrame' ? decoded.slice(1) : decoded;
  if (typeof name !== 'string') throw new WireError('rtmp.data', 'data without a name');
  return { name, values };
}

/** The AMF3 types start with a format byte, 0: AMF0 follows, in which values may switch to AMF3. */
function amf0Of({ typeId, body }: Message): Uint8Array {
  const isAmf3 = typeId === messageTypes.commandAmf3 || typeId === messageTypes.dataAmf3;
  // A string marker there shows a peer that leaves the format out.
  return isAmf3 && body[0] === 0 ? body.subarray(1) : body;
}

/** One viewer's DTLS once it is connected: alerts, here or in a thread that has taken the session over. */
import { type AlertKeys, closeNotify, openAlert, sealCloseNotify } from '../../src/core/dtls/alert.js';
import { contentType, type DtlsRecord, readRecords } from '../../src/core/dtls/record.js';
import type { ErrorCode } from '../../src/errors.js';

export interface ConnectedDtlsOptions {
  readonly keys: AlertKeys;
  readonly send: (datagram: Uint8Array) => void;
  /** `detail` is for the log. */
  readonly onFailed: (code: ErrorCode, detail: string) => void;
  /** The peer sent close_notify. */
  readonly onClosed: () => void;
}

export interface ConnectedDtls {
  receive(datagram: Uint8Array): void;
  /** There is nothing left to let go of. */
  settled(): void;
  /** An alert of the peer, encrypted. */
  take(record: DtlsRecord): void;
  /** Sends close_notify. */
  close(): void;
}

export function createConnectedDtls({ keys, send, onFailed, onClosed }: ConnectedDtlsOptions): ConnectedDtls {
  let isOver = false;

  const take = (record: DtlsRecord): void => {
    const alert = isOver ? null : openAlert(keys, record);
    if (alert === null) return;
    isOver = alert.isFatal || alert.description === closeNotify;
    if (alert.description === closeNotify) onClosed();
    else if (alert.isFatal) onFailed('viewer.dtls', `alert ${alert.description} of the client`);
  };

  return {
    take,
    settled: () => {},
    receive(datagram) {
      for (const record of readRecords(datagram)) {
        if (record.epoch === 1 && record.type === contentType.alert) take(record);
      }
    },
    close() {
      if (isOver) return;
      isOver = true;
      send(sealCloseNotify(keys));
    },
  };
}
